import { basename } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files that take long, the longest first, by their names without endings. */
const LONGEST = [
  "tried-commands",
  "doctor-settings",
  "eks",
  "doctor-addresses",
  "doctor-objects",
  "nodegroups",
  "lab-state",
  "bad-days",
  "custom-networking",
  "full-vpc",
  "kept-second-cluster",
  "second-cluster",
  "lab-faults",
  "soak-kills",
  "pod-identity",
  "bad-clouds",
  "foreign-enis",
  "life-cycle",
  "services",
  "acceptance",
  "aws-cli",
  "simulation",
  "conformance",
  "kubectl",
  "agent",
  "upstream-plugin",
  "pods",
  "fabric",
];

/**
 * The order of files: those that take longest come first, so that the last ones are short and all workers end at about the same time. The others
 * stand as vitest has them.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.toSorted((a, b) => placeOf(a) - placeOf(b));
  }
}

function placeOf({ moduleId }: TestSpecification): number {
  const place = LONGEST.indexOf(basename(moduleId).split(".")[0] ?? "");
  return place === -1 ? LONGEST.length : place;
}
