import { CHECKS, PARTS, type Check } from "@slash28/advisor";

const HEAD = `# Findings of slash28 doctor

Everything that [\`slash28 doctor\`](doctor.md) looks for, as the table of its checks has it; \`slash28 explain <finding>\` prints the same. A finding is looked for
when all it needs is in the snapshot; what adds to the proof may be missing. What the fix does is told
with each ([doctor.md](doctor.md#what-the-fix-does)).

\`critical\`: pods fail now. \`warning\`: they will, or traffic or money is lost. \`info\`: against good practice. One occurrence may be more or less severe than its row.
`;

/** docs/findings.md. */
export function findingsPage(): string {
  return [HEAD, "| finding | severity | what | needs |", "|---|---|---|---|", ...CHECKS.map(row), "", ...CHECKS.flatMap(chapter)].join(
    "\n",
  );
}

function row({ id, severity, title, needs }: Check): string {
  const parts = needs.length === 0 ? "any of the parts below" : needs.map((part) => PARTS[part].title).join(", ");
  return `| [\`${id}\`](#${id}) | ${severity} | ${title} | ${parts} |`;
}

function chapter({ id, explain, uses }: Check): readonly string[] {
  const more = uses.length === 0 ? "" : ` More proof: ${uses.map((part) => PARTS[part].title).join(", ")}.`;
  return [`## ${id}`, "", `${explain}${more}`, ""];
}
