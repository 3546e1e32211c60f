import { Command } from "@commander-js/extra-typings";
import type { CommandContext } from "./command-context.ts";
import { labCommand } from "./lab.ts";
import { maxPodsCommand } from "./max-pods.ts";

/** The whole command tree. Usage mistakes exit with 2, and change nothing. */
export function slash28Program(context: CommandContext, version: string): Command {
  return new Command("slash28")
    .description("Real VPC addresses for Kubernetes pods: plan, try and run them.")
    .version(version)
    .showHelpAfterError("(add --help for the options and examples)")
    .addCommand(labCommand(context))
    .addCommand(maxPodsCommand(context));
}
