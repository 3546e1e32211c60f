import { at, fieldsOf, listOf } from "@slash28/kube-store";

import { ageOf, count, NONE, UNKNOWN } from "./cell-text.ts";
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

export const scaleTable: TableView = {
  columns: [NAME, column("Desired", "Number of wanted replicas.", "integer"), column("Available", "Number of replicas.", "integer"), AGE],
  cells: (object, now) => [
    object.metadata.name,
    at(object, "spec", "replicas") ?? 0,
    at(object, "status", "replicas") ?? 0,
    ageOf(object, now),
  ],
};

export const signingRequestTable: TableView = {
  columns: [
    NAME,
    AGE,
    column("SignerName", "Who is to sign."),
    column("Requestor", "Who asked."),
    column("RequestedDuration", "For how long."),
    column("Condition", "What became of it."),
  ],
  cells: (object, now) => [
    object.metadata.name,
    ageOf(object, now),
    at(object, "spec", "signerName") ?? NONE,
    at(object, "spec", "username") ?? "",
    durationText(at(object, "spec", "expirationSeconds")),
    conditionText(object),
  ],
};

function durationText(seconds: unknown): string {
  if (typeof seconds !== "number") return NONE;
  if (seconds % 86_400 === 0) return `${seconds / 86_400}d`;
  return seconds % 3600 === 0 ? `${seconds / 3600}h` : `${Math.floor(seconds / 60)}m`;
}

function conditionText(object: Parameters<TableView["cells"]>[0]): string {
  const types = listOf(at(object, "status", "conditions")).map((condition) => String(at(condition, "type")));
  const decided = ["Approved", "Denied"].filter((type) => types.includes(type));
  const failed = types.includes("Failed") ? ["Failed"] : [];
  const issued = at(object, "status", "certificate") === undefined ? [] : ["Issued"];
  return decided.length === 0 ? "Pending" : [...decided, ...failed, ...issued].join(",");
}
