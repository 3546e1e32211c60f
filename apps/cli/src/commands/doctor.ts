import { Command, Option } from "@commander-js/extra-typings";
import { SEVERITIES, snapshotOf, type Finding, type Severity } from "@slash28/advisor";
import { diagnoseWithProgress } from "../doctor/diagnose-with-progress.ts";
import { diagnosisText, type Told } from "../doctor/diagnosis-text.ts";
import { diagnosisMarkdown } from "../doctor/markdown.ts";
import { diagnosisSarif } from "../doctor/sarif.ts";
import { readSource, type SourceOptions } from "../doctor/snapshot-source.ts";
import { sourceOptions } from "../doctor/source-options.ts";
import { CommandError, printResult, type Terminal } from "../output/index.ts";
import { permissions } from "../snapshot/permissions.ts";
import { permissionsText } from "../snapshot/permissions-text.ts";
import type { CommandContext } from "./command-context.ts";
import { doctorPodCommand } from "./doctor-pod.ts";

const FORMATS = ["table", "json", "sarif", "markdown"] as const;

/** `slash28 doctor`: what is wrong with a cluster, why, and what to type. */
export function doctorCommand(context: CommandContext, version: string): Command {
  const command = sourceOptions(new Command("doctor"))
    .description(
      "Says what is wrong with a cluster's pod network, with the proof, the fix as commands, and what the fix will do. Changes nothing.",
    )
    .addOption(new Option("--fail-on <severity>", "exit with 1 when something as bad or worse is found").choices(SEVERITIES))
    .option("--show-permissions", "print the IAM policy and the RBAC rules that a live diagnosis needs, and read nothing")
    .addOption(new Option("-o, --output <format>", "how to print it").choices(FORMATS).default("table" as const))
    .action(async ({ failOn, showPermissions, output, ...options }) => {
      const { terminal } = context;
      if (showPermissions === true) return printResult(terminal, output === "json" ? "json" : "table", permissions(), permissionsText);
      const { source, told } = await examined(context, options);
      for (const { document, message } of told.diagnosis.notices) terminal.err(`note: ${document}: ${message}`);
      print(terminal, output, told, { takenAt: source.takenAt, version });
      if (failOn !== undefined && isAsBad(told.diagnosis.findings, failOn)) throw new Found(`found something ${failOn} or worse`);
    });
  // Options after `pod` are those of `pod`.
  command.enablePositionalOptions().addCommand(doctorPodCommand(context));
  command.addHelpText(
    "after",
    `
Examples:
  slash28 doctor                                          the cluster of your kubeconfig, as it is now
  slash28 doctor --lab
  slash28 doctor --snapshot monday -o markdown
  slash28 doctor --support-bundle eks_i-0123456789abcdef0.tar.gz
  slash28 doctor -o sarif --fail-on warning > doctor.sarif
  slash28 doctor pod default/web-0                        why this pod has no address
  slash28 explain subnet-full                             what a finding means`,
  );
  return command;
}

/** The diagnosis is printed, and the exit code says that it is bad; nothing failed. */
class Found extends CommandError {}

async function examined(context: CommandContext, options: SourceOptions) {
  const source = await readSource(context, options);
  const diagnosis = await diagnoseWithProgress(context.terminal, snapshotOf(source.documents));
  const told: Told = { title: source.title, diagnosis, unread: source.unread };
  return { source, told };
}

interface PrintFacts {
  readonly takenAt: string | undefined;
  readonly version: string;
}

function print(terminal: Terminal, format: (typeof FORMATS)[number], told: Told, { takenAt, version }: PrintFacts): void {
  switch (format) {
    case "table":
      return terminal.out(diagnosisText(told, terminal.colours));
    case "markdown":
      return terminal.out(diagnosisMarkdown(told));
    case "sarif":
      return terminal.out(JSON.stringify(diagnosisSarif(told, version), null, 2));
    case "json": {
      const { findings, missing, notices } = told.diagnosis;
      const whole = { source: told.title, ...(takenAt === undefined ? {} : { takenAt }), findings, missing, notices, unread: told.unread };
      return terminal.out(JSON.stringify(whole, null, 2));
    }
    default:
      return format satisfies never;
  }
}

function isAsBad(findings: readonly Finding[], limit: Severity): boolean {
  return findings.some(({ severity }) => SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(limit));
}
