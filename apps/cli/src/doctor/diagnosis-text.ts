import { SEVERITIES, type Diagnosis, type Finding, type FindingObject, type MissingPart, type Severity } from "@slash28/advisor";
import type { Terminal } from "../output/index.ts";
import type { UnreadDocument } from "../snapshot/documents.ts";
import { unreadText } from "../snapshot/unread-text.ts";

export interface Told {
  readonly title: string;
  readonly diagnosis: Diagnosis;
  readonly unread: readonly UnreadDocument[];
}

/** How many objects a finding names before it counts the rest. */
const OBJECTS_MAX = 8;

/** A diagnosis for somebody on a bad day: what is wrong, the proof, what to type, what that will do. The worst stands first. */
export function diagnosisText({ title, diagnosis, unread }: Told, colours: Terminal["colours"]): string {
  const { findings, missing } = diagnosis;
  const parts = findings.map((finding, index) => findingText(finding, index + 1, colours));
  const head = `${title}: ${countsText(findings)}`;
  return [head, ...parts, ...blindSpots(missing, unread)].join("\n\n");
}

/** `2 critical, 1 warning`. */
export function countsText(findings: readonly Finding[]): string {
  const counts = SEVERITIES.flatMap((severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length;
    return count === 0 ? [] : [`${count} ${severity}`];
  });
  return counts.length === 0 ? "nothing found" : counts.join(", ");
}

/** `Pod default/web`. */
export function objectText({ kind, namespace, name }: FindingObject): string {
  return `${kind} ${namespace === undefined ? name : `${namespace}/${name}`}`;
}

export function objectsText(objects: readonly FindingObject[]): string {
  const shown = objects.slice(0, OBJECTS_MAX).map(objectText).join(", ");
  return objects.length > OBJECTS_MAX ? `${shown} and ${objects.length - OBJECTS_MAX} more` : shown;
}

export function findingText(
  { id, title, severity, objects, evidence, cause, fix, effect }: Finding,
  number: number,
  colours: Terminal["colours"],
): string {
  const paint: Readonly<Record<Severity, (text: string) => string>> = {
    critical: colours.red,
    warning: colours.yellow,
    info: colours.cyan,
  };
  return [
    `${number}. ${paint[severity](severity.toUpperCase())}  ${colours.bold(title)}  (${id})`,
    ...(objects.length === 0 ? [] : [`   what:    ${objectsText(objects)}`]),
    ...evidence.map(({ text }, index) => `${index === 0 ? "   proof:   " : "            "}${text}`),
    `   why:     ${cause}`,
    ...fix.commands.map((command, index) => `${index === 0 ? "   fix:     " : "            "}${indented(command)}`),
    `   risk:    ${fix.risk}`,
    `   effect:  ${effect === undefined ? `needs node replacement: ${fix.needsNodeReplacement ? "yes" : "no"}` : effect.text}`,
  ].join("\n");
}

/** Commands of several lines stay under one another. */
function indented(command: string): string {
  return command.replaceAll("\n", "\n            ");
}

/** What nobody looked at, so that "nothing found" is not taken for "nothing wrong". */
function blindSpots(missing: readonly MissingPart[], unread: readonly UnreadDocument[]): readonly string[] {
  const hiding = missing.filter(({ hides }) => hides.length > 0);
  const lines = hiding.map(({ title, hides, command }) => `  ${title}, so no ${hides.join(", ")}; get them with: ${command}`);
  return [
    ...(lines.length === 0 ? [] : [["not in the snapshot:", ...lines].join("\n")]),
    ...(unread.length === 0 ? [] : [unreadText(unread).join("\n")]),
  ];
}
