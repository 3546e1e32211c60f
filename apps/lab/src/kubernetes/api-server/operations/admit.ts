import {
  checkSchema,
  fail,
  invalid,
  succeed,
  withField,
  type FieldError,
  type KubeObject,
  type Result,
  type StructuralSchema,
} from "@slash28/kube-store";

import { admitPod } from "../admission/admit-pod.ts";
import { checkMetadata } from "../admission/check-metadata.ts";
import { checkKind } from "../admission/check-object.ts";
import { checkRules } from "../admission/check-rules.ts";
import { checkEphemeralChange } from "../admission/check-ephemeral.ts";
import { withKindDefaults } from "../admission/default-object.ts";
import { establishedStatus } from "../resources/custom-resources.ts";
import { qualifiedKind, type ResourceDefinition } from "../resources/resource-definition.ts";
import { CRD_STORAGE } from "../resources/resource-registry.ts";
import { timeText } from "../time-text.ts";
import type { AdmissionAct } from "./admission-stage.ts";
import type { Cluster, Written, WriteOptions } from "./cluster.ts";
import { shapeCustom } from "./shape-custom.ts";

export interface Admission {
  readonly definition: ResourceDefinition;
  readonly object: KubeObject;
  /** What an update replaces; absent on create. */
  readonly before?: KubeObject;
  readonly options: WriteOptions;
  /** The part that is written, where it is not the object itself. */
  readonly subresource?: string | undefined;
  /** Notes who owns which field of the shaped object. */
  readonly own: (shaped: KubeObject) => KubeObject;
}

/**
 * What happens between what a client sent and what may be stored, in this order: defaults and pruning, who owns which field now,
 * what the server and its admission change, checks, what admission refuses.
 */
export function admit(cluster: Cluster, admission: Admission): Result<Written> {
  const { definition, before, options } = admission;
  const shaped = shape(admission);
  if (!shaped.ok) return shaped;
  const owned = admission.own(shaped.value.object);
  const begun = before === undefined ? beginNew(cluster, definition, owned) : succeed(owned);
  if (!begun.ok) return begun;
  const staged = throughStage(admission, begun.value);
  if (!staged.ok) return staged;
  const admitted =
    before === undefined ? admitNew(cluster, definition, staged.value) : admitChange(cluster, definition, staged.value, before);
  if (!admitted.ok) return admitted;
  const object = admitted.value;
  const errors = errorsOf(admission, object);
  if (errors.length > 0) return fail(invalid(qualifiedKind(definition), object.metadata.name, errors));
  const validated = options.stage?.validate(actOf(admission, object));
  if (validated?.ok === false) return validated;
  return succeed({ object, warnings: shaped.value.warnings });
}

function errorsOf({ definition, before, subresource }: Admission, object: KubeObject): readonly FieldError[] {
  const { schema } = definition.custom ?? {};
  if (before !== undefined && subresource === "ephemeralcontainers") return checkEphemeralChange(before, object);
  return [
    ...checkMetadata(object.metadata, definition),
    ...checkKind(definition.storage, object, before),
    ...(schema === undefined ? [] : checkCustom(object, before, schema)),
  ];
}

/** Rules see only what fits the rest of the schema. */
function checkCustom(object: KubeObject, before: KubeObject | undefined, schema: StructuralSchema): readonly FieldError[] {
  const errors = checkSchema(object, schema);
  return errors.length > 0 ? errors : checkRules(object, before, schema);
}

/** The object as the admission of its caller leaves it, with defaults for what that has put in. */
function throughStage(admission: Admission, object: KubeObject): Result<KubeObject> {
  const { stage } = admission.options;
  if (stage === undefined) return succeed(object);
  const changed = stage.mutate(actOf(admission, object));
  if (!changed.ok) return changed;
  if (changed.value === undefined || changed.value === object) return succeed(object);
  const reshaped = shape({ ...admission, object: changed.value });
  return reshaped.ok ? succeed(reshaped.value.object) : reshaped;
}

function actOf({ definition, before, options, subresource }: Admission, object: KubeObject): AdmissionAct {
  const { name, namespace } = object.metadata;
  const operation = before === undefined ? "CREATE" : "UPDATE";
  return { operation, definition, name, namespace, subresource, object, before, isDryRun: options.isDryRun === true };
}

function shape(admission: Admission): Result<Written> {
  return admission.definition.custom === undefined
    ? succeed(builtin(admission))
    : shapeCustom(admission.definition, admission.object, admission.options);
}

function builtin({ definition, object }: Admission): Written {
  return { object: withKindDefaults(definition.storage, object), warnings: [] };
}

/** Types that report their own state when they come into being. */
const KEEPS_STATUS = new Set(["nodes", "namespaces", CRD_STORAGE]);

/** What the server does to a new object before anybody else sees it. */
function beginNew(cluster: Cluster, definition: ResourceDefinition, object: KubeObject): Result<KubeObject> {
  const hasStatus = definition.subresources.includes("status") && !KEEPS_STATUS.has(definition.storage);
  const fresh = hasStatus ? withField(object, "status", freshStatus(definition)) : object;
  return definition.storage === "pods" ? admitPod(fresh, cluster.store) : succeed(fresh);
}

function admitNew(cluster: Cluster, definition: ResourceDefinition, object: KubeObject): Result<KubeObject> {
  if (definition.storage === "services") return cluster.services.assign(object, undefined);
  if (definition.storage === CRD_STORAGE) return succeed(withField(object, "status", establishedStatus(object, timeText(cluster.now()))));
  return succeed(object);
}

/** Built-in types show an empty status until a controller writes one; custom ones show none. */
function freshStatus(definition: ResourceDefinition): unknown {
  if (definition.custom !== undefined) return undefined;
  return definition.storage === "services" ? { loadBalancer: {} } : {};
}

function admitChange(cluster: Cluster, definition: ResourceDefinition, object: KubeObject, before: KubeObject): Result<KubeObject> {
  if (definition.storage === "services") return cluster.services.assign(object, before);
  if (definition.storage === CRD_STORAGE) return succeed(withField(object, "status", establishedStatus(object, timeText(cluster.now()))));
  return succeed(object);
}
