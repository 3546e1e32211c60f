import { at, fieldsOf, listOf, textOf, type KubeObject } from "@slash28/kube-store";

import { shortDuration } from "../time-text.ts";

export { selectorText } from "../operations/scale-view.ts";

export const NONE = "<none>";
export const UNKNOWN = "<unknown>";

/** Time since an RFC 3339 moment in short form. */
export function since(moment: unknown, now: number): string {
  const ms = typeof moment === "string" ? Date.parse(moment) : Number.NaN;
  return Number.isNaN(ms) ? UNKNOWN : shortDuration(now - ms);
}

export function ageOf(object: KubeObject, now: number): string {
  return since(object.metadata.creationTimestamp, now);
}

export function count(value: unknown): number {
  return typeof value === "number" ? value : 0;
}

/** Names and images of the containers of a pod template, joined by commas. */
export function containersOf(object: KubeObject): readonly [names: string, images: string] {
  const containers = listOf(at(object, "spec", "template", "spec", "containers"));
  const joined = (field: string): string => containers.map((container) => textOf(at(container, field)) ?? "").join(",");
  return [joined("name"), joined("image")];
}

export function labelsText(labels: unknown): string {
  const pairs = Object.entries(fieldsOf(labels)).map(([key, value]) => `${key}=${String(value)}`);
  return pairs.length === 0 ? NONE : pairs.sort().join(",");
}

/** The first few items, and how many more there are. */
export function firstFew(items: readonly string[], few: number): string {
  if (items.length === 0) return NONE;
  const shown = items.slice(0, few).join(",");
  return items.length > few ? `${shown} + ${items.length - few} more...` : shown;
}
