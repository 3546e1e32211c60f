import { Command, Option } from "@commander-js/extra-typings";
import { ControlError, controlClient, type NodeEvidence } from "@slash28/lab";
import { runningLab } from "../lab/running-lab.ts";
import { CommandError, OUTPUT_FORMATS, printResult, renderTable, usageError, type Column } from "../output/index.ts";
import { evidenceOfOwnNode } from "../support-bundle/own-node.ts";
import { bundleName, STDOUT, writeBundle, type Bundle } from "../support-bundle/write-bundle.ts";
import type { CommandContext } from "./command-context.ts";

/** `slash28 support-bundle`: one node's state as a file to hand to somebody who helps. */
export function supportBundleCommand(context: CommandContext): Command {
  const command = new Command("support-bundle")
    .description(
      "Collects a node's journal, CNI configuration, logs, introspection, metrics, kernel state and events into a tarball, secrets removed: a lab's node, or with --here the node that it runs on.",
    )
    .option("--node <name>", "which node of the lab; with --here, its name in the cluster")
    .option("--here", "the node that this program runs on, as root; in the agent's pod too")
    .option("--root <folder>", "with --here: where the node's files are", "/")
    .option("--kubeconfig <file>", "with --here: the cluster; without it KUBECONFIG, else the pod's service account")
    .option("--output <file>", "the tarball, - for stdout; without it slash28-<node>-<time>.tar.gz here")
    .addOption(new Option("-o <format>", "how to print what is in it").choices(OUTPUT_FORMATS).default("table" as const))
    .action(async ({ output, o, ...from }) => {
      const collectedAt = new Date();
      const evidence = await evidenceOf(context, from);
      const path = output ?? `${bundleName(evidence.node, collectedAt)}.tar.gz`;
      const bundle = await writeBundle(evidence, { path, env: context.env, collectedAt });
      const { terminal } = context;
      // The tarball itself is on stdout.
      const printed = path === STDOUT ? { ...terminal, out: (text: string) => terminal.err(text) } : terminal;
      printResult(printed, o, bundle, () => bundleText(bundle));
    });
  command.addHelpText(
    "after",
    `
Examples:
  slash28 support-bundle --node ip-10-0-0-4.ec2.internal
  slash28 support-bundle --node ip-10-0-0-4.ec2.internal --output node.tar.gz -o json | jq -r '.files[].path'
  slash28 support-bundle --here --kubeconfig /var/lib/kubelet/kubeconfig
  ssh root@node slash28 support-bundle --here --output - > node.tar.gz`,
  );
  return command;
}

interface From {
  readonly node?: string | undefined;
  readonly here?: true | undefined;
  readonly root: string;
  readonly kubeconfig?: string | undefined;
}

async function evidenceOf(context: CommandContext, { node, here, root, kubeconfig }: From): Promise<NodeEvidence> {
  if (here === true) return evidenceOfOwnNode({ name: node, root, kubeconfig }, context.env);
  if (kubeconfig !== undefined || root !== "/") throw usageError("--kubeconfig and --root go with --here");
  if (node === undefined) throw usageError("name one of the lab's nodes with --node, or take the node that this runs on with --here");
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
    `${bundle === STDOUT ? "on standard output" : bundle}; look through it before you hand it on`,
  ].join("\n");
}
