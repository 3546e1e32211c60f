import { cidr4 } from "@slash28/address";
import { cidrSchema, nameSchema, problemsOfIssue, shapeError, type ClusterFileProblem } from "@slash28/cluster-file";
import { limitsOf, parseCniVersion } from "@slash28/limits";
import { nearestName } from "@slash28/ipam";
import { instanceTypes } from "@slash28/limits";
import { z } from "zod";
import type { Needs } from "./needs.ts";

/** The newest VPC CNI whose rules are known here. */
const CNI_VERSION = "1.20.4";

const percent = z.string().regex(/^\d{1,3}(\.\d+)?%$/, "must be a share such as 10%");

/** needs.yaml: what `slash28 plan` starts from. */
export const needsSchema = z.strictObject({
  apiVersion: z.literal("slash28.dev/v1alpha1").default("slash28.dev/v1alpha1"),
  kind: z.literal("Needs").default("Needs"),
  /** Of the cluster. */
  name: nameSchema.default("slash28"),
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, "must be an AWS Region such as us-east-1")
    .default("us-east-1"),
  /** Two at least; absent, a, b and c of the Region. */
  zones: z.array(z.string()).min(2, "must be two zones or more: EKS wants subnets of two").max(6).optional(),
  /** Nodes that CPU and memory need today. */
  nodes: z.int().min(1).max(100_000),
  /** Pods with an address of their own, today: in all, or on each node. DaemonSets' are not among them. */
  pods: z.union([z.strictObject({ total: z.int().min(1).max(10_000_000) }), z.strictObject({ perNode: z.int().min(1).max(1000) })], {
    error: "must be {total: 5000} or {perNode: 30}",
  }),
  /** Pods a node has CPU and memory for: with it the number of nodes follows from the pods. */
  podsPerNodeByCompute: z.int().min(1).max(1000).optional(),
  /** Pods of DaemonSets that every node runs and that take an address. */
  daemonPods: z.int().min(0).max(100).default(0),
  instanceTypes: z.array(z.string().min(1)).min(1).default(["m5.large"]),
  /** Growth of nodes and pods. */
  growth: z
    .union([z.strictObject({ perYear: percent }), z.strictObject({ perMonth: percent })], {
      error: "must be {perYear: 40%} or {perMonth: 3%}",
    })
    .default({ perYear: "0%" }),
  /** How far ahead the subnets must last. */
  months: z.int().min(0).max(120).default(24),
  /** Nodes that an upgrade launches before old ones go. */
  surge: percent.default("10%"),
  /** Kept free over the computed need. */
  headroom: percent.default("20%"),
  space: z
    .strictObject({
      /** Ranges the VPC may have; absent, a free /16. */
      routable: z.array(cidrSchema).min(1).max(5).optional(),
      /** Ranges for pods alone, not routed outside the VPC; absent, a free /16 of 100.64.0.0/10 where it is needed. */
      pods: z.array(cidrSchema).min(1).max(4).optional(),
      /** Ranges of other clusters, peers and on-premises networks. */
      avoid: z.array(cidrSchema).default([]),
    })
    .prefault({}),
  /** How the VPC reaches the internet: NAT gateways in public subnets, nodes in public subnets themselves, or no way at all. */
  internet: z.enum(["nat", "public", "none"]).default("nat"),
  /** Whether all that pods run on and talk to can do with IPv6. */
  ipv6Ready: z.boolean().default(false),
  /** A cluster that exists keeps its address family. */
  newCluster: z.boolean().default(true),
  /** Whether somebody outside the VPC opens connections to pods' own addresses. */
  podsReachedFromOutside: z.boolean().default(false),
  /** Pods with security groups of their own, today. */
  isolatedPods: z.int().min(0).max(1_000_000).default(0),
  cniVersion: z.string().default(CNI_VERSION),
  quotas: z.strictObject({ networkInterfaces: z.int().min(1).default(5_000) }).prefault({}),
});

export type NeedsFile = z.output<typeof needsSchema>;

export type CheckedNeeds =
  | { readonly ok: true; readonly needs: Needs }
  | { readonly ok: false; readonly problems: readonly ClusterFileProblem[] };

