import { cidr4, cidr4Contains, cidr4Overlaps, formatCidr4 } from "@slash28/address";
import { limitsOf } from "@slash28/limits";
import { clusterFileSchema, type ClusterFile } from "./schema.ts";

/** One thing wrong with a cluster file: where, as a path into the document, and what to do about it. */
export interface ClusterFileProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

export type CheckedClusterFile =
  | { readonly ok: true; readonly file: ClusterFile }
  | { readonly ok: false; readonly problems: readonly ClusterFileProblem[] };

/** Checks a parsed document: its shape first, then what the shape cannot say (ranges inside the VPC, known types, zones with subnets). */
export function checkClusterFile(document: unknown): CheckedClusterFile {
  const shaped = clusterFileSchema.safeParse(document ?? {});
  if (!shaped.success) {
    return { ok: false, problems: shaped.error.issues.map((issue) => ({ path: issue.path.filter(isKey), message: issue.message })) };
  }
  const problems = [...subnetProblems(shaped.data), ...kindProblems(shaped.data), ...nodeGroupProblems(shaped.data)];
  return problems.length > 0 ? { ok: false, problems } : { ok: true, file: shaped.data };
}

function subnetProblems(file: ClusterFile): ClusterFileProblem[] {
  const ranges = file.vpc.cidrs.map(cidr4);
  const subnets = file.vpc.subnets.map((subnet) => cidr4(subnet.cidr));
  return subnets.flatMap((subnet, index) => {
    const path = ["vpc", "subnets", index, "cidr"];
    const text = formatCidr4(subnet);
    const twin = subnets.findIndex((other, at) => at < index && cidr4Overlaps(other, subnet));
    const problems: ClusterFileProblem[] = [];
    if (subnet.length < 16 || subnet.length > 28) problems.push({ path, message: `${text}: EC2 allows subnets from /16 to /28` });
    if (!ranges.some((range) => cidr4Contains(range, subnet)))
      problems.push({ path, message: `${text} lies in no CIDR of the VPC (${file.vpc.cidrs.join(", ")})` });
    if (twin >= 0) problems.push({ path, message: `${text} overlaps vpc.subnets[${twin}]` });
    if (!subnetZoneFits(file, index))
      problems.push({
        path: ["vpc", "subnets", index, "zone"],
        message: `zone ${file.vpc.subnets[index]?.zone} is not in Region ${file.region}`,
      });
    return problems;
  });
}

/** A NAT gateway stands in a public subnet, and there are five Elastic IPs. */
function kindProblems({ vpc: { subnets } }: ClusterFile): ClusterFileProblem[] {
  const first = subnets.findIndex(({ kind }) => kind === "private");
  if (first < 0) return [];
  if (subnets.every(({ kind }) => kind === "private")) {
    return [{ path: ["vpc", "subnets", first, "kind"], message: "a private subnet needs a public one for its NAT gateway" }];
  }
  const zones = new Set(subnets.filter(({ kind }) => kind === "private").map(({ zone }) => zone));
  return zones.size > NAT_ZONES_MAX
    ? [
        {
          path: ["vpc", "subnets"],
          message: `private subnets in more than ${NAT_ZONES_MAX} zones need more Elastic IPs than an account has`,
        },
      ]
    : [];
}

const NAT_ZONES_MAX = 5;

function subnetZoneFits(file: ClusterFile, index: number): boolean {
  const zone = file.vpc.subnets[index]?.zone ?? "";
  return zone.startsWith(file.region) && /^[a-z]$/.test(zone.slice(file.region.length));
}

function nodeGroupProblems(file: ClusterFile): ClusterFileProblem[] {
  const zones = new Set(file.vpc.subnets.map((subnet) => subnet.zone));
  return file.nodeGroups.flatMap((group, index) => {
    const at = (field: string | number, ...rest: (string | number)[]): (string | number)[] => ["nodeGroups", index, field, ...rest];
    const problems: ClusterFileProblem[] = [];
    if (limitsOf(group.instanceType) === undefined)
      problems.push({ path: at("instanceType"), message: `${group.instanceType} is not an EC2 instance type known here` });
    if (file.nodeGroups.findIndex((other) => other.name === group.name) < index)
      problems.push({ path: at("name"), message: `node group ${group.name} stands twice` });
    for (const [place, zone] of (group.zones ?? []).entries()) {
      if (!zones.has(zone)) problems.push({ path: at("zones", place), message: `zone ${zone} has no subnet in vpc.subnets` });
    }
    return problems;
  });
}

function isKey(key: PropertyKey): key is string | number {
  return typeof key !== "symbol";
}
