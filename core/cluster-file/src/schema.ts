import { z } from "zod";
import { cidr, envValue, name } from "./schema/basics.ts";
import { change } from "./schema/changes.ts";
import { nodeGroup } from "./schema/node-group.ts";
import { subnet } from "./schema/subnet.ts";
import { workload } from "./schema/workload.ts";

/** What a simulation makes of EC2. */
const simulation = z.strictObject({
  throttling: z.boolean().default(true).describe("Whether requests draw on the account's token buckets."),
  latency: z.enum(["typical", "none"]).default("typical").describe("How long EC2 takes: as users measured it, or no time at all."),
  seed: z.int().min(0).default(1),
});

/** Quotas of the account, where they are not AWS's own. */
const quotas = z.strictObject({
  networkInterfaces: z.int().min(1).default(5_000).describe("Network interfaces per Region (L-DF5E4CA3)."),
});

/** cluster.yaml: one description of a cluster and its network, read by every command that needs one. */
export const clusterFileSchema = z.strictObject({
  apiVersion: z.literal("slash28.dev/v1alpha1").default("slash28.dev/v1alpha1"),
  kind: z.literal("Cluster").default("Cluster"),
  name: name.default("slash28"),
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, "must be an AWS Region such as us-east-1")
    .default("us-east-1"),
  ipFamily: z
    .enum(["ipv4", "ipv6"])
    .default("ipv4")
    .describe(
      "Of pods and services, for the cluster's life. ipv6: each node has a /80 for its pods, and no warm setting counts. Simulations and plans know it; a lab refuses it, since its agent gives pods IPv4 alone.",
    ),
  vpc: z.strictObject({
    cidrs: z.array(cidr).min(1).max(5).default(["10.0.0.0/16"]),
    ipv6: z.boolean().default(false).describe("Gives the VPC a block of IPv6 addresses, and each subnet a /64 of it."),
    subnets: z.array(subnet).min(1),
  }),
  nodeGroups: z.array(nodeGroup).min(1),
  clusterDns: z
    .strictObject({
      /** Without it pods get the VPC's resolver, and no pod of the system takes an address of the VPC. */
      enabled: z.boolean().default(true),
      replicas: z.int().min(0).max(20).default(2),
    })
    .prefault({})
    .describe("CoreDNS behind the Service kube-dns, as every EKS cluster has it."),
  vpcCni: z.strictObject({ env: z.record(z.string(), envValue).default({}) }).prefault({}),
  eniConfigs: z
    .record(z.string(), name)
    .optional()
    .describe(
      "Zone → name of the subnet in which new ENIs of that zone's nodes are made: an ENIConfig for each, read with custom networking.",
    ),
  workload: workload.prefault({}),
  changes: z.array(change).default([]),
  simulation: simulation.prefault({}),
  quotas: quotas.prefault({}),
});

/** A checked cluster file. */
export type ClusterFile = z.output<typeof clusterFileSchema>;

/** A cluster file as written. */
export type ClusterFileInput = z.input<typeof clusterFileSchema>;

export type ClusterSubnet = ClusterFile["vpc"]["subnets"][number];
export type ClusterNodeGroup = ClusterFile["nodeGroups"][number];
export type ClusterChange = ClusterFile["changes"][number];
export type ClusterShape = ClusterFile["workload"]["shapes"][number];

/** The JSON Schema of the file, for editors. */
export function clusterFileJsonSchema(): object {
  return z.toJSONSchema(clusterFileSchema, { io: "input", unrepresentable: "any" });
}
