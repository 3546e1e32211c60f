import { Argument, Command, InvalidArgumentError, Option, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { controlClient, type LabFault } from "@slash28/lab";
import { runningLab } from "../lab/running-lab.ts";
import { OUTPUT_FORMATS, printResult, renderTable } from "../output/index.ts";
import type { CommandContext } from "./command-context.ts";
import { faultKindCommands } from "./lab-fault-kinds.ts";

/** `slash28 lab fault …`: the bad days an operator can order. */
export function faultCommand(context: CommandContext): Command {
  const command = new Command("fault").description("Orders a bad day for a while, to see how the cluster takes it.");
  for (const kind of faultKindCommands(context)) command.addCommand(kind);
  return command.addCommand(list(context)).addCommand(clear(context));
}

function output() {
  return new Option("-o, --output <format>", "how to print it").choices(OUTPUT_FORMATS).default("table" as const);
}

function list(context: CommandContext): CommandUnknownOpts {
  return new Command("list")
    .description("The faults in force.")
    .addOption(output())
    .addHelpText("after", "\nExample:\n  slash28 lab fault list")
    .action(async ({ output }) => {
      await runningLab(context);
      const faults = await controlClient(context.labPaths.control).faults();
      printResult(context.terminal, output, faults, () => (faults.length === 0 ? "no fault is in force" : renderTable(COLUMNS, faults)));
    });
}

const COLUMNS = [
  { head: "id", cell: (fault: LabFault) => fault.id },
  { head: "fault", cell: (fault: LabFault) => fault.kind },
  { head: "until", cell: (fault: LabFault) => fault.until ?? "" },
  { head: "what it does", cell: (fault: LabFault) => fault.detail },
];

function clear(context: CommandContext): CommandUnknownOpts {
  return new Command("clear")
    .description("Ends one fault, or all, at once.")
    .addArgument(new Argument("[id]", "which one, such as fault-1; all when absent").argParser(faultId))
    .addHelpText("after", "\nExamples:\n  slash28 lab fault clear\n  slash28 lab fault clear fault-2")
    .action(async (id) => {
      await runningLab(context);
      const ended = await controlClient(context.labPaths.control).clearFaults(id);
      const names = ended.map((fault) => `${fault.id} (${fault.kind})`).join(", ");
      context.terminal.out(ended.length === 0 ? "no fault was in force" : `ended ${names}`);
    });
}

function faultId(text: string): string {
  if (!/^fault-\d+$/.test(text)) throw new InvalidArgumentError("It must be such as fault-1; see: slash28 lab fault list");
  return text;
}
