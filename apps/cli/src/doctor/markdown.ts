import type { Finding } from "@slash28/advisor";
import { unreadText } from "../snapshot/unread-text.ts";
import { countsText, objectsText, type Told } from "./diagnosis-text.ts";

/** A diagnosis for an issue, a pull request or a wiki. */
export function diagnosisMarkdown({ title, diagnosis: { findings, missing }, unread }: Told): string {
  const gaps = [
    ...missing
      .filter(({ hides }) => hides.length > 0)
      .map(({ title, hides, command }) => `- ${title}, so no ${hides.join(", ")}: \`${command}\``),
    ...unreadText(unread).map((line) => `- ${line}`),
  ];
  return [
    `# ${title}`,
    `${countsText(findings)}.`,
    ...findings.map(findingMarkdown),
    ...(gaps.length === 0 ? [] : [`## Not looked at\n\n${gaps.join("\n")}`]),
  ].join("\n\n");
}

function findingMarkdown({ id, title, severity, objects, evidence, cause, fix, effect }: Finding): string {
  return [
    `## ${title}`,
    `**${severity}**, \`${id}\`${objects.length === 0 ? "" : `: ${objectsText(objects)}`}`,
    evidence.map(({ text }) => `- ${text}`).join("\n"),
    cause,
    `\`\`\`sh\n${fix.commands.join("\n")}\n\`\`\``,
    `Risk: ${fix.risk}`,
    `Effect: ${effect === undefined ? `needs node replacement: ${fix.needsNodeReplacement ? "yes" : "no"}` : effect.text}`,
  ].join("\n\n");
}
