import { parseCidr4, parseCidr4Loose } from "@slash28/address";
import { z } from "zod";

const name = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, "must be lower-case letters, digits and '-', at most 63, not starting or ending with '-'");
const tags = z.record(z.string(), z.string()).default({});
const cidr = z.string().superRefine((text, context) => {
  if (parseCidr4(text) !== undefined) return;
  const loose = parseCidr4Loose(text);
  const hint = loose === undefined ? "write it as a.b.c.d/n" : "it has host bits set; the range starts lower";
  context.addIssue({ code: "custom", message: `${JSON.stringify(text)} is not an IPv4 CIDR range: ${hint}` });
});

const subnet = z.strictObject({
  name: name.optional(),
  zone: z.string().min(1),
  cidr,
  /** A private subnet leaves through a NAT gateway of its zone, and its nodes have no public addresses. */
  kind: z.enum(["public", "private"]).default("public"),
  tags,
});

/** The parts of a KubeletConfiguration that a lab's kubelets heed. */
const kubelet = z.strictObject({
  crashLoopBackOff: z
    .strictObject({
      /** The longest wait before a container that ended runs again; kubelet's own is 300 s. Below 10 s it is the first wait, too. */
      maxContainerRestartPeriod: z
        .string()
        .regex(/^([1-9]\d?|[12]\d\d|300)s$/, "must be from 1s to 300s, as kubelet wants it")
        .optional(),
    })
    .prefault({}),
});

const nodeGroup = z.strictObject({
  name,
  instanceType: z.string().min(1),
  nodes: z.int().min(0).max(500),
  /** What kubelet is told; absent, what EKS computes for the type. */
  maxPods: z.int().min(1).max(1000).optional(),
  /** Where its nodes go, in turn; absent, every zone that has a subnet. */
  zones: z.array(z.string()).min(1).optional(),
  labels: z.record(z.string(), z.string()).default({}),
  kubelet: kubelet.optional(),
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
  vpc: z.strictObject({
    cidrs: z.array(cidr).min(1).max(5).default(["10.0.0.0/16"]),
    /** Gives the VPC a block of IPv6 addresses, and each subnet a /64 of it. */
    ipv6: z.boolean().default(false),
    subnets: z.array(subnet).min(1),
  }),
  nodeGroups: z.array(nodeGroup).min(1),
  /** CoreDNS behind the Service kube-dns, as every EKS cluster has it. */
  clusterDns: z
    .strictObject({
      /** Without it pods get the VPC's resolver, and no pod of the system takes an address of the VPC. */
      enabled: z.boolean().default(true),
      replicas: z.int().min(0).max(20).default(2),
    })
    .prefault({}),
  vpcCni: z
    .strictObject({ env: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String)).default({}) })
    .prefault({}),
});

/** A checked cluster file. */
export type ClusterFile = z.output<typeof clusterFileSchema>;

/** A cluster file as written. */
export type ClusterFileInput = z.input<typeof clusterFileSchema>;

/** The JSON Schema of the file, for editors. */
export function clusterFileJsonSchema(): object {
  return z.toJSONSchema(clusterFileSchema, { io: "input", unrepresentable: "any" });
}
