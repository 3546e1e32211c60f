const PREFIX = "s28-bench-";

/** The lab name under which this process makes fabrics; their namespaces begin as {@link namespaceName}'s do. */
export const LAB_NAME = `bench-${process.pid}`;

/** A namespace name nobody else has, and from which the process that made it can be told. */
export function namespaceName(name: string): string {
  return `${PREFIX}${process.pid}-${name}`;
}
