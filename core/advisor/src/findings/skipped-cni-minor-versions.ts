import type { CniVersion } from "@slash28/limits";
import { versionOfImage, type ClusterView } from "../snapshot/cluster-view.ts";
import { counted, fact, objectOf, type Check } from "./check.ts";
import { NOTHING_MOVES } from "../effect/planned-effect.ts";
import { upgradeCni } from "./cni-upgrade.ts";

const IMAGE = /amazon-k8s-cni(?!-init)[:@/]|\/aws-node:/;

export const skippedCniMinorVersions: Check = {
  id: "skipped-cni-minor-versions",
  title: "The VPC CNI was upgraded past a minor version",
  severity: "warning",
  explain:
    "AWS supports upgrades of the VPC CNI by one minor version at a time: settings, CRDs and the checkpoint change between them. Kubernetes keeps earlier templates of a DaemonSet as ControllerRevisions, which tell what ran before; in the midst of a rollout the agents' images tell, too.",
  needs: ["daemonSets"],
  uses: ["revisions", "pods", "addons"],
  find: (view) => {
    const steps = history(view);
    const skips = steps.slice(1).flatMap((to, at) => {
      const from = steps[at];
      const later = steps.slice(at + 2);
      return from !== undefined && isSkip(from, to) && !isMadeUpFor(from, to, later) ? [{ from, to }] : [];
    });
    const last = skips.at(-1);
    if (last === undefined) return [];
    return [
      {
        objects: [objectOf("DaemonSet", { namespace: "kube-system", name: "aws-node" })],
        evidence: [
          fact(`versions in order: ${steps.map(shown).join(", ")}`, steps.length),
          ...skips.map(({ from, to }) =>
            fact(
              `from ${shown(from)} to ${shown(to)}: ${counted(Math.abs(to.minor - from.minor) - 1, "minor version")} skipped`,
              Math.abs(to.minor - from.minor) - 1,
            ),
          ),
        ],
        cause: `The VPC CNI went from ${shown(last.from)} to ${shown(last.to)} at once. What the versions between would have changed step by step came together, which AWS does not test.`,
        fix: {
          commands: [
            "kubectl get daemonset aws-node -n kube-system -o yaml > aws-node-backup.yaml",
            ...walk(last.from, last.to).flatMap((version) => upgradeCni(view, version)),
          ],
          risk: "Going back and on through each version between restarts aws-node on every node each time. If all nodes give addresses and pods start, it may be left as it is.",
          needsNodeReplacement: false,
        },
      },
    ];
  },
  effect: () => NOTHING_MOVES,
};

/** The minor versions between two, in the order in which they are to be run, and the second. */
function walk(from: CniVersion, to: CniVersion): readonly CniVersion[] {
  const step = Math.sign(to.minor - from.minor);
  return Array.from({ length: Math.abs(to.minor - from.minor) }, (_, at) => ({ ...to, minor: from.minor + step * (at + 1) }));
}

/** The versions that ran, in order, as far as they are known; equal neighbours once. */
function history(view: ClusterView): readonly CniVersion[] {
  const revisions = (view.snapshot.revisions ?? []).filter(
    ({ owner, name }) => owner === "aws-node" || (owner === undefined && name.startsWith("aws-node-")),
  );
  const before = revisions.toSorted((a, b) => a.revision - b.revision).flatMap(({ images }) => images.filter((image) => IMAGE.test(image)));
  const running = view.livePods
    .filter(({ namespace, labels }) => namespace === "kube-system" && labels["k8s-app"] === "aws-node")
    .flatMap(({ images }) => images.filter((image) => IMAGE.test(image)))
    .flatMap((image) => versionOfImage(image) ?? [])
    .toSorted(compare);
  const now = view.cniVersion;
  const revised = before.flatMap((image) => versionOfImage(image) ?? []);
  // Without revisions, agents of two versions are the two ends of a rollout.
  const all = [...(revised.length > 0 ? revised : running), ...(now === undefined ? [] : [now])];
  return all.filter((version, at) => at === 0 || shown(version) !== shown(all[at - 1] ?? version));
}

/** Whether every version that was skipped has run since. */
function isMadeUpFor(from: CniVersion, to: CniVersion, later: readonly CniVersion[]): boolean {
  return walk(from, to)
    .slice(0, -1)
    .every(({ major, minor }) => later.some((version) => version.major === major && version.minor === minor));
}

function isSkip(from: CniVersion, to: CniVersion): boolean {
  return from.major === to.major && Math.abs(to.minor - from.minor) > 1;
}

function compare(a: CniVersion, b: CniVersion): number {
  return a.major - b.major || a.minor - b.minor || a.patch - b.patch;
}

function shown({ major, minor, patch }: CniVersion): string {
  return `${major}.${minor}.${patch}`;
}
