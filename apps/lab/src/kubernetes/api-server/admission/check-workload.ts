import {
  at,
  fieldsOf,
  forbiddenField,
  invalidValue,
  labelSelectorOf,
  listOf,
  matchesLabels,
  own,
  required,
  sameJson,
  textOf,
  type FieldError,
  type Fields,
  type KubeObject,
  type Labels,
} from "@slash28/kube-store";

import { parseSchedule } from "../../controllers/cron-job/schedule.ts";
import { checkPodSpec, notNegative, oneOf } from "./check-pod.ts";

const ONLY_ALWAYS = ["Always"];

/** Deployments, ReplicaSets, DaemonSets, StatefulSets: the selector must choose the pods of the template, and never change. */
export function checkWorkload(object: KubeObject, before: KubeObject | undefined): readonly FieldError[] {
  const spec = fieldsOf(object["spec"]);
  const template = fieldsOf(own(spec, "template"));
  return [
    ...notNegative(own(spec, "replicas"), "spec.replicas"),
    ...notNegative(own(spec, "revisionHistoryLimit"), "spec.revisionHistoryLimit"),
    ...checkSelector(spec, template),
    ...checkPodSpec(withClaims(fieldsOf(own(template, "spec")), spec), "spec.template.spec"),
    ...oneOf(at(template, "spec", "restartPolicy"), "spec.template.spec.restartPolicy", ONLY_ALWAYS),
    ...(before === undefined ? [] : unchanged(before, object, "spec.selector")),
    ...(before === undefined ? [] : checkSetChange(before, object)),
    ...checkStrategy(object.kind, spec),
  ];
}

/** A stateful set's pods have a volume of each claim template. */
function withClaims(podSpec: Fields, spec: Fields): Fields {
  const claims = listOf(own(spec, "volumeClaimTemplates")).map((claim) => ({ name: at(claim, "metadata", "name"), emptyDir: {} }));
  if (claims.length === 0) return podSpec;
  const others = listOf(own(podSpec, "volumes")).filter((volume) => !claims.some(({ name }) => name === at(volume, "name")));
  return { ...podSpec, volumes: [...others, ...claims] };
}

const SET_MAY_CHANGE = [
  "replicas",
  "ordinals",
  "template",
  "updateStrategy",
  "revisionHistoryLimit",
  "persistentVolumeClaimRetentionPolicy",
  "minReadySeconds",
];

function checkSetChange(before: KubeObject, after: KubeObject): readonly FieldError[] {
  const fixed = (object: KubeObject): Fields =>
    Object.fromEntries(Object.entries(fieldsOf(object["spec"])).filter(([name]) => !SET_MAY_CHANGE.includes(name)));
  if (after.kind !== "StatefulSet" || sameJson(fixed(before), fixed(after))) return [];
  const names = SET_MAY_CHANGE.map((name) => `'${name}'`);
  const why = `updates to statefulset spec for fields other than ${names.slice(0, -1).join(", ")} and ${names.at(-1)} are forbidden`;
  return [forbiddenField("spec", why)];
}

function checkSelector(spec: Fields, template: Fields): readonly FieldError[] {
  const selector = labelSelectorOf(own(spec, "selector"));
  if (own(spec, "selector") === undefined) return [required("spec.selector")];
  if (selector === undefined) return [invalidValue("spec.selector", own(spec, "selector"), "invalid label selector")];
  if (selector.length === 0) return [invalidValue("spec.selector", own(spec, "selector"), "empty selector is invalid for deployment")];
  const labels = own(fieldsOf(own(template, "metadata")), "labels");
  if (matchesLabels(selector, labels as Labels | undefined)) return [];
  return [invalidValue("spec.template.metadata.labels", labels ?? {}, "`selector` does not match template `labels`")];
}

