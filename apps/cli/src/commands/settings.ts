import { Command, Option } from "@commander-js/extra-typings";
import { explainSettings, type Env } from "@slash28/ipam";
import { kubeOf } from "../cluster/kube-of.ts";
import { CommandError, OUTPUT_FORMATS, printResult, usageError } from "../output/index.ts";
import { readEnvFile } from "../settings/env-file.ts";
import { envOfDaemonSet } from "../settings/env-of-daemon-set.ts";
import { settingsTable } from "../settings/settings-table.ts";
import type { CommandContext } from "./command-context.ts";

/** Where this program cannot log in itself: the program that EKS's kubeconfig runs for its token may not be here. */
const BY_KUBECTL =
  "or: kubectl set env daemonset/aws-node -n kube-system -c aws-node --list > aws-node.env; slash28 settings explain --env-file aws-node.env";

/** `slash28 settings …`: what the agent makes of its environment. */
export function settingsCommand(context: CommandContext): Command {
  return new Command("settings").description("The node agent's settings.").addCommand(explain(context));
}

interface Sources {
  readonly envFile?: string | undefined;
  readonly fromCluster?: true | undefined;
  readonly kubeconfig?: string | undefined;
}

function explain(context: CommandContext): Command {
  const command = new Command("explain")
    .description(
      "Every setting with its value, where it comes from, what it overrides and what overrides it. Without an environment: the defaults.",
    )
    .option("--env-file <file>", "KEY=VALUE lines, as `kubectl set env --list` prints them")
    .option("--from-cluster", "the environment of the DaemonSet kube-system/aws-node")
    .option("--kubeconfig <file>", "which cluster; without it KUBECONFIG, else ~/.kube/config")
    .addOption(new Option("-o, --output <format>", "how to print it").choices(OUTPUT_FORMATS).default("table" as const))
    .action(async ({ output, ...sources }) => {
      const explained = explainSettings(await environment(context, sources));
      printResult(context.terminal, output, explained, () => settingsTable(explained));
    });
  command.addHelpText(
    "after",
    `
Examples:
  slash28 settings explain --from-cluster
  slash28 settings explain --env-file aws-node.env
  slash28 settings explain --from-cluster -o json | jq '.settings[] | select(.hasEffect | not)'`,
  );
  return command;
}

async function environment({ terminal, env }: CommandContext, { envFile, fromCluster, kubeconfig }: Sources): Promise<Env> {
  if (envFile !== undefined && fromCluster === true) throw usageError("give --env-file or --from-cluster, not both");
  if (kubeconfig !== undefined && fromCluster !== true) throw usageError("--kubeconfig goes with --from-cluster");
  if (envFile !== undefined) return readEnvFile(envFile);
  if (fromCluster !== true) return {};
  const kube = await kubeOf(kubeconfig, env).catch((cause: unknown) => {
    throw cause instanceof CommandError ? new CommandError(`${cause.message}\n${BY_KUBECTL}`, cause.exitCode) : cause;
  });
  try {
    const found = await envOfDaemonSet(kube);
    for (const { what, from } of found.untold) terminal.err(`${what} from ${from}: not read, taken as not given`);
    return found.env;
  } finally {
    kube.close();
  }
}
