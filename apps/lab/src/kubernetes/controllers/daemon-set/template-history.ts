import { canonicalJson, ownerReferenceTo, shortHash } from "../objects/index.ts";
import type { ControllerRevision, DaemonSet } from "../objects/index.ts";

const HASH_LABEL = "controller-revision-hash";

export interface TemplateHistory {
  /** Of the present template. */
  readonly hash: string;
  /** To store: a template never seen. */
  readonly create?: ControllerRevision;
  /** To store: an older template is in use again (`kubectl rollout undo`), so its revision moves to the end. */
  readonly renumber?: ControllerRevision;
  /** Beyond the history limit and in use by no pod. */
  readonly delete: readonly ControllerRevision[];
}

/** What to keep of a daemon set's templates, numbered in the order in which they were in use. */
export function templateHistory(
  set: DaemonSet,
  revisions: readonly ControllerRevision[],
  hashesInUse: ReadonlySet<string>,
): TemplateHistory {
  const data = templateData(set);
  const text = canonicalJson(data);
  const current = revisions.find((revision) => canonicalJson(revision.data) === text);
  const last = Math.max(0, ...revisions.map(({ revision }) => revision));
  const hash = current?.metadata.labels?.[HASH_LABEL] ?? shortHash([data, set.status?.collisionCount ?? 0]);
  const old = revisions.filter((revision) => revision !== current && !hashesInUse.has(revision.metadata.labels?.[HASH_LABEL] ?? ""));
  old.sort((a, b) => a.revision - b.revision);
  const spare = old.slice(0, Math.max(0, old.length - (set.spec.revisionHistoryLimit ?? 10)));
  if (current === undefined) return { hash, create: revisionFor(set, hash, last + 1, data), delete: spare };
  if (current.revision < last) return { hash, renumber: { ...current, revision: last + 1 }, delete: spare };
  return { hash, delete: spare };
}

/** The form `kubectl rollout undo` applies as a strategic merge patch. */
function templateData(set: DaemonSet): unknown {
  return { spec: { template: { ...set.spec.template, $patch: "replace" } } };
}

function revisionFor(set: DaemonSet, hash: string, revision: number, data: unknown): ControllerRevision {
  return {
    apiVersion: "apps/v1",
    kind: "ControllerRevision",
    metadata: {
      name: `${set.metadata.name}-${hash}`,
      namespace: set.metadata.namespace ?? "default",
      labels: { ...set.spec.template.metadata?.labels, [HASH_LABEL]: hash },
      ...(set.metadata.annotations === undefined ? {} : { annotations: set.metadata.annotations }),
      ownerReferences: [ownerReferenceTo(set)],
    },
    data,
    revision,
  };
}
