import { fieldsOf, isFields, listOf, textOf, type Fields } from "@slash28/kube-store";

import type { ResourceDefinition } from "../resources/resource-definition.ts";
import { WireWriter } from "../types/wire-writer.ts";
import { collectComponents } from "./open-api.ts";
import type { Descriptions } from "./type-schemas.ts";

/** The protobuf form in which kubectl asks for this description (gnostic's openapi.v2.Document). */
export const OPEN_API_V2_PROTOBUF = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";

/** As which it is sent: the name it is asked by is no media type. */
export const OPEN_API_V2_SENT_AS = OPEN_API_V2_PROTOBUF.replace("@", ".");

const INFO = { title: "Kubernetes", version: "v1.35" };

/** `/openapi/v2`: every type that is served, in one document, without paths. kubectl checks lists of objects by it. */
export function openApiV2(definitions: readonly ResourceDefinition[], descriptions: Descriptions): Fields {
  const schemas = collectComponents(definitions, descriptions);
  return {
    swagger: "2.0",
    info: INFO,
    paths: {},
    definitions: Object.fromEntries([...schemas].map(([name, schema]) => [name, secondVersion(schema)])),
  };
}

/** A schema in the words of OpenAPI v2: references are told apart from what stands beside them, and nothing is nullable. */
function secondVersion(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(secondVersion);
  if (!isFields(value)) return value;
  const reference = textOf(fieldsOf(listOf(value["allOf"])[0])["$ref"]);
  const { allOf, nullable: _nullable, oneOf: _oneOf, anyOf: _anyOf, not: _not, ...rest } = value;
  if (reference === undefined) return mapFields(allOf === undefined ? rest : { ...rest, allOf });
  return { ...mapFields(rest), $ref: reference.replace("#/components/schemas/", "#/definitions/") };
}

function mapFields(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, secondVersion(value)]));
}

/** Field numbers of gnostic's OpenAPIv2.proto. */
const DOCUMENT = { swagger: 1, info: 2, paths: 8, definitions: 9 } as const;
const SCHEMA = {
  ref: 1,
  format: 2,
  description: 4,
  default: 5,
  required: 19,
  others: 21,
  type: 22,
  items: 23,
  allOf: 24,
  properties: 25,
  extension: 31,
} as const;
const NAMED = { name: 1, value: 2 } as const;
const ANY_YAML = 2;

export function openApiV2Protobuf(document: Fields): Buffer {
  return new WireWriter()
    .text(DOCUMENT.swagger, "2.0")
    .message(DOCUMENT.info, (info) => info.text(1, INFO.title).text(2, INFO.version))
    .message(DOCUMENT.paths, () => undefined)
    .message(DOCUMENT.definitions, (into) => writeNamed(into, fieldsOf(document["definitions"])))
    .finish();
}

function writeNamed(into: WireWriter, schemas: Fields): void {
  for (const [name, schema] of Object.entries(schemas)) {
    into.message(1, (entry) => entry.text(NAMED.name, name).message(NAMED.value, (inner) => writeSchema(inner, fieldsOf(schema))));
  }
}

function writeSchema(into: WireWriter, schema: Fields): void {
  const text = (number: number, name: string): void => {
    const value = textOf(schema[name]);
    if (value !== undefined) into.text(number, value);
  };
  text(SCHEMA.ref, "$ref");
  text(SCHEMA.format, "format");
  text(SCHEMA.description, "description");
  if (schema["default"] !== undefined) into.message(SCHEMA.default, (any) => any.text(ANY_YAML, JSON.stringify(schema["default"])));
  for (const name of listOf(schema["required"])) into.text(SCHEMA.required, String(name));
  const others = schema["additionalProperties"];
  if (isFields(others)) into.message(SCHEMA.others, (item) => item.message(1, (inner) => writeSchema(inner, others)));
  const type = textOf(schema["type"]);
  if (type !== undefined) into.message(SCHEMA.type, (item) => item.text(1, type));
  const { items } = schema;
  if (isFields(items)) into.message(SCHEMA.items, (item) => item.message(1, (inner) => writeSchema(inner, items)));
  for (const part of listOf(schema["allOf"])) into.message(SCHEMA.allOf, (inner) => writeSchema(inner, fieldsOf(part)));
  if (isFields(schema["properties"])) into.message(SCHEMA.properties, (inner) => writeNamed(inner, fieldsOf(schema["properties"])));
  for (const [name, value] of Object.entries(schema)) {
    if (!name.startsWith("x-")) continue;
    into.message(SCHEMA.extension, (entry) =>
      entry.text(NAMED.name, name).message(NAMED.value, (any) => any.text(ANY_YAML, JSON.stringify(value))),
    );
  }
}
