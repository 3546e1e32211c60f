import { CommanderError } from "@commander-js/extra-typings";
import { ControlError, defaultRunDir, labPaths } from "@slash28/lab";
import { slash28Program } from "./commands/program.ts";
import { CommandError, processTerminal } from "./output/index.ts";

const VERSION = "0.1.0";

const terminal = processTerminal();
const runDir = defaultRunDir(process.env, process.getuid?.() === 0);
const fleetWorker = new URL("./fleet-worker.mjs", import.meta.url);
const watched = process.stderr.isTTY ? { watched: process.stderr } : {};
const program = slash28Program({ terminal, env: process.env, labPaths: labPaths(runDir), fleetWorker, ...watched }, VERSION);

// A pipe that closes early (`| head`) is not an error of ours.
process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));

try {
  throwOnExit(program);
  await program.parseAsync(process.argv);
} catch (cause) {
  process.exitCode = exitCodeOf(cause);
}

function exitCodeOf(cause: unknown): number {
  if (cause instanceof CommanderError) return cause.exitCode === 0 ? 0 : 2;
  if (cause instanceof CommandError || cause instanceof ControlError) {
    const name = process.stderr.isTTY ? terminal.colours.red("slash28:") : "slash28:";
    if (cause.message !== "") terminal.err(`${name} ${cause.message}`);
    return cause instanceof CommandError ? cause.exitCode : 1;
  }
  throw cause;
}

/** Commander ends the process by itself; every command is told to throw instead, so that there is one way out. */
function throwOnExit(command: { exitOverride: () => unknown; readonly commands: readonly unknown[] }): void {
  command.exitOverride();
  for (const child of command.commands) throwOnExit(child as typeof command);
}
