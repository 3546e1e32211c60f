import { Command, Option } from "@commander-js/extra-typings";
import { controlClient, type LabEvent } from "@slash28/lab";
import { runningLab } from "../lab/running-lab.ts";
import { OUTPUT_FORMATS, printResult, renderTable } from "../output/index.ts";
import type { CommandContext } from "./command-context.ts";

/** `slash28 lab events`: what happened to the lab itself; what happens in the cluster, `kubectl get events` tells. */
export function eventsCommand(context: CommandContext): Command {
  const command = new Command("events")
    .description("What happened to the lab: faults ordered and ended, nodes that joined and left.")
    .addOption(new Option("-o, --output <format>", "how to print it").choices(OUTPUT_FORMATS).default("table" as const))
    .addHelpText("after", "\nExamples:\n  slash28 lab events\n  slash28 lab events -o json | jq '.[] | select(.kind == \"node-left\")'")
    .action(async ({ output }) => {
      await runningLab(context);
      const events = await controlClient(context.labPaths.control).events();
      printResult(context.terminal, output, events, () =>
        events.length === 0 ? "nothing has happened yet" : renderTable(COLUMNS, events),
      );
    });
  return command;
}

const COLUMNS = [
  { head: "at", cell: (event: LabEvent) => event.at },
  { head: "event", cell: (event: LabEvent) => event.kind },
  { head: "object", cell: (event: LabEvent) => event.object },
  { head: "what", cell: (event: LabEvent) => event.message },
];
