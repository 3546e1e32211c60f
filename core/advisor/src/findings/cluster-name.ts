import type { ClusterView } from "../snapshot/cluster-view.ts";

const OWNED_TAG = "kubernetes.io/cluster/";

/** The cluster's name in EKS: by EKS's own word, or the tags of its instances; where neither tells, a place for it. */
export function clusterName({ snapshot }: ClusterView): string {
  if (snapshot.cluster !== undefined) return snapshot.cluster.name;
  const names = new Set(
    (snapshot.instances ?? []).flatMap(({ tags }) => [
      ...(tags["aws:eks:cluster-name"] === undefined ? [] : [tags["aws:eks:cluster-name"]]),
      ...Object.keys(tags).flatMap((key) => (key.startsWith(OWNED_TAG) ? [key.slice(OWNED_TAG.length)] : [])),
    ]),
  );
  const [only] = names;
  return names.size === 1 && only !== undefined ? only : "<cluster>";
}