function checkStrategy(kind: string, spec: Fields): readonly FieldError[] {
  if (kind === "Deployment") {
    const strategy = fieldsOf(own(spec, "strategy"));
    if (own(strategy, "type") === "Recreate" && own(strategy, "rollingUpdate") !== undefined) {
      return [forbiddenField("spec.strategy.rollingUpdate", "may not be specified when strategy `type` is 'Recreate'")];
    }
    const errors = oneOf(own(strategy, "type"), "spec.strategy.type", ["Recreate", "RollingUpdate"]);
    return [...errors, ...checkRollingUpdate(fieldsOf(own(strategy, "rollingUpdate")), "spec.strategy.rollingUpdate")];
  }
  if (kind !== "DaemonSet") return [];
  const strategy = fieldsOf(own(spec, "updateStrategy"));
  return [
    ...oneOf(own(strategy, "type"), "spec.updateStrategy.type", ["RollingUpdate", "OnDelete"]),
    ...checkRollingUpdate(fieldsOf(own(strategy, "rollingUpdate")), "spec.updateStrategy.rollingUpdate"),
  ];
}

const PERCENT = /^\d+%$/;

function checkRollingUpdate(rolling: Fields, path: string): readonly FieldError[] {
  const names = ["maxUnavailable", "maxSurge"];
  const errors = names.flatMap((name) => {
    const value = own(rolling, name);
    const isFine = value === undefined || (typeof value === "string" ? PERCENT.test(value) : Number.isInteger(value) && Number(value) >= 0);
    return isFine
      ? []
      : [
          invalidValue(
            `${path}.${name}`,
            value,
            "a valid percent string must be a numeric string followed by an ending '%' or a count of 0 or more",
          ),
        ];
  });
  const isZero = (value: unknown): boolean => value === 0 || value === "0%";
  if (errors.length === 0 && names.every((name) => isZero(own(rolling, name)))) {
    return [invalidValue(`${path}.maxUnavailable`, own(rolling, "maxUnavailable"), "may not be 0 when `maxSurge` is 0")];
  }
  return errors;
}

/** Refuses a change of one field. */
export function unchanged(before: KubeObject, after: KubeObject, path: string): readonly FieldError[] {
  const names = path.split(".");
  const value = at(after, ...names);
  return sameJson(at(before, ...names), value) ? [] : [invalidValue(path, value ?? null, "field is immutable")];
}

export function checkJob(object: KubeObject, before: KubeObject | undefined): readonly FieldError[] {
  const template = fieldsOf(at(object, "spec", "template"));
  const policy = textOf(at(template, "spec", "restartPolicy"));
  return [
    ...checkPodSpec(fieldsOf(own(template, "spec")), "spec.template.spec"),
    ...(policy === "Always"
      ? [invalidValue("spec.template.spec.restartPolicy", policy, 'Required value: valid values: "OnFailure", "Never"')]
      : []),
    ...(before === undefined ? [] : unchanged(before, object, "spec.completions")),
  ];
}

export function checkCronJob(object: KubeObject): readonly FieldError[] {
  const spec = fieldsOf(object["spec"]);
  const line = textOf(own(spec, "schedule")) ?? "";
  const zone = textOf(own(spec, "timeZone"));
  const schedule = parseSchedule(line, zone);
  const isZone = !schedule.ok && schedule.reason === "UnknownTimeZone";
  return [
    ...(line === "" ? [required("spec.schedule")] : []),
    ...(schedule.ok || line === "" || isZone ? [] : [invalidValue("spec.schedule", line, schedule.why)]),
    ...(isZone ? [invalidValue("spec.timeZone", zone ?? "", "unknown time zone")] : []),
    ...oneOf(own(spec, "concurrencyPolicy"), "spec.concurrencyPolicy", ["Allow", "Forbid", "Replace"]),
    ...notNegative(own(spec, "startingDeadlineSeconds"), "spec.startingDeadlineSeconds"),
    ...checkJob({ ...object, spec: fieldsOf(at(spec, "jobTemplate", "spec")) }, undefined).map((error) => ({
      ...error,
      field: error.field.replace(/^spec\./, "spec.jobTemplate.spec."),
    })),
  ];
}
