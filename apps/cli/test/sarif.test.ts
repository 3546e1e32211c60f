import { createRequire } from "node:module";
import { CHECKS, diagnose, type Finding } from "@slash28/advisor";
import ajvDraft04 from "ajv-draft-04";
import { expect, test } from "vitest";
import { diagnosisSarif } from "../src/doctor/sarif.ts";

/** OASIS's own schema of SARIF 2.1.0, as Microsoft's matchers carry it. */
const SCHEMA = createRequire(import.meta.url)("@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json") as object;
const validate = new ajvDraft04.default({ strict: false, allErrors: true, validateFormats: false, unicodeRegExp: false }).compile(SCHEMA);

const finding = (id: string, objects: Finding["objects"]): Finding => ({
  id,
  title: "A title",
  severity: "critical",
  objects,
  evidence: [{ text: "0 of 251 addresses are free", value: 0 }],
  cause: "It is full. So pods wait.",
  fix: { commands: ["true"], risk: "None.", needsNodeReplacement: false },
  effect: {
    basis: "stated",
    text: "no addresses move; 0 pods delayed; needs node replacement: no",
    subnets: [],
    podsStarted: 0,
    podsDelayed: 0,
    needsNodeReplacement: false,
  },
});
const FINDINGS = CHECKS.map(({ id }, at) =>
  finding(id, [
    { kind: "Pod", namespace: "team a", name: `web-${at}` },
    { kind: "Subnet", name: "subnet-1" },
  ]),
);
const sarif = (findings: readonly Finding[]): unknown =>
  JSON.parse(
    JSON.stringify(
      diagnosisSarif(
        {
          title: "cluster prod",
          diagnosis: { ...diagnose({}), findings },
          unread: [{ from: "aws ec2 describe-subnets", code: "UnauthorizedOperation", message: "no", needs: "ec2:DescribeSubnets" }],
        },
        "0.1.0",
      ),
    ),
  );
const errors = (log: unknown): unknown => (validate(log) ? [] : validate.errors);

test("a log of every finding, of things that could not be read, and one without findings are SARIF 2.1.0 by its own schema", () => {
  expect(errors(sarif(FINDINGS))).toEqual([]);
  expect(errors(sarif([]))).toEqual([]);
});

test("the schema would refuse what is not SARIF", () => {
  const log = sarif(FINDINGS) as { runs: { results: { level: string }[] }[] };
  log.runs[0]!.results[0]!.level = "fatal";
  expect(errors(log)).not.toEqual([]);
});

interface Result {
  readonly ruleId: string;
  readonly ruleIndex: number;
  readonly level: string;
  readonly message: { readonly text: string };
  readonly locations: readonly { readonly physicalLocation: { artifactLocation: { uri: string }; region: { startLine: number } } }[];
  readonly partialFingerprints: Readonly<Record<string, string>>;
}
interface Run {
  readonly tool: { readonly driver: { readonly name: string; readonly rules: readonly Readonly<Record<string, unknown>>[] } };
  readonly results: readonly Result[];
}
const runOf = (findings: readonly Finding[]): Run => (sarif(findings) as { runs: Run[] }).runs[0]!;

test("GitHub's code scanning finds what it needs in every rule and every result", () => {
  const { tool, results } = runOf(FINDINGS);
  for (const rule of tool.driver.rules) {
    for (const field of ["id", "name", "shortDescription", "fullDescription", "help", "defaultConfiguration"])
      expect(rule[field]).toBeDefined();
  }
  expect(results).toHaveLength(CHECKS.length);
  for (const { ruleId, ruleIndex, level, message, locations, partialFingerprints } of results) {
    expect(tool.driver.rules[ruleIndex]?.["id"]).toBe(ruleId);
    expect(level).toBe("error");
    expect(message.text).not.toBe("");
    for (const { physicalLocation } of locations) {
      // A relative path in its URI form; one line of it.
      expect(physicalLocation.artifactLocation.uri).toMatch(/^[\w%.-]+(?:\/[\w%.-]+)+$/);
      expect(physicalLocation.region.startLine).toBe(1);
    }
    expect(locations.length).toBeGreaterThan(0);
    expect(partialFingerprints["primaryLocationLineHash"]).toMatch(/^[0-9a-f]{16}:1$/);
  }
});

test("the same trouble of the same objects is the same result, whatever its numbers; of others, another", () => {
  const [first] = FINDINGS;
  const prints = (each: Finding): unknown => runOf([each]).results[0]?.partialFingerprints;
  expect(prints({ ...first!, evidence: [{ text: "3 of 251", value: 3 }] })).toEqual(prints(first!));
  expect(prints({ ...first!, objects: [{ kind: "Subnet", name: "subnet-2" }] })).not.toEqual(prints(first!));
});
