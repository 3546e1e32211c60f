import {
  applyConfiguration,
  applyConflict,
  at,
  badRequest,
  fail,
  fieldsIn,
  fieldsOf,
  hasPath,
  compareFields,
  difference,
  invalid,
  isFields,
  notFound,
  readOwners,
  required,
  succeed,
  textOf,
  trackUpdate,
  withAt,
  withField,
  type FieldConflict,
  type Fields,
  type FieldSet,
  type KubeObject,
  type MergeType,
  type Owners,
  type Result,
} from "@slash28/kube-store";

import { apiVersionOf, type ResourceDefinition } from "../resources/resource-definition.ts";
import { fitObject } from "../types/fit-object.ts";
import { typeNameOf } from "../types/known-types.ts";
import { mergeTypeOf } from "../types/merge-types.ts";
import { LAST_APPLIED, updateObject, type ChangeOptions } from "./change-object.ts";
import { present, type Cluster, type NamedTarget, type Written } from "./cluster.ts";
import { createObject } from "./create-object.ts";
import { ownableBy, stampedAs, writerOf } from "./field-owners.ts";
import { unknownFieldsOf } from "./shape-custom.ts";

export interface ApplyOptions extends ChangeOptions {
  /** Takes fields over from whoever owns them. */
  readonly force?: boolean;
}

/** What was applied, and whether the object came into being by it. */
export type AppliedObject = Written & { readonly isNew: boolean };

/** The one applier whose earlier, client-side applies count as its own. */
const KUBECTL = "kubectl";

/** Server-side apply of a configuration to an object, or to its status; creates the object when there is none. */
export function applyObject(cluster: Cluster, target: NamedTarget, body: unknown, options: ApplyOptions): Result<AppliedObject> {
  const { definition, name, namespace } = target;
  const part = options.part ?? "main";
  if ((options.fieldManager ?? "") === "") {
    return fail(invalid("PatchOptions.meta.k8s.io", "", [required("fieldManager", "is required for apply patch")]));
  }
  const config = readConfiguration(target, body);
  if (!config.ok) return config;
  const before = cluster.store.get(definition.storage, { name, namespace });
  const live = before === undefined ? blankOf(target) : stampedAs(present(definition, before), undefined);
  const write = { definition, part, options };
  const type = mergeTypeOf(definition);
  const owners = before === undefined ? new Map() : ownersBefore(before, live, write, cluster);
  const request = {
    live,
    config: config.value,
    owners,
    writer: writerOf(cluster, write, "Apply"),
    force: options.force === true,
    type,
    ownable: ownableBy(write),
  };
  let applied = applyConfiguration(request);
  if (applied.kind === "conflicts") {
    const left = options.fieldManager === KUBECTL ? withoutOwnEarlier(applied.conflicts, live, type) : applied.conflicts;
    if (left.length > 0) return fail(applyConflict(left));
    applied = applyConfiguration({ ...request, force: true });
    if (applied.kind === "conflicts") return fail(applyConflict(applied.conflicts));
  }
  const object = options.fieldManager === KUBECTL ? withLastApplied(applied.object, live, body) : applied.object;
  const settled = { ...options, owners: applied.owners, fieldValidation: "Ignore" as const };
  if (before === undefined && part === "main") {
    const created = createObject(cluster, target, object, settled);
    return created.ok ? succeed({ ...created.value, isNew: true }) : created;
  }
  const updated = updateObject(cluster, target, object, { ...settled, part });
  return updated.ok ? succeed({ ...updated.value, isNew: false }) : updated;
}

/** Server-side apply of a Scale: of the wanted replicas to the object that it is a view of. */
export function applyScale(cluster: Cluster, target: NamedTarget, body: unknown, options: ApplyOptions): Result<AppliedObject> {
  const { definition, name, namespace } = target;
  const paths = definition.scalePaths;
  const before = cluster.store.get(definition.storage, { name, namespace });
  if (paths === undefined || before === undefined) return fail(notFound(definition.storage, name));
  if (at(body, "apiVersion") !== "autoscaling/v1" || at(body, "kind") !== "Scale")
    return fail(badRequest("an applied configuration of a scale must say apiVersion autoscaling/v1 and kind Scale"));
  const config = withAt(blankOf(target), paths.replicas.split("."), at(body, "spec", "replicas"));
  return applyObject(cluster, target, config, { ...options, subresource: "scale" });
}

