import { Command, Option, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { planAndProve, planFiles, type Refusal } from "@slash28/advisor";
import { CommandError, OUTPUT_FORMATS, printResult, usageError } from "../output/index.ts";
import { alternativeText, planText } from "../plan/plan-text.ts";
import { readNeeds } from "../plan/read-needs.ts";
import { writeFiles } from "../plan/write-files.ts";
import type { CommandContext } from "./command-context.ts";

/** `slash28 plan`: from what a cluster has to carry to its network. */
export function planCommand({ terminal }: CommandContext): CommandUnknownOpts {
  return new Command("plan")
    .description(
      "A cluster's address plan from its needs: mode, subnets, settings, when it runs out. Simulated with an upgrade of every node.",
    )
    .argument("[file]", "the needs, as with --needs")
    .option("--needs <file>", "the needs; options below go over what the file says")
    .option("--name <name>", "of the cluster")
    .option("--region <region>", "AWS Region")
    .option("--zones <zone...>", "two zones or more")
    .option("--nodes <count>", "nodes that CPU and memory need today")
    .option("--pods <count>", "pods with an address of their own, in all")
    .option("--pods-per-node <count>", "the same, on each node")
    .option("--pods-per-node-by-compute <count>", "pods a node has CPU and memory for; the number of nodes then follows from the pods")
    .option("--instance-type <type...>", "nodes are spread over them evenly")
    .option("--growth <share>", "of nodes and pods a year, such as 40%")
    .option("--months <count>", "how far ahead the subnets must last")
    .option("--surge <share>", "nodes that an upgrade launches before old ones go")
    .option("--routable <cidr...>", "ranges the VPC may have")
    .option("--avoid <cidr...>", "ranges of other clusters, peers and on-premises networks")
    .addOption(
      new Option("--internet <way>", "through NAT gateways, by nodes' own public addresses, or none at all").choices([
        "nat",
        "public",
        "none",
      ] as const),
    )
    .option("--ipv6-ready", "everything the workload runs on and talks to can do with IPv6")
    .option("--existing", "the cluster is there already")
    .option("--pods-reached-from-outside", "others outside the VPC open connections to pods")
    .option("--isolated-pods <count>", "pods with security groups of their own")
    .option("--cni-version <version>", "VPC CNI version, such as 1.20.4")
    .option("--write <folder>", "write ready files: cluster.yaml, eksctl, Terraform, manifests, user data")
    .option("--force", "overwrite files that are there")
    .addOption(new Option("-o, --output <format>", "how to print it").choices(OUTPUT_FORMATS).default("table" as const))
    .action((file, { needs, write, force, output, ...options }) => {
      if (force === true && write === undefined) throw usageError("--force goes with --write");
      if (file !== undefined && needs !== undefined) throw usageError(`give one file of needs, ${file} or --needs ${needs}`);
      const planned = planAndProve(readNeeds(file ?? needs, options));
      if (!planned.ok) throw noPlan(planned.refusal);
      const { plan, proof } = planned;
      if (write !== undefined) {
        writeFiles(write, planFiles(plan), force === true);
        terminal.err(
          `written to ${write}: ${planFiles(plan)
            .map((file) => file.path)
            .join(", ")}`,
        );
      }
      printResult(terminal, output, { plan, simulation: proof }, () => planText(plan, proof));
    })
    .addHelpText(
      "after",
      `
Examples:
  slash28 plan --nodes 20 --pods-per-node 30 --growth 50%
  slash28 plan examples/needs/full-vpc.yaml --write plan/
  slash28 plan --nodes 100 --pods-per-node 50 --routable 10.20.0.0/22 --avoid 100.64.0.0/16 -o json | jq .plan.vpc.subnets`,
    );
}

function noPlan({ reason, alternatives }: Refusal): CommandError {
  return new CommandError([`no plan: ${reason}`, ...alternatives.map(alternativeText)].join("\n"));
}
