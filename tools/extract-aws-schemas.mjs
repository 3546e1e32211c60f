#!/usr/bin/env node
/**
 * Writes the part of the published AWS service schemas that the lab's endpoint speaks, so that the running lab needs no AWS SDK.
 *
 *   node tools/extract-aws-schemas.mjs            writes apps/lab/src/aws/generated/*.json
 *   node tools/extract-aws-schemas.mjs --check    writes nothing; exits 1 when a file is not what would be written
 *
 * The actions come from apps/lab/src/aws/implemented-actions.json, the schemas from the packages
 * @aws-sdk/client-*. The shape of the output is described by apps/lab/src/aws/wire/schema.ts, and rest-json/schema.ts there.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as cloudwatch from "@aws-sdk/client-cloudwatch";
import * as ec2 from "@aws-sdk/client-ec2";
import * as eks from "@aws-sdk/client-eks";
import * as iam from "@aws-sdk/client-iam";
import * as serviceQuotas from "@aws-sdk/client-service-quotas";
import * as sts from "@aws-sdk/client-sts";
import { NormalizedSchema } from "@smithy/core/schema";
import { extractRestJson } from "./aws-schemas/rest-json.mjs";

const AWS = new URL("../apps/lab/src/aws/", import.meta.url);
const OPERATION = 9;

const SERVICES = {
  cloudwatch: {
    sdk: cloudwatch,
    protocol: "query",
    version: "2010-08-01",
    xmlNamespace: "http://monitoring.amazonaws.com/doc/2010-08-01/",
  },
  ec2: {
    sdk: ec2,
    protocol: "ec2",
    version: "2016-11-15",
    xmlNamespace: "http://ec2.amazonaws.com/doc/2016-11-15/",
  },
  eks: { sdk: eks, protocol: "rest-json" },
  iam: {
    sdk: iam,
    protocol: "query",
    version: "2010-05-08",
    xmlNamespace: "https://iam.amazonaws.com/doc/2010-05-08/",
  },
  "service-quotas": { sdk: serviceQuotas, protocol: "json", version: "2019-06-24", xmlNamespace: "" },
  sts: {
    sdk: sts,
    protocol: "query",
    version: "2011-06-15",
    xmlNamespace: "https://sts.amazonaws.com/doc/2011-06-15/",
  },
};

const capitalised = (name) => name.charAt(0).toUpperCase() + name.slice(1);

/** The key of a member in a request: EC2 has rules of its own (Smithy's ec2Query protocol), AWS Query takes the XML name. */
function requestKey(protocol, name, traits) {
  if (protocol === "query") return traits.xmlName ?? name;
  return traits.ec2QueryName ?? capitalised(traits.xmlName ?? name);
}

function scalar(schema, where) {
  if (schema.isBooleanSchema()) return "boolean";
  if (schema.isNumericSchema()) return "number";
  if (schema.isTimestampSchema()) return "timestamp";
  if (schema.isBlobSchema()) return "blob";
  if (schema.isStringSchema()) return "string";
  throw new Error(`${where} has a type this script does not know: ${String(schema.getSchema())}`);
}

/** Collects the structures an operation reaches, by name, into `shapes`. */
function shapeCollector(protocol, shapes) {
  const typeOf = (schema, where) => {
    if (schema.isStructSchema()) return { struct: collect(schema) };
    if (schema.isListSchema()) {
      const item = schema.getValueSchema();
      return { list: typeOf(item, where), item: item.getMergedTraits().xmlName ?? (protocol === "ec2" ? "item" : "member") };
    }
    if (schema.isMapSchema()) return { map: typeOf(schema.getValueSchema(), where) };
    return scalar(schema, where);
  };
  const collect = (schema) => {
    const name = schema.getName(false).replace(/^.*#/, "");
    if (name in shapes) return name;
    const shape = { members: {} };
    shapes[name] = shape;
    const requiredCount = schema.getSchema()[6] ?? 0;
    let index = 0;
    for (const [member, memberSchema] of schema.structIterator()) {
      const traits = memberSchema.getMergedTraits();
      if (traits.xmlFlattened || traits.xmlAttribute) throw new Error(`${name}.${member} uses an XML form the codec does not know`);
      const entry = { type: typeOf(memberSchema, `${name}.${member}`) };
      const key = requestKey(protocol, member, traits);
      const tag = traits.xmlName ?? member;
      if (key !== member) entry.key = key;
      if (tag !== member) entry.tag = tag;
      if (index < requiredCount) entry.required = true;
      shape.members[member] = entry;
      index += 1;
    }
    return name;
  };
  return collect;
}

function resolved(schema) {
  return NormalizedSchema.of(typeof schema === "function" ? schema() : schema);
}

function extract(service, actions) {
  if (service.protocol === "rest-json") return extractRestJson(service, actions);
  const { sdk, protocol, version, xmlNamespace } = service;
  const shapes = {};
  const collect = shapeCollector(protocol, shapes);
  const operations = {};
  for (const action of actions) {
    const operation = sdk[`${action}$`];
    if (!Array.isArray(operation) || operation[0] !== OPERATION) throw new Error(`the SDK has no operation ${action}`);
    const input = resolved(operation[4]);
    const output = resolved(operation[5]);
    operations[action] = {
      ...(input.isUnitSchema() ? {} : { input: collect(input) }),
      ...(output.isUnitSchema() ? {} : { output: collect(output) }),
    };
  }
  const otherActions = Object.values(sdk)
    .filter((value) => Array.isArray(value) && value[0] === OPERATION && !(value[2] in operations))
    .map((value) => value[2])
    .sort((a, b) => (a < b ? -1 : 1));
  const sorted = Object.fromEntries(Object.entries(shapes).sort(([a], [b]) => (a < b ? -1 : 1)));
  return { protocol, version, xmlNamespace, operations, shapes: sorted, otherActions };
}

/** One line per operation, shape and list, so that a change of the SDK shows as a readable difference. */
function render(schema) {
  const lines = (record) =>
    Object.entries(record)
      .map(([name, value]) => `    ${JSON.stringify(name)}: ${JSON.stringify(value)}`)
      .join(",\n");
  const { operations, shapes, otherActions, ...head } = schema;
  const headLines = Object.entries(head).map(([name, value]) => `  ${JSON.stringify(name)}: ${JSON.stringify(value)},`);
  return [
    "{",
    ...headLines,
    `  "operations": {\n${lines(operations)}\n  },`,
    `  "shapes": {\n${lines(shapes)}\n  },`,
    `  "otherActions": [\n${otherActions.map((name) => `    ${JSON.stringify(name)}`).join(",\n")}\n  ]`,
    "}",
    "",
  ].join("\n");
}

function main() {
  const check = process.argv.includes("--check");
  const implemented = JSON.parse(readFileSync(new URL("implemented-actions.json", AWS), "utf8"));
  for (const [name, service] of Object.entries(SERVICES)) {
    const file = new URL(`generated/${name}.json`, AWS);
    const text = render(extract(service, implemented[name]));
    if (!check) {
      writeFileSync(file, text);
    } else if (readFileSync(file, "utf8") !== text) {
      console.error(`${fileURLToPath(file)} is out of date; run: node tools/extract-aws-schemas.mjs`);
      process.exitCode = 1;
    }
  }
}

main();
