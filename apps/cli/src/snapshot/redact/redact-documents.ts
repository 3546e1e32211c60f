import { parseCidr4, type Cidr4 } from "@slash28/address";
import { asJson, objectsOf, textOf, type Collected, type Json, type SnapshotDocument } from "../documents.ts";
import { addressPseudonyms } from "./addresses.ts";
import type { Pseudonyms } from "./pseudonyms.ts";
import { textRedaction, type TextRedaction } from "./text.ts";
import {
  DROPPED_FIELDS,
  isKindValue,
  isKnownImage,
  isKnownKey,
  isKnownVariable,
  isNetworkEvent,
  MAP_FIELDS,
  NAME_FIELDS,
} from "./vocabulary.ts";

/** A snapshot under other names, ids and addresses, the same for the same. What is not known to be everybody's is replaced or left out. */
export function redactDocuments<T extends Collected & { readonly cluster?: string }>(snapshot: T, pseudonyms: Pseudonyms): T {
  const redaction = textRedaction(pseudonyms, addressPseudonyms(pseudonyms, placesOf(snapshot.documents)));
  const redact = redactor(redaction, pseudonyms);
  // Names first: messages speak of them before the object that has them comes.
  for (const { json } of snapshot.documents) learnNames(json, redaction);
  const documents = snapshot.documents.map(({ file, from, json }): SnapshotDocument => ({
    file: fileUnder(file, redaction),
    from: redaction.text(from),
    json: redact.json(json),
  }));
  const unread = snapshot.unread.map((each) => ({ ...each, from: redaction.text(each.from), message: redaction.text(each.message) }));
  return { ...snapshot, documents, unread, ...(snapshot.cluster === undefined ? {} : { cluster: redaction.name(snapshot.cluster) }) };
}

/** Ranges within which addresses keep their place: subnets, and the range of services. */
function placesOf(documents: readonly SnapshotDocument[]): readonly Cidr4[] {
  const texts = documents.flatMap(({ json }) => [
    ...objectsOf(json["Subnets"]).map((subnet) => textOf(subnet["CidrBlock"])),
    textOf(asJson(asJson(json["cluster"])?.["kubernetesNetworkConfig"])?.["serviceIpv4Cidr"]),
  ]);
  return texts.flatMap((text) => (text === undefined ? [] : (parseCidr4(text) ?? [])));
}

function learnNames(value: unknown, redaction: TextRedaction): void {
  if (Array.isArray(value)) {
    for (const item of value) learnNames(item, redaction);
    return;
  }
  for (const [key, content] of Object.entries(asJson(value) ?? {})) {
    if (typeof content === "string" && NAME_FIELDS.has(key)) redaction.name(content);
    else learnNames(content, redaction);
  }
}

/** `iam-list-attached-role-policies.ROLE.json`: the command says what kind it is, the rest whose it is. */
function fileUnder(file: string, redaction: TextRedaction): string {
  const [command, ...about] = file.replace(/\.json$/, "").split(".");
  return [command, ...about.map((part) => redaction.name(redaction.text(part))), "json"].join(".");
}

function redactor(redaction: TextRedaction, pseudonyms: Pseudonyms): { json(json: Json): Json } {
  const mapKey = (key: string): string => (isKnownKey(key) || key === "Name" ? redaction.text(key) : `k-${pseudonyms.hex(key, 8)}`);
  const mapValue = (key: string, value: string): string => {
    if (isKnownKey(key) && isKindValue(key, value)) return value;
    const told = redaction.text(value);
    return told === value && value !== "" ? redaction.name(value) : told;
  };
  const map = (content: Json): Json =>
    Object.fromEntries(
      Object.entries(content).map(([key, value]) => [mapKey(key), typeof value === "string" ? mapValue(key, value) : value]),
    );

  const field = (key: string, content: unknown, object: Json): unknown => {
    if (typeof content === "string") return textField(key, content, object);
    if (Array.isArray(content)) return key === "env" ? objectsOf(content).map(variable) : content.map((item) => field(key, item, object));
    const below = asJson(content);
    if (below === undefined) return content;
    if (MAP_FIELDS.has(key) && Object.values(below).every((value) => typeof value === "string")) return map(below);
    return json(below);
  };
  const textField = (key: string, content: string, object: Json): string => {
    if (NAME_FIELDS.has(key)) return redaction.name(content);
    if (key === "image" || key === "imageID")
      return isKnownImage(content) ? redaction.text(content) : `image-${pseudonyms.hex(content, 10)}`;
    if (key === "message") return isTellable(object) ? redaction.text(content) : "(redacted)";
    if (key === "path" || key === "hostname") return `n-${pseudonyms.hex(content, 10)}`;
    return redaction.text(content);
  };
  const variable = (content: Json): Json => {
    const name = textOf(content["name"]) ?? "";
    if (!isKnownVariable(name)) return { name: `V_${pseudonyms.hex(name, 8).toUpperCase()}` };
    const value = textOf(content["value"]);
    return { name, ...(value === undefined ? {} : { value: redaction.text(value) }) };
  };
  const json = (content: Json): Json => {
    // AWS's tags, `{Key, Value}`, and a selector's expressions are maps in another form.
    const { Key: tag, Value: tagValue } = content;
    if (typeof tag === "string" && typeof tagValue === "string") return { Key: mapKey(tag), Value: mapValue(tag, tagValue) };
    const { key, operator, values } = content;
    if (typeof key === "string" && typeof operator === "string" && Array.isArray(values))
      return { key: mapKey(key), operator, values: values.map((value) => mapValue(key, String(value))) };
    const kept = Object.entries(content).filter(
      ([field]) => !DROPPED_FIELDS.has(field) && !(content["kind"] === "ConfigMap" && field === "data"),
    );
    return Object.fromEntries(kept.map(([name, value]) => [name, field(name, value, content)]));
  };
  return { json };
}

/** An event says its reason; so do conditions of nodes and pods, and states of containers. */
function isTellable({ reason }: Json): boolean {
  return typeof reason === "string" && (isNetworkEvent(reason) || reason === "Unschedulable");
}
