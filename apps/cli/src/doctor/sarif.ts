import { CHECKS, type Finding, type Severity } from "@slash28/advisor";
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
              shortDescription: { text: check.title },
              fullDescription: { text: check.explain },
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
      logicalLocations: [{ name: object.name, fullyQualifiedName: objectText(object), kind: "resource" }],
    })),
    // The same trouble of the same objects is the same result the next time.
    partialFingerprints: { "slash28/v1": `${id}:${objects.map(objectText).join(",")}`.slice(0, 500) },
    properties: { needsNodeReplacement: fix.needsNodeReplacement, commands: fix.commands, ...(effect === undefined ? {} : { effect }) },
  };
}
