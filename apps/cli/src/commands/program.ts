import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { cidrCommand } from "./cidr.ts";
import type { CommandContext } from "./command-context.ts";
import { doctorCommand } from "./doctor.ts";
import { explainCommand } from "./explain.ts";
import { forecastCommand } from "./forecast.ts";
import { labCommand } from "./lab.ts";
import { maxPodsCommand } from "./max-pods.ts";
import { nodeCommand } from "./node.ts";
import { planCommand } from "./plan.ts";
import { settingsCommand } from "./settings.ts";
import { simulateCommand } from "./simulate.ts";
import { snapshotCommand } from "./snapshot.ts";
import { supportBundleCommand } from "./support-bundle.ts";

const EXAMPLES = `
Examples:
  slash28 lab up                                                    a VPC and a cluster on this machine
  slash28 plan --nodes 20 --pods-per-node 30                        a cluster's address plan
  slash28 simulate examples/fintech-180-nodes.yaml                  how a fleet's addresses will move
  slash28 max-pods --instance-type m5.large --cni-version 1.18.0    how many pods a node can run
  slash28 cidr free 10.0.0.0/16 --used 10.0.0.0/20 --length 20      room for subnets`;

/** The whole command tree. Usage mistakes exit with 2, and change nothing. */
export function slash28Program(context: CommandContext, version: string): Command {
  const program = new Command("slash28")
    .description("Real VPC addresses for Kubernetes pods: plan, try and run them.")
    .version(version)
    // An option belongs to the command that it stands behind, where a command has both options and commands of its own.
    .enablePositionalOptions()
    .addCommand(labCommand(context))
    .addCommand(planCommand(context))
    .addCommand(simulateCommand(context))
    .addCommand(maxPodsCommand(context))
    .addCommand(cidrCommand(context))
    .addCommand(nodeCommand(context))
    .addCommand(settingsCommand(context))
    .addCommand(snapshotCommand(context, version))
    .addCommand(doctorCommand(context, version))
    .addCommand(explainCommand(context))
    .addCommand(forecastCommand(context))
    .addCommand(supportBundleCommand(context))
    .addHelpText("after", EXAMPLES);
  pointToHelp(program);
  return program;
}

/** A command added to another does not take its settings over. */
function pointToHelp(command: CommandUnknownOpts): void {
  command.showHelpAfterError("(add --help for the options and examples)");
  for (const child of command.commands) pointToHelp(child);
}
