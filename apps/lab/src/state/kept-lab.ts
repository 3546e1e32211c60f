import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { DamagedState, readable, REMEDY } from "./damaged-state.ts";
import { readDocument } from "./document-file.ts";
import { COMPLETE } from "./state-folder.ts";

/** What a kept lab was made from: it goes on from the same, whatever the command line says. */
export interface KeptLab {
  /** The cluster file as it was checked. */
  readonly file: unknown;
  readonly seed: number;
  readonly ec2Profile: "instant" | "realistic";
  readonly dataPlane: "kernel" | "simulated";
}

/** The name of its document. */
export const KEPT_LAB = "lab";

/** What its document must look like. */
export const keptLabSchema = z.object({
  file: z.unknown(),
  seed: z.int().min(0),
  ec2Profile: z.enum(["instant", "realistic"]),
  dataPlane: z.enum(["kernel", "simulated"]),
});

/** The lab kept in a folder; `undefined` when there is none, or only the beginning of one. Throws when the folder is damaged. */
export function readKeptLab(folder: string): KeptLab | undefined {
  if (!existsSync(join(folder, COMPLETE))) return undefined;
  const path = join(folder, `${KEPT_LAB}.json`);
  const checked = keptLabSchema.safeParse(readable(() => readDocument(path)));
  if (checked.success) return { ...checked.data, file: checked.data.file };
  throw new DamagedState(`${path} does not describe a lab. ${REMEDY}`);
}
