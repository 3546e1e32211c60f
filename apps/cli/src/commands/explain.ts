import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { CHECKS, checkNamed, PARTS, type Check } from "@slash28/advisor";
import { renderTable, usageError } from "../output/index.ts";
import type { CommandContext } from "./command-context.ts";

/** `slash28 explain`: what a finding means, without a cluster. */
export function explainCommand({ terminal }: CommandContext): CommandUnknownOpts {
  const command = new Command("explain")
    .description("What a finding of slash28 doctor means, and how it is found.")
    .argument("[finding]", "its id, such as subnet-full")
    .option("--list", "every finding there is")
    .action((id, { list }) => {
      if ((id === undefined) === (list !== true)) throw usageError("name one finding, or ask for all with --list");
      if (id === undefined) return terminal.out(listText());
      const check = checkNamed(id);
      if (check === undefined) throw usageError(`there is no finding ${id}; see: slash28 explain --list`);
      terminal.out(checkText(check));
    });
  command.addHelpText("after", "\nExamples:\n  slash28 explain subnet-full\n  slash28 explain --list");
  return command;
}

function listText(): string {
  return renderTable(
    [
      { head: "finding", cell: ({ id }: Check) => id },
      { head: "severity", cell: ({ severity }: Check) => severity },
      { head: "what", cell: ({ title }: Check) => title },
    ],
    CHECKS,
  );
}

function checkText({ id, title, severity, explain, needs, uses }: Check): string {
  const commands = [...needs, ...uses].map((part) => `  ${PARTS[part].command}${needs.includes(part) ? "" : "   (adds to the proof)"}`);
  return [`${title}  (${id}, ${severity})`, "", explain, "", "looked for in:", ...commands].join("\n");
}