/** The JSON Schema of the file, for editors. */
export function needsJsonSchema(): object {
  return z.toJSONSchema(needsSchema, { io: "input", unrepresentable: "any" });
}

/** Checks a parsed document, and fills in what it leaves out. */
export function checkNeeds(document: unknown): CheckedNeeds {
  const shaped = needsSchema.safeParse(document ?? {}, { error: shapeError });
  if (!shaped.success) return { ok: false, problems: shaped.error.issues.flatMap(problemsOfIssue) };
  const problems = [...zoneProblems(shaped.data), ...typeProblems(shaped.data), ...sizeProblems(shaped.data)];
  return problems.length > 0 ? { ok: false, problems } : { ok: true, needs: needsOf(shaped.data) };
}

function needsOf(file: NeedsFile): Needs {
  const { space, pods, nodes, podsPerNodeByCompute } = file;
  return {
    name: file.name,
    region: file.region,
    zones: file.zones ?? ["a", "b", "c"].map((letter) => `${file.region}${letter}`),
    nodes,
    pods: "total" in pods ? pods.total : pods.perNode * nodes,
    ...(podsPerNodeByCompute === undefined ? {} : { podsPerNodeByCompute }),
    daemonPods: file.daemonPods,
    instanceTypes: file.instanceTypes,
    growthPerYear: "perYear" in file.growth ? shareOf(file.growth.perYear) : (1 + shareOf(file.growth.perMonth)) ** 12 - 1,
    months: file.months,
    surge: shareOf(file.surge),
    headroom: shareOf(file.headroom),
    routable: (space.routable ?? []).map(cidr4),
    podRanges: (space.pods ?? []).map(cidr4),
    avoid: space.avoid.map(cidr4),
    internet: file.internet,
    isIpv6Ready: file.ipv6Ready,
    isNewCluster: file.newCluster,
    arePodsReachedFromOutside: file.podsReachedFromOutside,
    isolatedPods: file.isolatedPods,
    cniVersion: file.cniVersion,
    eniQuota: file.quotas.networkInterfaces,
  };
}

function shareOf(text: string): number {
  return Number(text.slice(0, -1)) / 100;
}

function zoneProblems({ zones = [], region }: NeedsFile): ClusterFileProblem[] {
  return zones.flatMap((zone, at) => {
    const path = ["zones", at];
    if (!zone.startsWith(region) || !/^[a-z]$/.test(zone.slice(region.length))) {
      return [{ path, message: `${zone} is not in Region ${region}; its zones are called ${region}a, ${region}b, …` }];
    }
    return zones.indexOf(zone) < at ? [{ path, message: `${zone} stands twice` }] : [];
  });
}

function typeProblems({ instanceTypes: types, cniVersion }: NeedsFile): ClusterFileProblem[] {
  const problems = types.flatMap((type, at): ClusterFileProblem[] => {
    if (limitsOf(type) !== undefined)
      return types.indexOf(type) < at ? [{ path: ["instanceTypes", at], message: `${type} stands twice` }] : [];
    const near = nearestName(type, instanceTypes());
    return [
      { path: ["instanceTypes", at], message: `instance type ${type} is not known${near === undefined ? "" : `; did you mean ${near}?`}` },
    ];
  });
  if (parseCniVersion(cniVersion) !== undefined) return problems;
  return [...problems, { path: ["cniVersion"], message: `${JSON.stringify(cniVersion)} is no version: write it as ${CNI_VERSION}` }];
}

function sizeProblems({ space, pods, isolatedPods, nodes }: NeedsFile): ClusterFileProblem[] {
  const problems: ClusterFileProblem[] = [];
  for (const [field, texts] of [["routable", space.routable ?? []] as const, ["pods", space.pods ?? []] as const]) {
    texts.forEach((text, at) => {
      if (cidr4(text).length > 28)
        problems.push({ path: ["space", field, at], message: `${text} is smaller than a /28, the smallest range a VPC may have` });
    });
  }
  const total = "total" in pods ? pods.total : pods.perNode * nodes;
  if (isolatedPods > total) problems.push({ path: ["isolatedPods"], message: `${isolatedPods} is more than the ${total} pods there are` });
  return problems;
}
