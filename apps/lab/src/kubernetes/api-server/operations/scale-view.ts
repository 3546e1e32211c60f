import { at, isFields, labelSelectorOf, numberOf, succeed, withAt, type KubeObject } from "@slash28/kube-store";

import type { ResourceDefinition, ScalePaths } from "../resources/resource-definition.ts";
import type { AdmissionAct, AdmissionStage } from "./admission-stage.ts";
import { present } from "./cluster.ts";
import { SENT_KINDS } from "./sent-kinds.ts";

/** An object as the Scale that it is shown as. */
export function scaleOf(object: KubeObject, paths: ScalePaths): KubeObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const number = (path: string): number => numberOf(at(object, ...path.split("."))) ?? 0;
  const selector = paths.selector === undefined ? undefined : at(object, ...paths.selector.split("."));
  return {
    kind: "Scale",
    apiVersion: "autoscaling/v1",
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
    },
    spec: { replicas: number(paths.replicas) },
    status: { replicas: number(paths.statusReplicas), ...(selector === undefined ? {} : { selector: selectorText(selector) }) },
  };
}

/** A selector in its query form: `app=web,tier in (a,b)`. */
export function selectorText(selector: unknown): string {
  if (typeof selector === "string") return selector;
  if (!isFields(selector)) return "";
  const demands = labelSelectorOf("matchLabels" in selector || "matchExpressions" in selector ? selector : { matchLabels: selector }) ?? [];
  return demands
    .map(({ key, operator, values }) => {
      if (operator === "exists") return key;
      if (operator === "absent") return `!${key}`;
      if (operator === "in" && values.length === 1) return `${key}=${values[0] ?? ""}`;
      return `${key} ${operator === "in" ? "in" : "notin"} (${values.join(",")})`;
    })
    .join(",");
}

/** Admission of a write of replicas: it is shown the Scale that was sent, and may change its replicas. */
export function scaleStage(stage: AdmissionStage, { scalePaths }: ResourceDefinition): AdmissionStage {
  if (scalePaths === undefined) return stage;
  const shown = (act: AdmissionAct): AdmissionAct => {
    const scale = (object: KubeObject | undefined): KubeObject | undefined =>
      object === undefined ? undefined : scaleOf(present(act.definition, object), scalePaths);
    return { ...act, sent: SENT_KINDS.scale, object: scale(act.object), before: scale(act.before) };
  };
  return {
    mutate(act) {
      const changed = stage.mutate(shown(act));
      if (!changed.ok || act.object === undefined) return changed;
      const path = scalePaths.replicas.split(".");
      const replicas = at(changed.value, "spec", "replicas");
      return succeed(replicas === at(act.object, ...path) ? act.object : withAt(act.object, path, replicas));
    },
    validate: (act) => stage.validate(shown(act)),
  };
}
