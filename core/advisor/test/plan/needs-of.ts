import { checkNeeds, type Needs } from "../../src/index.ts";

/** Needs as a file would say them; what is wrong with them fails the test. */
export function needsOf(document: Readonly<Record<string, unknown>>): Needs {
  const checked = checkNeeds(document);
  if (!checked.ok) throw new Error(checked.problems.map(({ path, message }) => `${path.join(".")}: ${message}`).join("\n"));
  return checked.needs;
}

/** The shared-services cluster of 180 nodes whose /22 was full: nodes had CPU to spare, one workload needed a security group of its own. */
export const FULL_VPC = {
  name: "payments",
  nodes: 180,
  pods: { total: 4_860 },
  podsPerNodeByCompute: 106,
  instanceTypes: ["m5.large"],
  growth: { perYear: "10%" },
  months: 12,
  space: { routable: ["10.20.0.0/22"] },
  newCluster: false,
  isolatedPods: 12,
};
