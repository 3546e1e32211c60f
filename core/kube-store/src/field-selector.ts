import { badRequest, fail, succeed, type Result } from "./failure.ts";
import { at } from "./fields.ts";
import type { KubeObject } from "./kube-object.ts";

export interface FieldDemand {
  readonly path: string;
  readonly isEqual: boolean;
  readonly value: string;
}

export type FieldSelector = readonly FieldDemand[];

const EVERY_RESOURCE = ["metadata.name", "metadata.namespace"];

/** What may be selected by besides name and namespace (upstream's conversion functions of each type). */
const SELECTABLE: Readonly<Record<string, readonly string[]>> = {
  pods: [
    "spec.nodeName",
    "spec.restartPolicy",
    "spec.schedulerName",
    "spec.serviceAccountName",
    "spec.hostNetwork",
    "status.phase",
    "status.podIP",
    "status.nominatedNodeName",
  ],
  events: [
    "involvedObject.kind",
    "involvedObject.namespace",
    "involvedObject.name",
    "involvedObject.uid",
    "involvedObject.apiVersion",
    "involvedObject.resourceVersion",
    "involvedObject.fieldPath",
    "reason",
    "reportingComponent",
    "source",
    "type",
  ],
  nodes: ["spec.unschedulable"],
  namespaces: ["status.phase"],
  secrets: ["type"],
  services: ["spec.clusterIP", "spec.type"],
  "replicasets.apps": ["status.replicas"],
  "jobs.batch": ["status.successful"],
};

/** Reads `spec.nodeName=a,status.phase!=Failed`; refuses a field that this resource is not selectable by. */
export function parseFieldSelector(text: string, resource: string, alsoSelectable: readonly string[] = []): Result<FieldSelector> {
  const demands: FieldDemand[] = [];
  for (const part of text.split(",")) {
    if (part.trim() === "") continue;
    const match = /^([^=!]+)(==|=|!=)(.*)$/.exec(part.trim());
    if (match === null) return fail(badRequest(`invalid selector: '${text}'; can't understand '${part.trim()}'`));
    const [, path = "", sign = "=", value = ""] = match;
    const isKnown = EVERY_RESOURCE.includes(path) || (SELECTABLE[resource] ?? []).includes(path) || alsoSelectable.includes(path);
    if (!isKnown) return fail(badRequest(`field label not supported: ${path}`));
    demands.push({ path, isEqual: sign !== "!=", value });
  }
  return succeed(demands);
}

export function matchesFields(selector: FieldSelector, object: KubeObject): boolean {
  return selector.every((demand) => (fieldText(object, demand.path) === demand.value) === demand.isEqual);
}

function fieldText(object: KubeObject, path: string): string {
  if (path === "source") return textAt(object, "source.component") || textAt(object, "reportingComponent");
  return textAt(object, path) || defaultText(path);
}

function textAt(object: KubeObject, path: string): string {
  const value = at(object, ...path.split("."));
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : "";
}

/** Booleans and counts compare as their zero value where they are not set. */
function defaultText(path: string): string {
  if (path === "spec.unschedulable" || path === "spec.hostNetwork") return "false";
  return path === "status.replicas" || path === "status.successful" ? "0" : "";
}
