import { at, fieldsOf, listOf, textOf, type KubeObject } from "@slash28/kube-store";

import { ageOf, count, NONE, since, UNKNOWN } from "./cell-text.ts";
import { column, wide, type TableView } from "./table.ts";

const NAME = column("Name", "Name must be unique within a namespace.");
const AGE = column("Age", "Time since the object was created.");
const CREATED = column("Created At", "When the object was created.", "date");

/** Name and age: for types without a view of their own. */
export const plainTable: TableView = { columns: [NAME, AGE], cells: (object, now) => [object.metadata.name, ageOf(object, now)] };

export const createdTable: TableView = {
  columns: [NAME, CREATED],
  cells: (object) => [object.metadata.name, object.metadata.creationTimestamp ?? UNKNOWN],
};

export const namespaceTable: TableView = {
  columns: [NAME, column("Status", "The status of the namespace"), AGE],
  cells: (object, now) => [object.metadata.name, at(object, "status", "phase") ?? "", ageOf(object, now)],
};

const sizeOf = (value: unknown): number => Object.keys(fieldsOf(value)).length;

export const configMapTable: TableView = {
  columns: [NAME, column("Data", "Number of entries."), AGE],
  cells: (object, now) => [object.metadata.name, sizeOf(object["data"]) + sizeOf(object["binaryData"]), ageOf(object, now)],
};

export const secretTable: TableView = {
  columns: [NAME, column("Type", "What the secret is for."), column("Data", "Number of entries."), AGE],
  cells: (object, now) => [object.metadata.name, object["type"] ?? "Opaque", sizeOf(object["data"]), ageOf(object, now)],
};

export const serviceAccountTable: TableView = {
  columns: [NAME, column("Secrets", "Number of secrets that pods of this account may use."), AGE],
  cells: (object, now) => [object.metadata.name, listOf(object["secrets"]).length, ageOf(object, now)],
};

export const leaseTable: TableView = {
  columns: [NAME, column("Holder", "Who holds the lease."), AGE],
  cells: (object, now) => [object.metadata.name, at(object, "spec", "holderIdentity") ?? "", ageOf(object, now)],
};

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
  const firstMoment = event["firstTimestamp"] ?? event["eventTime"] ?? event.metadata.creationTimestamp;
  const lastMoment = at(event, "series", "lastObservedTime") ?? event["lastTimestamp"] ?? firstMoment;
  const object = fieldsOf(event["involvedObject"] ?? event["regarding"]);
  const source = fieldsOf(event["source"] ?? event["deprecatedSource"]);
  const host = textOf(source["host"]);
  const component = textOf(source["component"]) || textOf(event["reportingComponent"]) || textOf(event["reportingController"]) || "";
  return [
    since(lastMoment, now),
    event["type"] ?? "",
    event["reason"] ?? "",
    `${(textOf(object["kind"]) ?? "").toLowerCase()}/${textOf(object["name"]) ?? ""}`,
    object["fieldPath"] ?? "",
    host === undefined || host === "" ? component : `${component}, ${host}`,
    (textOf(event["message"]) ?? textOf(event["note"]) ?? "").trim(),
    since(firstMoment, now),
    Math.max(1, count(at(event, "series", "count") ?? event["count"] ?? event["deprecatedCount"])),
    event.metadata.name,
  ];
}

export const budgetTable: TableView = {
  columns: [
    NAME,
    column("Min Available", "Pods that must stay."),
    column("Max Unavailable", "Pods that may be away."),
    column("Allowed Disruptions", "Pods that may go now.", "integer"),
    AGE,
  ],
  cells: (object, now) => [
    object.metadata.name,
    at(object, "spec", "minAvailable") ?? "N/A",
    at(object, "spec", "maxUnavailable") ?? "N/A",
    count(at(object, "status", "disruptionsAllowed")),
    ageOf(object, now),
  ],
};

export const roleBindingTable: TableView = {
  columns: [
    NAME,
    column("Role", "The role that is given."),
    AGE,
    wide("Users", "Users it is given to."),
    wide("Groups", "Groups it is given to."),
    wide("ServiceAccounts", "Service accounts it is given to."),
  ],
  cells: (object, now) => {
    const named = (kind: string): string =>
      listOf(object["subjects"])
        .filter((subject) => at(subject, "kind") === kind)
        .map((subject) =>
          kind === "ServiceAccount" ? `${String(at(subject, "namespace"))}/${String(at(subject, "name"))}` : String(at(subject, "name")),
        )
        .join(", ");
    const role = `${String(at(object, "roleRef", "kind"))}/${String(at(object, "roleRef", "name"))}`;
    return [object.metadata.name, role, ageOf(object, now), named("User"), named("Group"), named("ServiceAccount")];
  },
};

export const priorityClassTable: TableView = {
  columns: [
    NAME,
    column("Value", "The priority.", "integer"),
    column("Global-Default", "Whether pods without a class get it.", "boolean"),
    AGE,
    column("PreemptionPolicy", "Whether pods of it push others out."),
  ],
  cells: (object, now) => [
    object.metadata.name,
    count(object["value"]),
    object["globalDefault"] === true,
    ageOf(object, now),
    object["preemptionPolicy"] ?? NONE,
  ],
};
