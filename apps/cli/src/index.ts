export { slash28Program } from "./commands/program.ts";
export type { CommandContext } from "./commands/command-context.ts";
