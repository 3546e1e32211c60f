import { isNotFound, refusedStatus } from "@slash28/kube";
import { Fault, type Kube, type KubeObject } from "@slash28/ports";
import type { Collected, SnapshotDocument, UnreadDocument } from "./documents.ts";
import { KUBERNETES_READS, kubectlOf, rbacOf, type KubernetesRead } from "./kubernetes-reads.ts";
import { withoutSecrets } from "./without-secrets.ts";

/** Reads what the table names, one after the other; what cannot be read is told, and the rest goes on. */
export async function collectKubernetes(kube: Kube, progress: (what: string) => void): Promise<Collected> {
  const documents: SnapshotDocument[] = [];
  const unread: UnreadDocument[] = [];
  for (const read of KUBERNETES_READS) {
    progress(kubectlOf(read));
    try {
      documents.push({ file: read.file, from: kubectlOf(read), json: listOf(read, await itemsOf(kube, read)) });
    } catch (cause) {
      if (!(cause instanceof Fault)) throw cause;
      unread.push(refusal(read, cause));
      // Nobody answers: asking thirteen times more would take minutes, and say the same.
      if (cause.code === "KUBE_UNREACHABLE") return { documents, unread: [...unread, ...restAfter(read, cause)] };
    }
  }
  return { documents, unread };
}

async function itemsOf(kube: Kube, { resource, namespace, names, isOptional }: KubernetesRead): Promise<readonly KubeObject[]> {
  if (names !== undefined) {
    const found = await Promise.all(names.map((name) => kube.get(resource, name, namespace)));
    return found.flatMap((object) => object ?? []);
  }
  try {
    return (await kube.list(resource, namespace === undefined ? {} : { namespace })).items;
  } catch (cause) {
    if (isOptional === true && isNotFound(cause)) return [];
    throw cause;
  }
}

/** As the API server answers: the list names its items' type, so that an empty one tells of what there is none. */
function listOf({ resource, kind }: KubernetesRead, items: readonly KubeObject[]): SnapshotDocument["json"] {
  const apiVersion = resource.group === "" ? resource.version : `${resource.group}/${resource.version}`;
  return { apiVersion, kind: `${kind}List`, items: items.map(withoutSecrets) };
}

function refusal(read: KubernetesRead, fault: Fault): UnreadDocument {
  const { reason, detail } = fault.fields;
  const code = reason === undefined || reason === "" ? String(refusedStatus(fault) ?? fault.code) : String(reason);
  return { from: kubectlOf(read), code, message: detail === undefined ? fault.message : String(detail), needs: rbacOf(read) };
}

function restAfter(read: KubernetesRead, fault: Fault): readonly UnreadDocument[] {
  return KUBERNETES_READS.slice(KUBERNETES_READS.indexOf(read) + 1).map((each) => refusal(each, fault));
}
