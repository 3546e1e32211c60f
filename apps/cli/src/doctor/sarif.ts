import { createHash } from "node:crypto";
import { CHECKS, type Finding, type FindingObject, type Severity } from "@slash28/advisor";
import { objectText, type Told } from "./diagnosis-text.ts";

/** SARIF's words for how bad a result is (SARIF 2.1.0, section 3.27.10). */
const LEVELS: Readonly<Record<Severity, "error" | "warning" | "note">> = { critical: "error", warning: "warning", info: "note" };

/** A diagnosis as SARIF 2.1.0 (OASIS), for code scanning and for dashboards: a rule for each finding there is, a result for each that was made. */
export function diagnosisSarif({ title, diagnosis: { findings, missing }, unread }: Told, version: string): object {
  const ids = [...new Set([...CHECKS.map(({ id }) => id), ...findings.map(({ id }) => id)])];
  const notifications = [
    ...missing.filter(({ hides }) => hides.length > 0).map(({ title, hides }) => `${title} are not known, so no ${hides.join(", ")}`),
    ...unread.map(({ from, code, message }) => `not read: ${from}: ${code}: ${message}`),
  ];
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: "slash28 doctor",
            semanticVersion: version,
            rules: CHECKS.map((check) => ({
              id: check.id,
              name: check.id,
              shortDescription: { text: check.title },
              fullDescription: { text: check.explain },
              help: { text: `${check.explain}\n\nslash28 explain ${check.id}` },
              defaultConfiguration: { level: LEVELS[check.severity] },
            })),
          },
        },
        invocations: [
          {
            executionSuccessful: true,
            toolExecutionNotifications: notifications.map((text) => ({ level: "note", message: { text } })),
          },
        ],
        // Findings of several clusters stand beside one another in code scanning, each under its own name.
        automationDetails: { id: `slash28-doctor/${pathWord(title)}/` },
        properties: { source: title },
        results: findings.map((finding) => resultOf(finding, ids.indexOf(finding.id))),
      },
    ],
  };
}

function resultOf(finding: Finding, ruleIndex: number): object {
  const { id, title, severity, objects, evidence, cause, fix, effect } = finding;
  const text = [
    `${title}.`,
    ...evidence.map(({ text }) => `${text}.`),
    cause,
    `Fix: ${fix.commands.join("; ")}`,
    `Risk: ${fix.risk}`,
    ...(effect === undefined ? [] : [`Effect: ${effect.text}`]),
  ].join("\n");
  return {
    ruleId: id,
    ruleIndex,
    level: LEVELS[severity],
    message: { text },
    locations: objects.map((object) => ({
      physicalLocation: { artifactLocation: { uri: pathOf(object) }, region: { startLine: 1 } },
      logicalLocations: [{ name: object.name, fullyQualifiedName: objectText(object), kind: "resource" }],
    })),
    // The same trouble of the same objects is the same result the next time; code scanning goes by the first of the two.
    partialFingerprints: { primaryLocationLineHash: `${fingerprint(finding)}:1`, "slash28/v1": fingerprint(finding) },
    properties: { needsNodeReplacement: fix.needsNodeReplacement, commands: fix.commands, ...(effect === undefined ? {} : { effect }) },
  };
}

function fingerprint({ id, objects }: Finding): string {
  return createHash("sha256")
    .update(`${id}:${objects.map(objectText).join(",")}`)
    .digest("hex")
    .slice(0, 16);
}

/** Code scanning takes no result without a file: `Pod/default/web-0` stands for one. */
function pathOf({ kind, namespace, name }: FindingObject): string {
  return [kind, ...(namespace === undefined ? [] : [namespace]), name].map(encodeURIComponent).join("/");
}

function pathWord(text: string): string {
  return text.replace(/[^\w.-]+/g, "-").slice(0, 100);
}
