import type { Argument, Command, Option } from "commander";
import { slash28Program } from "../../apps/cli/src/index.ts";

const HEAD = `# Commands

Every command of \`slash28\`, as the program declares them; \`slash28 <command> --help\` says the same.
Exit codes: 0 done; 1 it did not work out, and the message says why; 2 wrong usage or a wrong cluster file, and nothing was changed;
130 interrupted by Ctrl-C. Results go to stdout, progress and messages to stderr.
`;

/** docs/commands.md: each command that does something, with its options and examples. */
export function commandsPage(): string {
  return `${HEAD}\n${leaves(program(), []).join("\n")}`;
}

/** Building the program needs no terminal; nothing of it is called. */
export function program(): Command {
  const silent = { out: () => undefined, err: () => undefined };
  const context = { terminal: silent, env: {}, labPaths: {} };
  return slash28Program(context as unknown as Parameters<typeof slash28Program>[0], "0.0.0") as unknown as Command;
}

function leaves(command: Command, parents: readonly string[]): string[] {
  const path = [...parents, command.name()];
  if (command.commands.length > 0) return command.commands.flatMap((child) => leaves(child, path));
  return [section(command, path)];
}

function section(command: Command, path: readonly string[]): string {
  const args = command.registeredArguments;
  const usage = [...path, ...args.map((argument) => `<${argument.name()}>`), "[options]"].join(" ");
  const parts = [
    `## ${path.join(" ")}`,
    command.description(),
    `\`${usage}\``,
    ...(args.length + command.options.length === 0 ? [] : [table(args, command.options)]),
    ...examplesOf(command),
  ];
  return `${parts.join("\n\n")}\n`;
}

function table(args: readonly Argument[], options: readonly Option[]): string {
  const rows = [
    ...args.map((argument) => row(`<${argument.name()}>`, argument.description, notesOf(argument, argument.required))),
    ...options.map((option) => row(option.flags, option.description, notesOf(option, option.mandatory))),
  ];
  return ["| option | what it does | values |", "|---|---|---|", ...rows].join("\n");
}

function row(name: string, what: string, notes: string): string {
  return `| \`${name.replaceAll("|", "\\|")}\` | ${what.replaceAll("<", "&lt;")} | ${notes} |`;
}

function notesOf({ argChoices, defaultValue }: Pick<Option, "argChoices" | "defaultValue">, isRequired: boolean): string {
  const choices = argChoices === undefined ? [] : [argChoices.join(", ")];
  const byDefault = defaultValue === undefined || defaultValue === false ? [] : [`default ${String(defaultValue)}`];
  return [...choices, ...byDefault, ...(isRequired ? ["needed"] : [])].join("; ");
}

/** The text after the options: commander keeps it as an event, so it is taken from the help as printed. */
function examplesOf(command: Command): string[] {
  const printed: string[] = [];
  command.configureOutput({ writeOut: (text) => void printed.push(text) });
  command.outputHelp();
  const after = printed.join("").slice(command.helpInformation().length);
  const [, examples] = /^\s*Examples?:\n([\s\S]*)$/.exec(after) ?? [];
  return examples === undefined ? [] : [`\`\`\`sh\n${examples.replaceAll(/^ {2}/gm, "").trimEnd()}\n\`\`\``];
}
