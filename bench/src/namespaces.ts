const PREFIX = "s28-bench-pods-";

/** The lab name under which this process makes fabrics; their namespaces begin `s28-<lab>-`. */
export const LAB_NAME = `bench-${process.pid}`;

/**
 * A namespace name nobody else has, and from which the process that made it can be told. It does not begin as a fabric's names do: a fabric
 * removes what begins so and is none of its instances.
 */
export function namespaceName(name: string): string {
  return `${PREFIX}${process.pid}-${name}`;
}
