import { at, listOf, type KubeObject } from "@slash28/kube-store";

import { ageOf, containersOf, count, labelsText, NONE, selectorText, since } from "./cell-text.ts";
import { column, wide, type Column, type TableView } from "./table.ts";

const NAME = column("Name", "Name must be unique within a namespace.");
const AGE = column("Age", "Time since the object was created.");
const CONTAINERS = wide("Containers", "Names of each container in the template.");
const IMAGES = wide("Images", "Images referenced by each container in the template.");
const SELECTOR = wide("Selector", "Label selector of the object's pods.");

const number = (name: string, description: string): Column => column(name, description, "integer");

function pods(object: KubeObject): readonly string[] {
  return [...containersOf(object), selectorText(at(object, "spec", "selector")) || NONE];
}

export const deploymentTable: TableView = {
  columns: [
    NAME,
    column("Ready", "Number of the pod with ready state"),
    column("Up-to-date", "Total number of non-terminated pods targeted by this deployment that have the desired template spec."),
    column("Available", "Total number of available pods (ready for at least minReadySeconds) targeted by this deployment."),
    AGE,
    CONTAINERS,
    IMAGES,
    SELECTOR,
  ],
  cells: (object, now) => {
    const status = (name: string): number => count(at(object, "status", name));
    const ready = `${status("readyReplicas")}/${count(at(object, "spec", "replicas"))}`;
    return [object.metadata.name, ready, status("updatedReplicas"), status("availableReplicas"), ageOf(object, now), ...pods(object)];
  },
};

export const replicaSetTable: TableView = {
  columns: [
    NAME,
    number("Desired", "Number of wanted pods."),
    number("Current", "Number of pods there are."),
    number("Ready", "Number of ready pods."),
    AGE,
    CONTAINERS,
    IMAGES,
    SELECTOR,
  ],
  cells: (object, now) => {
    const status = (name: string): number => count(at(object, "status", name));
    return [
      object.metadata.name,
      count(at(object, "spec", "replicas")),
      status("replicas"),
      status("readyReplicas"),
      ageOf(object, now),
      ...pods(object),
    ];
  },
};

export const daemonSetTable: TableView = {
  columns: [
    NAME,
    number("Desired", "Number of nodes that should run the pod."),
    number("Current", "Number of nodes that run the pod."),
    number("Ready", "Number of nodes whose pod is ready."),
    number("Up-to-date", "Number of nodes that run the latest template."),
    number("Available", "Number of nodes whose pod is available."),
    column("Node Selector", "Labels of the nodes that run the pod."),
    AGE,
    CONTAINERS,
    IMAGES,
    SELECTOR,
  ],
  cells: (object, now) => {
    const status = (name: string): number => count(at(object, "status", name));
    return [
      object.metadata.name,
      status("desiredNumberScheduled"),
      status("currentNumberScheduled"),
      status("numberReady"),
      status("updatedNumberScheduled"),
      status("numberAvailable"),
      labelsText(at(object, "spec", "template", "spec", "nodeSelector")),
      ageOf(object, now),
      ...pods(object),
    ];
  },
};

export const statefulSetTable: TableView = {
  columns: [NAME, column("Ready", "Number of the pod with ready state"), AGE, CONTAINERS, IMAGES],
  cells: (object, now) => {
    const ready = `${count(at(object, "status", "readyReplicas"))}/${count(at(object, "spec", "replicas"))}`;
    return [object.metadata.name, ready, ageOf(object, now), ...containersOf(object)];
  },
};

export const jobTable: TableView = {
  columns: [
    NAME,
    column("Status", "Status of the job."),
    column("Completions", "Pods done, of those wanted."),
    column("Duration", "Time required to complete the job."),
    AGE,
    CONTAINERS,
    IMAGES,
    SELECTOR,
  ],
  cells: (object, now) => {
    const done = `${count(at(object, "status", "succeeded"))}/${count(at(object, "spec", "completions") ?? at(object, "spec", "parallelism") ?? 1)}`;
    return [object.metadata.name, jobStatus(object), done, jobDuration(object, now), ageOf(object, now), ...pods(object)];
  },
};

function jobStatus(object: KubeObject): string {
  const has = (type: string): boolean =>
    listOf(at(object, "status", "conditions")).some((one) => at(one, "type") === type && at(one, "status") === "True");
  if (has("Complete")) return "Complete";
  if (has("Failed")) return "Failed";
  if (object.metadata.deletionTimestamp !== undefined) return "Terminating";
  return has("Suspended") ? "Suspended" : "Running";
}

function jobDuration(object: KubeObject, now: number): string {
  const start = at(object, "status", "startTime");
  const end = at(object, "status", "completionTime");
  if (typeof start !== "string") return "";
  return since(start, typeof end === "string" ? Date.parse(end) : now);
}

export const cronJobTable: TableView = {
  columns: [
    NAME,
    column("Schedule", "The schedule in Cron format."),
    column("Timezone", "The time zone of the schedule."),
    column("Suspend", "Whether new jobs are started.", "boolean"),
    number("Active", "Jobs that run now."),
    column("Last Schedule", "When a job was last started."),
    AGE,
    CONTAINERS,
    IMAGES,
  ],
  cells: (object, now) => {
    const last = at(object, "status", "lastScheduleTime");
    const template = { ...object, spec: at(object, "spec", "jobTemplate", "spec") };
    return [
      object.metadata.name,
      at(object, "spec", "schedule") ?? "",
      at(object, "spec", "timeZone") ?? NONE,
      at(object, "spec", "suspend") === true ? "True" : "False",
      listOf(at(object, "status", "active")).length,
      last === undefined ? NONE : since(last, now),
      ageOf(object, now),
      ...containersOf(template),
    ];
  },
};

export const controllerRevisionTable: TableView = {
  columns: [NAME, column("Controller", "Controller of the object"), number("Revision", "Revision number."), AGE],
  cells: (object, now) => {
    const owner = object.metadata.ownerReferences?.find((one) => one.controller === true);
    return [object.metadata.name, owner === undefined ? NONE : ownerText(owner), count(object["revision"]), ageOf(object, now)];
  },
};

function ownerText(owner: { readonly kind: string; readonly apiVersion: string; readonly name: string }): string {
  const group = owner.apiVersion.includes("/") ? `.${owner.apiVersion.split("/")[0] ?? ""}` : "";
  return `${owner.kind.toLowerCase()}${group}/${owner.name}`;
}
