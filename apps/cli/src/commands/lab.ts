import { Command, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { downLab } from "../lab/down.ts";
import { exportLines, labEnv } from "../lab/lab-env.ts";
import { runningLab } from "../lab/running-lab.ts";
import { ofCluster, statusTable } from "../lab/status-table.ts";
import { upLab } from "../lab/up.ts";
import { verifyLab } from "../lab/verify.ts";
import { OUTPUT_FORMATS, printResult } from "../output/index.ts";
import { eventsCommand } from "./lab-events.ts";
import { faultCommand } from "./lab-fault.ts";
import type { CommandContext } from "./command-context.ts";

/** `slash28 lab …`: a VPC and a cluster on this machine. */
export function labCommand(context: CommandContext): Command {
  return new Command("lab")
    .description("A VPC and a Kubernetes cluster on this machine, for the stock aws, kubectl and helm.")
    .addCommand(up(context))
    .addCommand(status(context))
    .addCommand(env(context))
    .addCommand(verify(context))
    .addCommand(faultCommand(context))
    .addCommand(eventsCommand(context))
    .addCommand(down(context));
}

function up(context: CommandContext): Command {
  const command = new Command("up")
    .description("Brings the lab up and shows it until Ctrl-C, which takes everything away again.")
    .option("--detach", "return once it runs; `slash28 lab down` ends it")
    .option("--file <cluster.yaml>", "the cluster to build; without it, three m5.large in two zones")
    .option("--nodes <count>", "how many nodes, without a cluster file", count)
    .option("--instance-type <type>", "which instance type, without a cluster file")
    .addOption(
      new Option("--data-plane <kind>", "simulated: no root, no packets, the same control plane")
        .choices(["kernel", "simulated"] as const)
        .default("kernel" as const),
    )
    .addOption(
      new Option("--ec2-profile <profile>", "realistic: EC2's latencies and request limits")
        .choices(["instant", "realistic"] as const)
        .default("instant" as const),
    )
    .option("--api-port <port>", "loopback port of the Kubernetes API; 0 takes any free one", port, 28443)
    .option("--aws-port <port>", "loopback port of the AWS endpoints; 0 takes any free one", port, 28080)
    .option("--seed <number>", "every id and choice follows from it", count, 28)
    .addOption(
      new Option("--iam <mode>", "strict: only access keys the lab gave out, and signatures that hold")
        .choices(["open", "strict"] as const)
        .default("open" as const),
    )
    .option("--state <folder>", "keep VPC and cluster there beyond the lab's end, and go on from what is there")
    .action((options, self) => {
      const isGiven = (name: string): boolean => self.getOptionValueSource(name as keyof typeof options) === "cli";
      return upLab(context, options, isGiven);
    });
  return command.addHelpText(
    "after",
    `
Examples:
  slash28 lab up                                    three m5.large, live table, Ctrl-C ends it
  slash28 lab up --detach --nodes 5 --instance-type m5.xlarge
  slash28 lab up --file examples/two-zones.yaml
  slash28 lab up --state ~/lab                      the same VPC and cluster again, tomorrow
  eval "$(slash28 lab env)" && kubectl get nodes`,
  );
}

function status(context: CommandContext): Command {
  return new Command("status")
    .description("Clusters; nodes with their addresses and pods; subnets with what is free.")
    .addOption(output())
    .addOption(cluster())
    .addHelpText(
      "after",
      "\nExamples:\n  slash28 lab status\n  slash28 lab status --cluster second\n  slash28 lab status -o json | jq '.nodes[].addresses'",
    )
    .action(async ({ output, cluster: name }) => {
      const found = ofCluster(await runningLab(context), name);
      printResult(context.terminal, output, found, () => statusTable(found));
    });
}

function env(context: CommandContext): Command {
  return new Command("env")
    .description("Prints the variables that point kubectl, helm, aws and the SDKs at the lab.")
    .addHelpText("after", '\nExample:\n  eval "$(slash28 lab env)"')
    .action(async () => context.terminal.out(exportLines(labEnv(await runningLab(context)))));
}

function verify(context: CommandContext): Command {
  return new Command("verify")
    .description("Pings and curls every pod pair, node, service address and the internet; exits 1 when anything is missed.")
    .addOption(output())
    .addOption(cluster())
    .addHelpText("after", "\nExamples:\n  slash28 lab verify\n  slash28 lab verify -o json | jq '.attempts[] | select(.reached | not)'")
    .action(({ output, cluster: name }) => verifyLab(context, output, name));
}

function down(context: CommandContext): Command {
  return new Command("down")
    .description("Ends the lab and removes everything it made, also after a crash. Doing it twice is fine.")
    .addHelpText("after", "\nExample:\n  slash28 lab down")
    .action(() => downLab(context));
}

function cluster() {
  return new Option("--cluster <name>", "which cluster of the lab; see: slash28 lab status");
}

function output() {
  return new Option("-o, --output <format>", "how to print it").choices(OUTPUT_FORMATS).default("table" as const);
}

function count(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError("It must be a whole number.");
  return Number(text);
}

function port(text: string): number {
  const value = count(text);
  if (value > 65_535) throw new InvalidArgumentError("Ports end at 65535.");
  return value;
}
