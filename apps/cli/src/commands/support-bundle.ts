import { Command, Option } from "@commander-js/extra-typings";
import { ControlError, controlClient } from "@slash28/lab";
import { runningLab } from "../lab/running-lab.ts";
import { CommandError, OUTPUT_FORMATS, printResult, renderTable, type Column } from "../output/index.ts";
import { bundleName, writeBundle, type Bundle } from "../support-bundle/write-bundle.ts";
import type { CommandContext } from "./command-context.ts";

/** `slash28 support-bundle`: one node's state as a file to hand to somebody who helps. */
export function supportBundleCommand(context: CommandContext): Command {
  const command = new Command("support-bundle")
    .description(
      "Collects a lab node's journal, CNI configuration, logs, introspection, metrics, kernel state and events into a tarball, secrets removed.",
    )
    .requiredOption("--node <name>", "which node")
    .option("--output <file>", "the tarball; without it slash28-<node>-<time>.tar.gz here")
    .addOption(new Option("-o <format>", "how to print what is in it").choices(OUTPUT_FORMATS).default("table" as const))
    .action(async ({ node, output, o }) => {
      const collectedAt = new Date();
      const evidence = await evidenceOf(context, node);
      const path = output ?? `${bundleName(node, collectedAt)}.tar.gz`;
      const bundle = await writeBundle(evidence, { path, env: context.env, collectedAt });
      printResult(context.terminal, o, bundle, () => bundleText(bundle));
    });
  command.addHelpText(
    "after",
    `
Examples:
  slash28 support-bundle --node ip-10-0-0-4.ec2.internal
  slash28 support-bundle --node ip-10-0-0-4.ec2.internal --output node.tar.gz -o json | jq -r '.files[].path'`,
  );
  return command;
}

async function evidenceOf(context: CommandContext, node: string) {
  await runningLab(context);
  return controlClient(context.labPaths.control)
    .evidence(node)
    .catch((cause: unknown) => {
      throw cause instanceof ControlError ? new CommandError(cause.message) : cause;
    });
}

const COLUMNS: readonly Column<Bundle["files"][number]>[] = [
  { head: "file", cell: ({ path }) => path },
  { head: "bytes", cell: ({ bytes }) => bytes, align: "right" },
];

function bundleText({ bundle, files, notes }: Bundle): string {
  return [
    renderTable(COLUMNS, files),
    ...(notes.length === 0 ? [] : ["", "missing or cut:", ...notes.map((note) => `  ${note}`)]),
    "",
    `${bundle}; look through it before you hand it on`,
  ].join("\n");
}
