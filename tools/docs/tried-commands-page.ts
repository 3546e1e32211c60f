import { TRIED, type TriedChapter, type TriedCommand } from "../../e2e/src/tried/index.ts";

const HEAD = `# Commands that are tried

Every line below is typed into a running lab by \`e2e/test/tried-commands.e2e.test.ts\`, with stock \`kubectl\`, \`helm\` and Debian's \`aws\`, and
must do what stands beside it. Variables hold what an earlier line of the chapter printed. The exit code is the tool's own; 0 where none is told.
`;

/** docs/tried-commands.md: the commands the end-to-end test runs, with the result it insists on. */
export function triedCommandsPage(): string {
  return [HEAD, ...TRIED.map(chapter)].join("\n");
}

function chapter({ title, files = {}, commands }: TriedChapter): string {
  const listings = Object.entries(files).map(([name, text]) => `\`${name}\`:\n\n\`\`\`\n${text.trimEnd()}\n\`\`\`\n`);
  const table = ["| command | what it does | exit |", "|---|---|---|", ...commands.map(row)].join("\n");
  return [`## ${title}\n`, ...listings, `${table}\n`].join("\n");
}

function row({ command, does, exit = 0, keep, eventually }: TriedCommand): string {
  const notes = [does, ...(keep === undefined ? [] : [`kept as \`$${keep}\``]), ...(eventually === true ? ["within a minute"] : [])];
  return `| \`${command.replaceAll("|", "\\|").replaceAll("\n", " ⏎ ")}\` | ${notes.join("; ").replaceAll("|", "\\|")} | ${exit} |`;
}
