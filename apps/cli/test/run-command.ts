import { CommanderError } from "@commander-js/extra-typings";
import { labPaths } from "@slash28/lab";
import pico from "picocolors";
import { slash28Program } from "../src/commands/program.ts";
import { CommandError } from "../src/output/index.ts";

export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the command line in this process, as a person without a terminal would see it. */
export async function runCommand(args: readonly string[], runDir = "/nonexistent/slash28", env: NodeJS.ProcessEnv = {}): Promise<Outcome> {
  let out = "";
  let err = "";
  const terminal = {
    out: (text: string) => void (out += `${text}\n`),
    err: (text: string) => void (err += `${text}\n`),
    isTty: false,
    colours: pico.createColors(false),
  };
  const fleetWorker = new URL("./fleet-worker-from-source.mjs", import.meta.url);
  const program = slash28Program({ terminal, env, labPaths: labPaths(runDir), fleetWorker }, "0.0.0-test");
  const quiet = (command: typeof program): void => {
    command.exitOverride().configureOutput({ writeOut: (text) => void (out += text), writeErr: (text) => void (err += text) });
    for (const child of command.commands) quiet(child as typeof program);
  };
  quiet(program);
  try {
    await program.parseAsync(["node", "slash28", ...args]);
    return { code: 0, out, err };
  } catch (cause) {
    if (cause instanceof CommanderError) return { code: cause.exitCode === 0 ? 0 : 2, out, err };
    if (cause instanceof CommandError) return { code: cause.exitCode, out, err: cause.message === "" ? err : `${err}${cause.message}\n` };
    throw cause;
  }
}
