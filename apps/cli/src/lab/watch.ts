import type { ChildProcess } from "node:child_process";
import { controlClient } from "@slash28/lab";
import type { CommandContext } from "../commands/command-context.ts";
import { CommandError } from "../output/index.ts";
import { downLab } from "./down.ts";
import { pointers, statusTable } from "./status-table.ts";
import { interruptible } from "./interruptible.ts";
import { statusUnlessBusy } from "./status-unless-busy.ts";

const REFRESH_MS = 1_000;
const CLEAR_SCREEN = "\u001b[H\u001b[J";

/**
 * Shows the lab until Ctrl-C, then takes it away. Without a terminal it waits silently. `onWatching` is called once Ctrl-C is minded here, and
 * not before: between two handlers a Ctrl-C would end this program and leave the lab behind.
 */
export async function watchLab(context: CommandContext, supervisor: ChildProcess, onWatching: () => void): Promise<void> {
  const { terminal, labPaths } = context;
  const control = controlClient(labPaths.control);
  const interrupt = new AbortController();
  const interrupted = new Promise<void>((resolve) => {
    interruptible(async () => {
      interrupt.abort();
      await downLab(context);
      resolve();
    });
  });
  onWatching();
  const ended = new Promise<void>((resolve) => supervisor.once("exit", () => resolve()));
  terminal.err("Ctrl-C ends the lab.");
  while (!interrupt.signal.aborted && supervisor.exitCode === null && supervisor.signalCode === null) {
    const status = terminal.isTty ? await statusUnlessBusy(control) : undefined;
    if (status !== undefined && !interrupt.signal.aborted)
      terminal.out(`${CLEAR_SCREEN}${statusTable(status)}\n\n${pointers(status)}\n\nCtrl-C ends the lab.`);
    await Promise.race([ended, interrupted, new Promise((resolve) => setTimeout(resolve, REFRESH_MS).unref())]);
  }
  if (interrupt.signal.aborted) return interrupted;
  const status = await control.status();
  if (status === undefined && supervisor.exitCode !== 0)
    throw new CommandError(`the lab ended by itself; its log is ${labPaths.log}; remove what it left with: slash28 lab down`);
}
