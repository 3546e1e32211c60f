#!/usr/bin/env node
/**
 * Writes the parts of the published AWS service schemas that the lab's endpoint speaks and that snapshots read, so that neither needs an
 * AWS SDK when it runs.
 *
 *   node tools/extract-aws-schemas.mjs            writes apps/lab/src/aws/generated/*.json and adapters/aws/src/reads/generated/*.json
 *   node tools/extract-aws-schemas.mjs --check    writes nothing; exits 1 when a file is not what would be written
 *
 * The actions come from apps/lab/src/aws/implemented-actions.json and adapters/aws/src/reads/read-actions.json, the schemas from the
 * packages @aws-sdk/client-*. The shape of the output is described by apps/lab/src/aws/wire/schema.ts, and rest-json/schema.ts there;
 * a reader's has no inputs.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as cloudwatch from "@aws-sdk/client-cloudwatch";
import * as ec2 from "@aws-sdk/client-ec2";
import * as eks from "@aws-sdk/client-eks";
import * as iam from "@aws-sdk/client-iam";
import * as serviceQuotas from "@aws-sdk/client-service-quotas";
import * as sts from "@aws-sdk/client-sts";
import { extractQuery } from "./aws-schemas/query.mjs";
import { extractRestJson } from "./aws-schemas/rest-json.mjs";

const LAB = { folder: new URL("../apps/lab/src/aws/", import.meta.url), actions: "implemented-actions.json", withInputs: true };
const READS = { folder: new URL("../adapters/aws/src/reads/", import.meta.url), actions: "read-actions.json", withInputs: false };

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

function extract(service, actions, options) {
  return service.protocol === "rest-json" ? extractRestJson(service, actions, options) : extractQuery(service, actions, options);
}

/** One line per operation, shape and list, so that a change of the SDK shows as a readable difference. */
function render(schema, { withInputs }) {
  const lines = (record) =>
    Object.entries(record)
      .map(([name, value]) => `    ${JSON.stringify(name)}: ${JSON.stringify(value)}`)
      .join(",\n");
  const { operations, shapes, otherActions, ...head } = schema;
  const others = withInputs ? `,\n  "otherActions": [\n${otherActions.map((name) => `    ${JSON.stringify(name)}`).join(",\n")}\n  ]` : "";
  const headLines = Object.entries(head).map(([name, value]) => `  ${JSON.stringify(name)}: ${JSON.stringify(value)},`);
  return [
    "{",
    ...headLines,
    `  "operations": {\n${lines(operations)}\n  },`,
    `  "shapes": {\n${lines(shapes)}\n  }${others}`,
    "}",
    "",
  ].join("\n");
}

function writeOrCheck(target, check) {
  const actions = JSON.parse(readFileSync(new URL(target.actions, target.folder), "utf8"));
  for (const [name, names] of Object.entries(actions)) {
    const file = new URL(`generated/${name}.json`, target.folder);
    const text = render(extract(SERVICES[name], names, target), target);
    if (!check) {
      writeFileSync(file, text);
    } else if (readFileSync(file, "utf8") !== text) {
      console.error(`${fileURLToPath(file)} is out of date; run: node tools/extract-aws-schemas.mjs`);
      process.exitCode = 1;
    }
  }
}

for (const target of [LAB, READS]) writeOrCheck(target, process.argv.includes("--check"));
