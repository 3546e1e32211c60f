import { Command, Option, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { doctorPod, snapshotOf } from "@slash28/advisor";
import { podText } from "../doctor/pod-text.ts";
import { sourceOptions } from "../doctor/source-options.ts";
import { readSource } from "../doctor/snapshot-source.ts";
import { CommandError, OUTPUT_FORMATS, printResult, usageError } from "../output/index.ts";
import { unreadText } from "../snapshot/unread-text.ts";
import type { CommandContext } from "./command-context.ts";

/** `slash28 doctor pod`: why one pod has no address. */
export function doctorPodCommand(context: CommandContext): CommandUnknownOpts {
  const command = sourceOptions(new Command("pod"))
    .description("Why one pod has no address: looks at the agent, the instance, the subnet, the quota and branch ENIs in turn.")
    .argument("<pod>", "its namespace and name, such as default/web-0; of default without a namespace")
    .addOption(new Option("-o, --output <format>", "how to print it").choices(OUTPUT_FORMATS).default("table" as const))
    .action(async (pod, { output, ...options }) => {
      const { terminal } = context;
      const { namespace, name } = namesOf(pod);
      const { documents, unread, title } = await readSource(context, options);
      for (const line of unreadText(unread)) terminal.err(`warning: ${line}`);
      const diagnosis = doctorPod(snapshotOf(documents).snapshot, namespace, name);
      if (diagnosis === undefined) throw new CommandError(`${title} has no pod ${namespace}/${name}`);
      printResult(terminal, output, diagnosis, () => podText(diagnosis, terminal.colours));
    });
  command.addHelpText(
    "after",
    `
Examples:
  slash28 doctor pod default/web-64fdc68dd4-2s7zt
  slash28 doctor pod web-0 --snapshot monday -o json | jq -r .verdict`,
  );
  return command;
}

function namesOf(pod: string): { readonly namespace: string; readonly name: string } {
  const [first = "", second, ...more] = pod.split("/");
  if (first === "" || second === "" || more.length > 0) throw usageError(`${pod} names no pod; give namespace/name`);
  return second === undefined ? { namespace: "default", name: first } : { namespace: first, name: second };
}
