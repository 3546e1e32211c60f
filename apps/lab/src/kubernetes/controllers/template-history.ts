import type { KubeObject } from "@slash28/ports";
import { canonicalJson, ownerReferenceTo, shortHash } from "./objects/index.ts";
import type { ControllerRevision, DaemonSet, StatefulSet } from "./objects/index.ts";

/** The kinds that keep their templates as ControllerRevisions. */
export type RevisedSet = DaemonSet | StatefulSet;

/** On a revision its hash; on a daemon's pod that hash, on a stateful set's pod the revision's name. */
export const REVISION_LABEL = "controller-revision-hash";

/** The hash that an object is of; empty without one. */
export function revisionHashOf({ metadata }: KubeObject): string {
  return metadata.labels?.[REVISION_LABEL] ?? "";
}

export interface TemplateHistory {
  /** Of the present template. */
  readonly hash: string;
  /** The revision that holds it; the one to store, where it is new. */
  readonly revision: ControllerRevision;
  /** To store: a template never seen. */
  readonly create?: ControllerRevision;
  /** To store: an older template is in use again (`kubectl rollout undo`), so its revision moves to the end. */
  readonly renumber?: ControllerRevision;
  /** Beyond the history limit and in use by no pod. */
  readonly delete: readonly ControllerRevision[];
}

/** What to keep of a set's templates, numbered in the order in which they were in use. */
export function templateHistory(
  set: RevisedSet,
  revisions: readonly ControllerRevision[],
  hashesInUse: ReadonlySet<string>,
): TemplateHistory {
  const data = templateData(set);
  const text = canonicalJson(data);
  const current = revisions.find((revision) => canonicalJson(revision.data) === text);
  const last = Math.max(0, ...revisions.map(({ revision }) => revision));
  const hash = current?.metadata.labels?.[REVISION_LABEL] ?? shortHash([data, set.status?.collisionCount ?? 0]);
  const old = revisions.filter((revision) => revision !== current && !hashesInUse.has(revisionHashOf(revision)));
  old.sort((a, b) => a.revision - b.revision);
  const spare = old.slice(0, Math.max(0, old.length - (set.spec.revisionHistoryLimit ?? 10)));
  const made = current ?? revisionFor(set, hash, last + 1, data);
  if (current === undefined) return { hash, revision: made, create: made, delete: spare };
  if (current.revision < last) return { hash, revision: made, renumber: { ...current, revision: last + 1 }, delete: spare };
  return { hash, revision: made, delete: spare };
}

/** The form `kubectl rollout undo` applies as a strategic merge patch. */
function templateData(set: RevisedSet): unknown {
  return { spec: { template: { ...set.spec.template, $patch: "replace" } } };
}

function revisionFor(set: RevisedSet, hash: string, revision: number, data: unknown): ControllerRevision {
  return {
    apiVersion: "apps/v1",
    kind: "ControllerRevision",
    metadata: {
      name: `${set.metadata.name}-${hash}`,
      namespace: set.metadata.namespace ?? "default",
      labels: { ...set.spec.template.metadata?.labels, [REVISION_LABEL]: hash },
      ...(set.metadata.annotations === undefined ? {} : { annotations: set.metadata.annotations }),
      ownerReferences: [ownerReferenceTo(set)],
    },
    data,
    revision,
  };
}
