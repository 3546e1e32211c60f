import { versionSkipOf, type AddonRecord, type ClusterRecord, type VersionSkip } from "@slash28/eks";
import { recordEvent } from "@slash28/kube";
import type { Clock, Kube, KubeObject, Log } from "@slash28/ports";
import type { Placed } from "../custom-resources.ts";
import type { EventBook } from "../event-book.ts";
import { textOf } from "../failure-text.ts";

const VERSION_LABEL = "app.kubernetes.io/version";
const REASON = "AddonVersionsSkipped";

/** The version that an add-on's workload has in the cluster, whoever put it there; undefined when it is not there or does not say. */
export async function liveVersion(kube: Pick<Kube, "get">, objects: readonly Placed[]): Promise<string | undefined> {
  return (await liveWorkload(kube, objects))?.metadata.labels?.[VERSION_LABEL];
}

export interface AppliedAddon {
  readonly kube: Kube;
  readonly cluster: ClusterRecord;
  readonly addon: AddonRecord;
  readonly objects: readonly Placed[];
  /** What {@link liveVersion} said before. */
  readonly from: string | undefined;
}

/** Warns where a new version was reached in one leap over others: in the lab's events, and on the workload for who looks at the cluster alone. */
export async function tellSkippedVersions(
  { events, clock, log }: { readonly events: Pick<EventBook, "record">; readonly clock: Clock; readonly log: Log },
  { kube, cluster, addon, objects, from }: AppliedAddon,
): Promise<void> {
  const skip = from === undefined ? undefined : versionSkipOf(addon.name, from, addon.version, cluster.version);
  if (skip === undefined) return;
  const message = skipMessage(cluster.name, addon.name, skip);
  events.record("addon-versions-skipped", `${cluster.name}/${addon.name}`, message);
  log.warn("an add-on has skipped minor versions", { cluster: cluster.name, addon: addon.name, detail: message });
  const workload = await liveWorkload(kube, objects);
  if (workload === undefined) return;
  const source = { component: "eks-addon-manager" };
  // A warning that cannot be left must not fail the update it is about.
  await recordEvent({ kube, clock, source }, workload, { type: "Warning", reason: REASON, message }).catch((cause: unknown) =>
    log.warn("an event could not be stored", { reason: REASON, detail: textOf(cause) }),
  );
}

/** Below the 1,024 characters that an event's message may have, also with the longest way there is. */
function skipMessage(cluster: string, addon: string, { from, to, skipped, steps }: VersionSkip): string {
  const name = `--cluster-name ${cluster} --addon-name ${addon}`;
  return (
    `${addon} went from ${from} to ${to} and skipped ${skipped.join(", ")}. EKS allows that, but recommends one minor version at a time: ` +
    `what a release changes in a node's routes, rules and kept addresses is made to follow the minor version before it, ` +
    `and a node with running pods may come out wrong. Watch the roll-out; on the next cluster take the steps between: ` +
    `for v in ${steps.join(" ")}; do aws eks update-addon ${name} --addon-version $v --resolve-conflicts PRESERVE && ` +
    `aws eks wait addon-active ${name} || break; done`
  );
}

async function liveWorkload(kube: Pick<Kube, "get">, objects: readonly Placed[]): Promise<KubeObject | undefined> {
  const workload = objects.find(({ object }) => object.kind === "DaemonSet" || object.kind === "Deployment");
  return workload && (await kube.get(workload.resource, workload.object.metadata.name, workload.object.metadata.namespace));
}
