import { ControlError, controlClient, type Attempt, type VerifyReport } from "@slash28/lab";
import type { CommandContext } from "../commands/command-context.ts";
import { CommandError, printResult, renderTable, type Column, type OutputFormat, type Terminal } from "../output/index.ts";
import { runningLab } from "./running-lab.ts";

/** Has the lab try every connection of a cluster, its own unless told, and prints the matrix; a miss is exit code 1. */
export async function verifyLab(context: CommandContext, format: OutputFormat, cluster?: string): Promise<void> {
  const { terminal, labPaths } = context;
  await runningLab(context);
  terminal.err("trying every connection …");
  const report = await controlClient(labPaths.control)
    .verify(cluster)
    .catch((cause: unknown) => {
      throw cause instanceof ControlError ? new CommandError(cause.message) : cause;
    });
  printResult(terminal, format, report, () => verifyText(report, terminal.colours));
  if (report.missed > 0) throw new CommandError(`${report.missed} of ${report.attempts.length} connections failed`);
}

/** The matrix: a row per source, a column per target, and below it what was missed and why. */
export function verifyText(report: VerifyReport, colours: Terminal["colours"]): string {
  const found = new Map<string, Attempt[]>();
  for (const attempt of report.attempts) {
    const key = `${attempt.from}\n${attempt.to}`;
    found.set(key, [...(found.get(key) ?? []), attempt]);
  }
  const cell = (from: string, to: string): string => {
    const attempts = found.get(`${from}\n${to}`);
    if (attempts === undefined) return "·";
    const missed = attempts.filter((attempt) => !attempt.reached);
    return missed.length === 0 ? colours.green("ok") : colours.red(`no ${missed.map((attempt) => attempt.by).join(",")}`);
  };
  const columns: Column<string>[] = [
    { head: "from \\ to", cell: (from) => from },
    ...report.targets.map((to, index): Column<string> => ({ head: String(index + 1), cell: (from) => cell(from, to) })),
  ];
  const legend = report.targets.map((to, index) => `  ${index + 1}  ${to}`).join("\n");
  const misses = report.attempts
    .filter((attempt) => !attempt.reached)
    .map((attempt) => `  ${attempt.by} ${attempt.from} → ${attempt.to}: ${attempt.detail ?? "no answer"}`);
  const verdict = report.missed === 0 ? `all ${report.attempts.length} connections work` : `missed:\n${misses.join("\n")}`;
  return `${renderTable(columns, report.sources)}\n\n${legend}\n\n${verdict}`;
}
