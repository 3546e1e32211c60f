import { CHECKS, PARTS, type Check } from "@slash28/advisor";

const HEAD = `# Findings of slash28 doctor

Everything that [\`slash28 doctor\`](doctor.md) looks for, as the table of its checks has it; \`slash28 explain <finding>\` prints the same. A finding is looked for
when all it needs is in the snapshot; what adds to the proof may be missing. *simulated*: \`doctor\` says what the fix would do, by running the observed fleet on
with the agent's own planner, once as it is and once with the fix. For the others a simulation of addresses has nothing to say, and none is made up.

\`critical\`: pods fail now. \`warning\`: they will, or traffic or money is lost. \`info\`: against good practice. One occurrence may be more or less severe than its row.
`;

/** docs/findings.md. */
export function findingsPage(): string {
  return [
    HEAD,
    "| finding | severity | what | needs | effect |",
    "|---|---|---|---|---|",
    ...CHECKS.map(row),
    "",
    ...CHECKS.flatMap(chapter),
  ].join("\n");
}

function row({ id, severity, title, needs, fleetFix }: Check): string {
  const parts = needs.length === 0 ? "any of the parts below" : needs.map((part) => PARTS[part].title).join(", ");
  return `| [\`${id}\`](#${id}) | ${severity} | ${title} | ${parts} | ${fleetFix === undefined ? "" : "simulated"} |`;
}

function chapter({ id, explain, uses }: Check): readonly string[] {
  const more = uses.length === 0 ? "" : ` More proof: ${uses.map((part) => PARTS[part].title).join(", ")}.`;
  return [`## ${id}`, "", `${explain}${more}`, ""];
}