function blankOf({ definition, name, namespace }: NamedTarget): Fields {
  return {
    apiVersion: apiVersionOf(definition),
    kind: definition.kind,
    metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
  };
}

/** An object whose owners nobody counted so far gets one that stands for everything before its first apply. */
function ownersBefore(before: KubeObject, live: Fields, write: Parameters<typeof writerOf>[1], cluster: Cluster): Owners {
  const known = readOwners(before.metadata["managedFields"]);
  if (known.size > 0) return known;
  const writer = { ...writerOf(cluster, write, "Update"), name: "before-first-apply", subresource: "" };
  const blank: Fields = { apiVersion: live["apiVersion"], kind: live["kind"], metadata: {} };
  return trackUpdate({ before: blank, after: live, owners: known, writer, type: mergeTypeOf(write.definition), ownable: "all" });
}

function readConfiguration(target: NamedTarget, body: unknown): Result<Fields> {
  const { definition, name, namespace } = target;
  if (!isFields(body)) return fail(badRequest("an applied configuration is an object"));
  const [version, kind] = [textOf(body["apiVersion"]) ?? "", textOf(body["kind"]) ?? ""];
  if (version === "" || kind === "") return fail(badRequest(`Object 'Kind' and 'apiVersion' must be set in an applied configuration`));
  if (version !== apiVersionOf(definition)) {
    const message = `Incorrect version specified in apply patch. Specified patch version: ${version}, expected: ${apiVersionOf(definition)}`;
    return fail(badRequest(message));
  }
  if (kind !== definition.kind)
    return fail(badRequest(`Incorrect kind specified in apply patch. Specified patch kind: ${kind}, expected: ${definition.kind}`));
  if (at(body, "metadata", "managedFields") !== undefined && at(body, "metadata", "managedFields") !== null)
    return fail(badRequest("metadata.managedFields must be nil"));
  const fitted = fitConfiguration(definition, body);
  if (fitted.fault !== undefined) {
    const place = namespace === undefined ? name : `${namespace}/${name}`;
    return fail(badRequest(`failed to create typed patch object (${place}; ${version}, Kind=${kind}): ${fitted.fault}`));
  }
  const metadata = { ...fieldsOf(fitted.object["metadata"]), name };
  return succeed({ ...fitted.object, metadata });
}

function fitConfiguration(definition: ResourceDefinition, body: Fields): { readonly object: Fields; readonly fault?: string } {
  if (definition.custom !== undefined) {
    const [unknown] = unknownFieldsOf(body, definition.custom.schema);
    return unknown === undefined ? { object: body } : { object: body, fault: undeclared(unknown) };
  }
  const typeName = typeNameOf(apiVersionOf(definition), definition.kind);
  if (typeName === undefined) return { object: body };
  const { object, unknown, mistake } = fitObject(body, typeName);
  const [first] = unknown;
  const fault = mistake ?? (first === undefined ? undefined : undeclared(first));
  return fault === undefined ? { object } : { object, fault };
}

function undeclared(path: string): string {
  return `.${path}: field not declared in schema`;
}

/**
 * Conflicts over fields that an earlier client-side `kubectl apply` set and that are still as it set them are none: going over to
 * server-side apply needs no force (upstream's lastAppliedManager).
 */
function withoutOwnEarlier(conflicts: readonly FieldConflict[], live: Fields, type: MergeType): readonly FieldConflict[] {
  const earlier = lastAppliedFields(live, type);
  return earlier === undefined ? conflicts : conflicts.filter(({ path }) => !hasPath(earlier, path));
}

function lastAppliedFields(live: Fields, type: MergeType): FieldSet | undefined {
  const text = textOf(at(live, "metadata", "annotations", LAST_APPLIED)) ?? "";
  const applied = parsed(text);
  if (!isFields(applied) || applied["apiVersion"] !== live["apiVersion"]) return undefined;
  const { added, modified, removed } = compareFields(applied, live, type);
  return [added, modified, removed].reduce((left, gone) => difference(left, gone), fieldsIn(applied, type));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Keeps the annotation of client-side apply in step, so that one may go back to it. */
function withLastApplied(object: Fields, live: Fields, body: unknown): Fields {
  if (at(live, "metadata", "annotations", LAST_APPLIED) === undefined || !isFields(body)) return object;
  const config = withField(body, "metadata", fieldsOf(body["metadata"]));
  return withAt(object, ["metadata", "annotations", LAST_APPLIED], `${JSON.stringify(config)}\n`);
}
