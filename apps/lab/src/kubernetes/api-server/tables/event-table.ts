import { at, fieldsOf, textOf, type KubeObject } from "@slash28/kube-store";

import { count, since } from "./cell-text.ts";
import { column, wide, type TableView } from "./table.ts";

export const eventTable: TableView = {
  columns: [
    column("Last Seen", "Time when this event was last observed."),
    column("Type", "Normal or Warning."),
    column("Reason", "Why it happened, in one word."),
    column("Object", "The object it is about."),
    wide("Subobject", "The part of the object it is about."),
    wide("Source", "Who saw it."),
    column("Message", "What happened."),
    wide("First Seen", "Time when this event was first observed."),
    wide("Count", "How often it was observed."),
    { ...wide("Name", "Name of the event."), format: "name" },
  ],
  cells: eventCells,
};

function eventCells(event: KubeObject, now: number): readonly unknown[] {
  const object = fieldsOf(firstField(event, "involvedObject", "regarding"));
  const first = firstMoment(event);
  const last = at(event, "series", "lastObservedTime") ?? firstField(event, "lastTimestamp", "deprecatedLastTimestamp") ?? first;
  return [
    since(last, now),
    event["type"] ?? "",
    event["reason"] ?? "",
    `${(textOf(object["kind"]) ?? "").toLowerCase()}/${textOf(object["name"]) ?? ""}`,
    object["fieldPath"] ?? "",
    sourceOf(event),
    (textOf(firstField(event, "message", "note")) ?? "").trim(),
    since(first, now),
    Math.max(1, count(at(event, "series", "count") ?? firstField(event, "count", "deprecatedCount"))),
    event.metadata.name,
  ];
}

/** `v1` and `events.k8s.io/v1` name the same things differently. */
function firstField(event: KubeObject, ...names: readonly string[]): unknown {
  return names.map((name) => event[name]).find((value) => value !== undefined && value !== null);
}

function firstMoment(event: KubeObject): unknown {
  return firstField(event, "firstTimestamp", "deprecatedFirstTimestamp", "eventTime") ?? event.metadata.creationTimestamp;
}

function sourceOf(event: KubeObject): string {
  const source = fieldsOf(firstField(event, "source", "deprecatedSource"));
  const component = textOf(source["component"]) || textOf(firstField(event, "reportingComponent", "reportingController")) || "";
  const host = textOf(source["host"]) ?? "";
  return host === "" ? component : `${component}, ${host}`;
}
