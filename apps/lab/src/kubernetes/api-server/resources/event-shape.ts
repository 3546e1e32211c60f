import { at, fieldsOf, type Fields, type KubeObject } from "@slash28/kube-store";

/** `events.k8s.io/v1` name → `v1` name. Both versions show the same stored event. */
const RENAMED = [
  ["note", "message"],
  ["regarding", "involvedObject"],
  ["deprecatedCount", "count"],
  ["deprecatedFirstTimestamp", "firstTimestamp"],
  ["deprecatedLastTimestamp", "lastTimestamp"],
  ["deprecatedSource", "source"],
  ["reportingController", "reportingComponent"],
] as const;

function rename(fields: Fields, pairs: readonly (readonly [string, string])[]): Fields {
  const names = new Map(pairs);
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [names.get(name) ?? name, value]));
}

/** How events look in `events.k8s.io/v1`; they are stored as `v1`. */
export const eventShape = {
  fromStored: (stored: KubeObject): Fields =>
    rename(
      stored,
      RENAMED.map(([name, core]) => [core, name] as const),
    ),
  toStored(sent: Fields): Fields {
    const stored = rename(sent, RENAMED);
    const source = fieldsOf(stored["source"]);
    const component = at(source, "component") ?? stored["reportingComponent"];
    return { ...stored, ...(component === undefined ? {} : { source: { ...source, component } }) };
  },
};
