import { Argument, Command, InvalidArgumentError, Option, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { controlClient, FAULT_KINDS, FAULT_SECONDS_MAX, type LabFault } from "@slash28/lab";
import { runningLab } from "../lab/running-lab.ts";
import { OUTPUT_FORMATS, printResult, renderTable } from "../output/index.ts";
import type { CommandContext } from "./command-context.ts";

/** `slash28 lab fault …`: the bad days an operator can order. */
export function faultCommand(context: CommandContext): Command {
  return new Command("fault")
    .description("Orders a fault for a while, to see how the cluster takes it.")
    .addCommand(order(context))
    .addCommand(list(context))
    .addCommand(clear(context));
}

function order({ terminal, labPaths, env }: CommandContext): CommandUnknownOpts {
  const command = new Command("order")
    .description("throttle: EC2 refuses every call with RequestLimitExceeded")
    .addArgument(new Argument("<kind>", "which fault").choices(FAULT_KINDS))
    .requiredOption("--for <duration>", "how long, such as 30s or 5m", seconds)
    .action(async (kind, options) => {
      await runningLab({ terminal, labPaths, env });
      const fault = await controlClient(labPaths.control).orderFault(kind, options.for);
      terminal.out(`${fault.kind} until ${fault.until}`);
    });
  command.addHelpText("after", "\nExample:\n  slash28 lab fault order throttle --for 30s");
  return command;
}

function list(context: CommandContext): Command {
  const command = new Command("list")
    .description("The faults in force.")
    .addOption(new Option("-o, --output <format>", "how to print it").choices(OUTPUT_FORMATS).default("table" as const))
    .action(async ({ output }) => {
      await runningLab(context);
      const faults = await controlClient(context.labPaths.control).faults();
      printResult(context.terminal, output, faults, () => (faults.length === 0 ? "no fault is in force" : renderTable(COLUMNS, faults)));
    });
  return command;
}

const COLUMNS = [
  { head: "fault", cell: (fault: LabFault) => fault.kind },
  { head: "until", cell: (fault: LabFault) => fault.until },
];

function clear(context: CommandContext): Command {
  return new Command("clear").description("Ends every fault at once.").action(async () => {
    await runningLab(context);
    await controlClient(context.labPaths.control).clearFaults();
    context.terminal.out("no fault is in force");
  });
}

function seconds(text: string): number {
  const match = /^(\d{1,5})(s|m)?$/.exec(text);
  const value = match === null ? 0 : Number(match[1]) * (match[2] === "m" ? 60 : 1);
  if (value < 1 || value > FAULT_SECONDS_MAX) throw new InvalidArgumentError(`Give seconds or minutes, 1s to ${FAULT_SECONDS_MAX / 60}m.`);
  return value;
}
