import { controlClient, isAlive, readRecord, type LabStatus } from "@slash28/lab";
import { CommandError } from "../output/index.ts";
import type { CommandContext } from "../commands/command-context.ts";

/** The running lab's state; an error for people when none runs. */
export async function runningLab({ labPaths }: CommandContext): Promise<LabStatus> {
  const status = await controlClient(labPaths.control).status();
  if (status !== undefined) return status;
  const record = readRecord(labPaths.record);
  if (record !== undefined && isAlive(record))
    throw new CommandError(`the lab's supervisor (process ${record.pid}) does not answer; its log is ${labPaths.log}`);
  if (record !== undefined) throw new CommandError("the lab crashed; `slash28 lab down` removes what it left");
  throw new CommandError("no lab is running; start one with: slash28 lab up");
}
