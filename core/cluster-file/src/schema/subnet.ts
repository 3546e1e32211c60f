import { z } from "zod";
import { cidr, name, tags } from "./basics.ts";

const reservation = z.strictObject({
  cidr,
  type: z
    .enum(["prefix", "explicit"])
    .default("prefix")
    .describe("prefix: only prefixes come from it, and they come from it first. explicit: only addresses that are named."),
});

/** Whatever else lives in the subnet: load balancers, databases, other clusters. */
const otherTenants = z.strictObject({
  addresses: z.int().min(0),
  placement: z
    .enum(["scattered", "packed"])
    .default("scattered")
    .describe("At random places all over the subnet, which breaks up its /28 blocks, or one beside the other from its start."),
});

export const subnet = z.strictObject({
  name: name.optional(),
  zone: z.string().min(1),
  cidr,
  kind: z
    .enum(["public", "private"])
    .default("public")
    .describe("A private subnet leaves through a NAT gateway of its zone, and its nodes have no public addresses."),
  for: z
    .enum(["nodes", "pods"])
    .default("nodes")
    .describe("No node is launched in a subnet for pods: an ENIConfig or the tag kubernetes.io/role/cni brings ENIs into it."),
  reservations: z.array(reservation).optional(),
  otherTenants: otherTenants.optional(),
  tags,
});
