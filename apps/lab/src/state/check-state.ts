import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { DamagedState, readable, REMEDY } from "./damaged-state.ts";
import { readDocument } from "./document-file.ts";
import { readLog } from "./log-file.ts";
import { COMPLETE, STATE_FORMAT } from "./state-folder.ts";

/** What a lab keeps, and what it must look like: each part's code relies on it. Fields beyond it are a later version's, and left alone. */
export interface StateShapes {
  /** By name; `undefined` for a document that is none of the lab's. */
  readonly document: (name: string) => z.ZodType | undefined;
  /** Of each record of a log. */
  readonly log: (name: string) => z.ZodType | undefined;
  /** Files that every whole lab has, without the folder. */
  readonly required: readonly string[];
}

/**
 * Reads everything that is kept in a folder and changes nothing. Throws {@link DamagedState} for the first file that a lab could not go on
 * from; a folder with half a lab, which is made anew, is fine.
 */
export function checkState(folder: string, shapes: StateShapes): void {
  if (!existsSync(join(folder, COMPLETE))) return;
  checkFormat(folder);
  const files = readdirSync(folder);
  const missing = shapes.required.find((name) => !files.includes(name));
  if (missing !== undefined) throw new DamagedState(`${join(folder, missing)} is missing. ${REMEDY}`);
  for (const file of files.toSorted()) {
    const [, name = "", ending] = /^(.+)\.(jsonl?)$/.exec(file) ?? [];
    const shape = ending === "json" ? shapes.document(name) : ending === "jsonl" ? shapes.log(name) : undefined;
    if (shape === undefined) continue;
    const path = join(folder, file);
    if (ending === "json")
      checkOne(
        path,
        "",
        shape,
        readable(() => readDocument(path)),
      );
    else
      readable(() => readLog(readFileSync(path), path)).records.forEach((record, index) =>
        checkOne(path, `line ${index + 1}`, shape, record),
      );
  }
}

function checkFormat(folder: string): void {
  const path = join(folder, COMPLETE);
  const { success, data } = z.looseObject({ format: z.int() }).safeParse(readable(() => readDocument(path)));
  if (!success) throw new DamagedState(`${path} does not tell its format. ${REMEDY}`);
  if (data.format === STATE_FORMAT) return;
  throw new DamagedState(
    `${folder} is in format ${data.format}, and this slash28 reads format ${STATE_FORMAT}: use the version that kept it, or start with an empty folder; nothing was changed`,
  );
}

function checkOne(path: string, place: string, shape: z.ZodType, value: unknown): void {
  const [issue] = shape.safeParse(value).error?.issues ?? [];
  if (issue === undefined) return;
  const at = [place, z.core.toDotPath(issue.path)].filter((part) => part !== "").join(", ");
  throw new DamagedState(`${path} is damaged${at === "" ? "" : ` at ${at}`}: ${issue.message}. ${REMEDY}`);
}
