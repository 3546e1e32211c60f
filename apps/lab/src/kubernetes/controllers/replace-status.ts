import type { Kube, KubeObject, KubeResource } from "@slash28/ports";

/**
 * Makes this the whole status of an object: a merge keeps fields that are not named, so those that are gone are named too. With the
 * version of the copy that the status was worked out from: one from an old copy would count twice.
 */
export async function replaceStatus(
  kube: Kube,
  resource: KubeResource,
  object: KubeObject & { readonly status?: object },
  status: object,
): Promise<void> {
  const { name, namespace, resourceVersion } = object.metadata;
  const gone = Object.keys(object.status ?? {}).filter((field) => !(field in status));
  const body = { metadata: { resourceVersion }, status: { ...status, ...Object.fromEntries(gone.map((field) => [field, null])) } };
  await kube.patch(resource, name, namespace, { kind: "merge", body, subresource: "status" });
}
