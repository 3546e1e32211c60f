import {
  alreadyExists,
  at,
  badRequest,
  born,
  fail,
  forbidden,
  isFields,
  notFound,
  succeed,
  textOf,
  type Fields,
  type KubeObject,
  type Result,
} from "@slash28/kube-store";

import { apiVersionOf, type ResourceDefinition } from "../resources/resource-definition.ts";
import { timeText } from "../time-text.ts";
import { fitMetadata, fitObject, type Fitted } from "../types/fit-object.ts";
import { typeNameOf } from "../types/known-types.ts";
import { admit } from "./admit.ts";
import { present, type Cluster, type Target, type Written, type WriteOptions } from "./cluster.ts";
import { withOwners } from "./field-owners.ts";
import { unknownField } from "./shape-custom.ts";

const SUFFIX_ALPHABET = "bcdfghjklmnpqrstvwxz2456789";
const GENERATED_MAX = 58;
const NAME_TRIES = 8;

export function createObject(cluster: Cluster, target: Target, body: unknown, options: WriteOptions): Result<Written> {
  const { definition } = target;
  const decoded = decode(definition, body, options);
  if (!decoded.ok) return decoded;
  const { object: sent, warnings: unknown } = decoded.value;
  const namespace = namespaceFor(target, sent);
  if (!namespace.ok) return namespace;
  const { resourceVersion } = sent.metadata;
  if (resourceVersion !== undefined && resourceVersion !== "")
    return fail(badRequest("resourceVersion should not be set on objects to be created"));
  const name = nameFor(cluster, definition, sent, namespace.value);
  const closed = namespace.value === undefined ? undefined : namespaceRefusal(cluster, definition, namespace.value, name);
  if (closed !== undefined) return fail(closed);
  const object = born(sent, {
    uid: cluster.newUid(),
    now: timeText(cluster.now()),
    name,
    namespace: namespace.value,
    hasGeneration: definition.isUncounted !== true,
  });
  const own = (shaped: KubeObject): KubeObject => withOwners(cluster, { definition, part: "main", options }, undefined, shaped);
  const admitted = admit(cluster, { definition, object, options, own });
  if (!admitted.ok) return admitted;
  const warnings = [...unknown, ...admitted.value.warnings];
  if (options.isDryRun === true) {
    const isTaken = cluster.store.get(definition.storage, admitted.value.object.metadata) !== undefined;
    return isTaken
      ? fail(alreadyExists(definition.storage, name))
      : succeed({ object: present(definition, admitted.value.object), warnings });
  }
  const stored = cluster.store.create(definition.storage, admitted.value.object);
  return stored.ok ? succeed({ object: present(definition, stored.value), warnings }) : stored;
}

/** The body as an object of this type in its stored form; refused when it says it is something else. */
export function decode(definition: ResourceDefinition, body: unknown, options: WriteOptions): Result<Written> {
  if (!isFields(body)) return fail(badRequest(`the body of the request must be a ${definition.kind} object`));
  const apiVersion = apiVersionOf(definition);
  const isOther = (name: string, wanted: string): boolean => body[name] !== undefined && body[name] !== "" && body[name] !== wanted;
  if (isOther("kind", definition.kind) || isOther("apiVersion", apiVersion)) {
    const found = `${textOf(body["kind"]) ?? ""} in version "${textOf(body["apiVersion"]) ?? ""}"`;
    return fail(
      badRequest(`${found} cannot be handled as a ${definition.kind}: expected apiVersion ${apiVersion} and kind ${definition.kind}`),
    );
  }
  const typeName = definition.custom === undefined ? typeNameOf(apiVersion, definition.kind) : undefined;
  const fitted = typeName === undefined ? fitMetadata(body) : fitObject(body, typeName);
  const refused = decodingFault(fitted, options);
  if (refused !== undefined) {
    return fail(badRequest(`${definition.kind} in version "${definition.version}" cannot be handled as a ${definition.kind}: ${refused}`));
  }
  const { object } = fitted;
  const stored: Fields = definition.shape?.toStored(object) ?? object;
  const metadata = isFields(object["metadata"]) ? object["metadata"] : {};
  const stamped = { ...stored, metadata: { ...metadata, name: textOf(metadata["name"]) ?? "" } };
  const warnings = options.fieldValidation === "Warn" ? fitted.unknown.map(unknownField) : [];
  return succeed({
    object: { ...stamped, kind: definition.kind, apiVersion: definition.shape === undefined ? apiVersion : "v1" },
    warnings,
  });
}

function decodingFault(fitted: Fitted, options: WriteOptions): string | undefined {
  if (fitted.mistake !== undefined) return fitted.mistake;
  if (options.fieldValidation !== "Strict" || fitted.unknown.length === 0) return undefined;
  return `strict decoding error: ${fitted.unknown.map(unknownField).join(", ")}`;
}

function namespaceFor(target: Target, sent: KubeObject): Result<string | undefined> {
  if (!target.definition.isNamespaced) return succeed(undefined);
  const inBody = sent.metadata.namespace;
  if (target.namespace !== undefined && inBody !== undefined && inBody !== "" && inBody !== target.namespace) {
    return fail(
      badRequest(
        `the namespace of the provided object does not match the namespace sent on the request (${inBody} and ${target.namespace})`,
      ),
    );
  }
  const namespace = target.namespace ?? inBody ?? "";
  return namespace === "" ? fail(badRequest("an empty namespace may not be set during creation")) : succeed(namespace);
}

function nameFor(cluster: Cluster, definition: ResourceDefinition, sent: KubeObject, namespace: string | undefined): string {
  const { name, generateName } = sent.metadata;
  if (name !== "" || generateName === undefined || generateName === "") return name;
  let generated = "";
  for (let tries = 0; tries < NAME_TRIES; tries++) {
    generated = generateName.slice(0, GENERATED_MAX) + suffixFrom(cluster.newUid());
    if (cluster.store.get(definition.storage, { name: generated, namespace }) === undefined) break;
  }
  return generated;
}

/** Five characters that cannot spell a word, out of a unique id. */
function suffixFrom(uid: string): string {
  const digits = uid.replaceAll(/[^0-9a-f]/g, "").padEnd(20, "0");
  const pick = (index: number): string =>
    SUFFIX_ALPHABET[Number.parseInt(digits.slice(index * 4, index * 4 + 4), 16) % SUFFIX_ALPHABET.length] ?? "";
  return Array.from({ length: 5 }, (_, index) => pick(index)).join("");
}

function namespaceRefusal(
  cluster: Cluster,
  definition: ResourceDefinition,
  namespace: string,
  name: string,
): ReturnType<typeof notFound> | undefined {
  const found = cluster.store.get("namespaces", { name: namespace });
  if (found === undefined) return notFound("namespaces", namespace);
  if (at(found, "metadata", "deletionTimestamp") === undefined) return undefined;
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
  const refused = forbidden(definition.storage, name, why);
  const cause = { reason: "NamespaceTerminating", message: `namespace ${namespace} is being terminated`, field: "metadata.namespace" };
  return { ...refused, details: { ...refused.details, causes: [cause] } };
}
