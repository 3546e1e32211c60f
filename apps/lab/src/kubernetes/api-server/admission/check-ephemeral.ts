import { at, duplicate, forbiddenField, listOf, sameJson, textOf, type FieldError, type KubeObject } from "@slash28/kube-store";

import { checkContainers } from "./check-pod.ts";

const PATH = "spec.ephemeralContainers";
/** Kubernetes API reference, EphemeralContainer: fields that it shares with other containers and may not have. */
const NEVER = ["ports", "livenessProbe", "readinessProbe", "startupProbe", "lifecycle"];

/**
 * What is wrong with a change of a pod's ephemeral containers (upstream's ValidatePodEphemeralContainersUpdate): they are added, and then
 * stay as they are.
 */
export function checkEphemeralChange(before: KubeObject, after: KubeObject): readonly FieldError[] {
  const [old, now] = [before, after].map((pod) => listOf(at(pod, "spec", "ephemeralContainers"))) as [unknown[], unknown[]];
  const volumes = new Set(listOf(at(after, "spec", "volumes")).map(nameOf));
  return [...checkContainers(now, PATH, volumes), ...checkEach(after, now), ...checkKept(old, now)];
}

function checkKept(old: readonly unknown[], now: readonly unknown[]): readonly FieldError[] {
  return old.flatMap((container) => {
    const name = nameOf(container);
    const found = now.find((one) => nameOf(one) === name);
    if (found === undefined) return [forbiddenField(PATH, `existing ephemeral containers ${JSON.stringify(name)} may not be removed\n`)];
    return sameJson(container, found)
      ? []
      : [forbiddenField(PATH, `existing ephemeral containers ${JSON.stringify(name)} may not be changed\n`)];
  });
}

function checkEach(pod: KubeObject, containers: readonly unknown[]): readonly FieldError[] {
  const others = ["containers", "initContainers"].flatMap((list) => listOf(at(pod, "spec", list)).map(nameOf));
  return containers.flatMap((container, index) => {
    const path = `${PATH}[${index}]`;
    const target = textOf(at(container, "targetContainerName")) ?? "";
    return [
      ...(others.includes(nameOf(container)) ? [duplicate(`${path}.name`, nameOf(container))] : []),
      ...(target === "" || others.includes(target) ? [] : [targetNotFound(`${path}.targetContainerName`, target)]),
      ...NEVER.filter((field) => isGiven(at(container, field))).map((field) => notForEphemeral(`${path}.${field}`)),
      ...(isGiven(at(container, "resources")) ? [notForEphemeral(`${path}.resources`)] : []),
      ...listOf(at(container, "volumeMounts")).flatMap((mount, at_) => [
        ...(isGiven(at(mount, "subPath")) ? [notForEphemeral(`${path}.volumeMounts[${at_}].subPath`)] : []),
        ...(isGiven(at(mount, "subPathExpr")) ? [notForEphemeral(`${path}.volumeMounts[${at_}].subPathExpr`)] : []),
      ]),
    ];
  });
}

function isGiven(value: unknown): boolean {
  if (value === undefined || value === null || value === "") return false;
  return typeof value !== "object" || Object.keys(value).length > 0;
}

function notForEphemeral(field: string): FieldError {
  return forbiddenField(field, "cannot be set for an Ephemeral Container");
}

function targetNotFound(field: string, name: string): FieldError {
  return { field, reason: "FieldValueInvalid", message: `Not found: ${JSON.stringify(name)}` };
}

function nameOf(container: unknown): string {
  return textOf(at(container, "name")) ?? "";
}
