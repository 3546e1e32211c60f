import type { PodDiagnosis, PodStep } from "@slash28/advisor";
import type { Terminal } from "../output/index.ts";
import { findingText } from "./diagnosis-text.ts";

const WORDS: Readonly<Record<PodStep["state"], string>> = { ok: "ok", failed: "FAILED", unknown: "unknown" };
const WIDTH = Math.max(...Object.values(WORDS).map((word) => word.length));

/** Why a pod has no address: the verdict, what was looked at in which order, and the findings that have the fixes. */
export function podText({ verdict, steps, findings }: PodDiagnosis, colours: Terminal["colours"]): string {
  const paint: Readonly<Record<PodStep["state"], (text: string) => string>> = {
    ok: colours.green,
    failed: colours.red,
    unknown: colours.yellow,
  };
  const told = steps.flatMap(({ title, state, evidence }, index) => [
    `${index + 1}. ${paint[state](WORDS[state].padEnd(WIDTH))}  ${title}`,
    ...evidence.map(({ text }) => `${" ".repeat(WIDTH + 5)}${text}`),
  ]);
  return [verdict, told.join("\n"), ...findings.map((finding, index) => findingText(finding, index + 1, colours))].join("\n\n");
}
