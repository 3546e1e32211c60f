import { basename } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files that take long, the longest first, by their names without endings. */
const LONGEST = [
  "kept-second-cluster",
  "tried-commands",
  "eks",
  "doctor",
  "doctor-settings",
  "doctor-addresses",
  "nodegroups",
  "bad-days",
  "full-vpc",
  "lab-state",
  "soak-kills",
  "services",
  "acceptance",
  "pod-identity",
  "second-cluster",
  "custom-networking",
  "bad-clouds",
  "foreign-enis",
  "lab-faults",
  "life-cycle",
  "aws-cli",
  "simulation",
  "conformance",
  "kubectl",
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
