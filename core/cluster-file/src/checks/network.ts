import { cidr4, cidr4Overlaps } from "@slash28/address";
import type { ClusterFileProblem } from "../problem.ts";
import type { ClusterFile } from "../schema.ts";
import { subnetProblems, type PlacedSubnet } from "./subnet-ranges.ts";

/** The VPC's ranges, and those subnets that are there from the start. */
export function networkProblems({ region, vpc }: ClusterFile): ClusterFileProblem[] {
  const subnets = vpc.subnets.map((subnet, index): PlacedSubnet => ({ path: ["vpc", "subnets", index], subnet }));
  const problems = [
    ...cidrProblems(vpc.cidrs),
    ...subnets.flatMap((placed, index) => subnetProblems(placed, { region, cidrs: vpc.cidrs, before: subnets.slice(0, index) })),
  ];
  if (vpc.subnets.every((subnet) => subnet.for === "pods"))
    problems.push({ path: ["vpc", "subnets"], message: "no subnet is for nodes: leave `for: pods` away from at least one" });
  return problems;
}

function cidrProblems(cidrs: readonly string[]): ClusterFileProblem[] {
  return cidrs.flatMap((text, index) => {
    const range = cidr4(text);
    const path = ["vpc", "cidrs", index];
    if (range.length < 16 || range.length > 28) return [{ path, message: `${text}: EC2 allows CIDRs of a VPC from /16 to /28` }];
    const twin = cidrs.findIndex((other, at) => at < index && cidr4Overlaps(cidr4(other), range));
    return twin < 0 ? [] : [{ path, message: `${text} overlaps vpc.cidrs[${twin}]` }];
  });
}
