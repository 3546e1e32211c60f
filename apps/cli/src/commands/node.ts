import { Command, Option } from "@commander-js/extra-typings";
import { planDefrag } from "@slash28/ipam";
import { defragText, type NodeDefrag } from "../node/defrag-text.ts";
import { labPools, savedPools, type NamedPool } from "../node/pool-sources.ts";
import { OUTPUT_FORMATS, printResult, usageError } from "../output/index.ts";
import type { CommandContext } from "./command-context.ts";

/** `slash28 node …`: one node's addresses. */
export function nodeCommand(context: CommandContext): Command {
  return new Command("node").description("The addresses that nodes hold.").addCommand(defrag(context));
}

function defrag(context: CommandContext): Command {
  const command = new Command("defrag")
    .description("Which pods pin which prefixes, and how many addresses a drain of them frees. Changes nothing.")
    .option("--dry-run", "only say it; needed, since nothing else is there")
    .option("--node <name>", "this node alone")
    .option(
      "--enis-file <file...>",
      "saved answers of an agent's /v1/enis, this one's or the VPC CNI's; without it the running lab is asked",
    )
    .addOption(new Option("-o, --output <format>", "how to print it").choices(OUTPUT_FORMATS).default("table" as const))
    .action(async ({ dryRun, node, enisFile, output }) => {
      if (dryRun !== true) throw usageError("defrag drains no pod itself: add --dry-run, and drain the pods that it names");
      const pools = enisFile === undefined ? await labPools(context) : savedPools(enisFile);
      const plans = chosen(pools, node).map((pool): NodeDefrag => ({ node: pool.node, ...planDefrag(pool.snapshot) }));
      printResult(context.terminal, output, plans, () => defragText(plans));
    });
  command.addHelpText(
    "after",
    `
Examples:
  slash28 node defrag --dry-run
  slash28 node defrag --dry-run --node ip-10-0-0-4.ec2.internal -o json | jq -r '.[].drain[]'
  slash28 node defrag --dry-run --enis-file node-a.json node-b.json`,
  );
  return command;
}

function chosen(pools: readonly NamedPool[], node: string | undefined): readonly NamedPool[] {
  if (node === undefined) return pools;
  const found = pools.filter((pool) => pool.node === node);
  if (found.length === 0) throw usageError(`there is no node ${node}; there is ${pools.map((pool) => pool.node).join(", ") || "none"}`);
  return found;
}
