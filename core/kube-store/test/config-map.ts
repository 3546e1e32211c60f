import type { KubeObject, ObjectMeta, Result } from "../src/index.ts";

/** A small object to store. */
export function configMap(name: string, metadata: Partial<ObjectMeta> = {}, data: Readonly<Record<string, string>> = {}): KubeObject {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { namespace: "default", ...metadata, name }, data };
}

/** The value of a result that must be one. */
export function valueOf<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.failure.message);
  return result.value;
}

/** The HTTP status a result was refused with; `undefined` when it was not. */
export function refusal<T>(result: Result<T>): number | undefined {
  return result.ok ? undefined : result.failure.code;
}
