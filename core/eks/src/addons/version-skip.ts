import { minorOf } from "../versions.ts";
import { addonNamed, isCompatible, skippedMinors } from "./catalogue.ts";

/** A change of version that leaps over minor versions. */
export interface VersionSkip {
  /** `v1.19.0` or `v1.19.0-eksbuild.1`, as the cluster has it. */
  readonly from: string;
  /** `v1.22.3-eksbuild.1` */
  readonly to: string;
  /** Minor versions that were left out, in the order of the way: `1.20`. */
  readonly skipped: readonly string[];
  /** The way with no minor version left out: the newest version of each, `to` last. */
  readonly steps: readonly string[];
}

/** Add-ons of which the user guide wants one minor version at a time (EKS User Guide, "Update the Amazon VPC CNI (Amazon EKS add-on)"). */
const ONE_AT_A_TIME: ReadonlySet<string> = new Set(["vpc-cni"]);

/** What a change of an add-on's version leaps over that it should not; EKS carries it out all the same. Undefined for a change as recommended. */
export function versionSkipOf(addonName: string, from: string, to: string, kubernetesVersion: string): VersionSkip | undefined {
  const addon = ONE_AT_A_TIME.has(addonName) ? addonNamed(addonName) : undefined;
  const count = skippedMinors(from, to);
  if (addon === undefined || !(count > 0)) return undefined;
  const direction = minorOf(to) > minorOf(from) ? 1 : -1;
  const minors = Array.from({ length: count }, (_, index) => minorOf(from) + direction * (index + 1));
  const between = minors.flatMap(
    (minor) => addon.versions.find((one) => minorOf(one.name) === minor && isCompatible(one, kubernetesVersion))?.name ?? [],
  );
  return { from, to, skipped: minors.map((minor) => `1.${minor}`), steps: [...between, to] };
}
