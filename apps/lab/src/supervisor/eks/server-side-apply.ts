import type { KubeObject, KubeResource } from "@slash28/ports";
import type { ApiServer, Identity } from "../../kubernetes/api-server/index.ts";
import type { Placed } from "../custom-resources.ts";

/** As whom EKS's add-on manager acts in a cluster. */
const ADDON_MANAGER: Identity = { name: "eks:addon-manager", groups: ["system:masters", "system:authenticated"] };
/** As what everything of EKS names itself to a cluster, the field manager of what it applies: EKS User Guide, "Determine fields you can customize for Amazon EKS add-ons". */
export const EKS_CLIENT = "eks";

export type Applied =
  | { readonly kind: "done"; readonly object: KubeObject }
  /** Fields that others have set to something else. */
  | { readonly kind: "conflict"; readonly fields: readonly string[] }
  | { readonly kind: "refused"; readonly status: number; readonly message: string };

/** Applies an object as EKS does (server-side apply); a dry run only tells what would come of it. */
export async function applyAsEks(
  api: Pick<ApiServer, "handle">,
  { resource, object }: Placed,
  options: { readonly isForced: boolean; readonly isDryRun: boolean },
): Promise<Applied> {
  const query = new URLSearchParams({ fieldManager: EKS_CLIENT, force: String(options.isForced) });
  if (options.isDryRun) query.set("dryRun", "All");
  const response = await api.handle(
    new Request(`https://cluster${pathOf(resource, object)}?${query.toString()}`, {
      method: "PATCH",
      headers: { "content-type": "application/apply-patch+yaml" },
      body: JSON.stringify(object),
    }),
    ADDON_MANAGER,
  );
  const body: unknown = await response.json();
  if (response.ok) return { kind: "done", object: body as KubeObject };
  const { message = "", details } = body as StatusBody;
  const fields = (details?.causes ?? []).flatMap(({ reason, field }) =>
    reason === "FieldManagerConflict" && field !== undefined ? [field] : [],
  );
  if (response.status === 409 && fields.length > 0) return { kind: "conflict", fields };
  return { kind: "refused", status: response.status, message };
}

interface StatusBody {
  readonly message?: string;
  readonly details?: { readonly causes?: readonly { readonly reason?: string; readonly field?: string }[] };
}

export async function deleteAsEks(api: Pick<ApiServer, "handle">, { resource, object }: Placed): Promise<void> {
  const request = new Request(`https://cluster${pathOf(resource, object)}?propagationPolicy=Background`, { method: "DELETE" });
  const response = await api.handle(request, ADDON_MANAGER);
  if (!response.ok && response.status !== 404) {
    const { message = "" } = (await response.json()) as StatusBody;
    throw new Error(`${nameOf({ resource, object })} could not be deleted: ${message}`);
  }
}

/** An object as EKS names it where it reports on one: `DaemonSet.apps aws-node`. */
export function nameOf({ resource, object }: Placed): string {
  return `${object.kind}${resource.group === "" ? "" : `.${resource.group}`} ${object.metadata.name}`;
}

function pathOf({ group, version, plural }: KubeResource, { metadata }: KubeObject): string {
  const root = group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
  const namespace = metadata.namespace === undefined ? "" : `/namespaces/${encodeURIComponent(metadata.namespace)}`;
  return `${root}${namespace}/${plural}/${encodeURIComponent(metadata.name)}`;
}
