import type { ClusterFileInput } from "./schema.ts";

/** The cluster of someone who names none: a /16, a subnet in each of two zones, three m5.large. */
export function defaultCluster(options: { readonly nodes?: number; readonly instanceType?: string } = {}): ClusterFileInput {
  return {
    name: "slash28",
    region: "us-east-1",
    vpc: {
      cidrs: ["10.0.0.0/16"],
      subnets: [
        { name: "nodes-a", zone: "us-east-1a", cidr: "10.0.0.0/20" },
        { name: "nodes-b", zone: "us-east-1b", cidr: "10.0.16.0/20" },
      ],
    },
    nodeGroups: [{ name: "default", instanceType: options.instanceType ?? "m5.large", nodes: options.nodes ?? 3 }],
    vpcCni: { env: {} },
  };
}
