import { existsSync } from "node:fs";
import { controlClient, isAlive, readRecord } from "@slash28/lab";
import type { CommandContext } from "../commands/command-context.ts";

const STOP_TIMEOUT_MS = 30_000;
const POLL_MS = 50;

/** Ends the lab: politely when it answers, by force when it does not; then removes whatever is left. */
export async function downLab({ terminal, labPaths }: CommandContext): Promise<void> {
  const wasThere = existsSync(labPaths.runDir);
  const record = readRecord(labPaths.record);
  if (record !== undefined && isAlive(record)) {
    terminal.err("ending the lab …");
    await controlClient(labPaths.control)
      .stop()
      .catch(() => undefined);
    for (const end = Date.now() + STOP_TIMEOUT_MS; isAlive(record) && Date.now() < end;) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }
  const { removeLab } = await import("@slash28/lab/cleanup");
  const { processes, namespaces } = removeLab(labPaths);
  if (processes > 0 || namespaces.length > 0)
    terminal.err(`removed what was left: ${processes} processes, ${namespaces.length} namespaces`);
  terminal.err(wasThere ? "the lab is gone" : "no lab was running");
}
