import type { SoakReport } from "./tally.ts";

const FINDINGS_SHOWN = 20;

/** One line while it goes on, with a guess at when it ends. */
export function progressLine(report: SoakReport, kills: number): string {
  const left = report.kills === 0 ? undefined : ((kills - report.kills) * report.seconds) / report.kills;
  const end = left === undefined ? "" : `; about ${left < 90 ? `${Math.ceil(left)} s` : `${Math.ceil(left / 60)} min`} left`;
  return `${report.kills} of ${kills} kills: ${figures(report)}${end}`;
}

export function reportText(report: SoakReport): string {
  const { during, findings } = report;
  const lines = [
    `${report.kills} kills in ${report.seconds} s, seed ${report.seed}: ${figures(report)}, ${report.leaks} leaks`,
    `killed while the agent started: ${during.agentStart}; while pods of its node started: ${during.podsStarting}, ended: ${during.podsEnding}; at rest: ${during.rest}`,
    ...findings.slice(0, FINDINGS_SHOWN),
  ];
  return findings.length > FINDINGS_SHOWN ? [...lines, `and ${findings.length - FINDINGS_SHOWN} more`].join("\n") : lines.join("\n");
}

function figures({ connections, requests, failed, doubles, pods }: SoakReport): string {
  return `${failed} failed of ${connections} connections with ${requests} requests, ${doubles} doubles, ${pods} pods`;
}
