import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, test } from "vitest";
import { eventually, labUnderTest } from "../src/index.ts";
import { TRIED, type TriedCommand } from "../src/tried/index.ts";

const lab = labUnderTest();
const folders: string[] = [];

beforeAll(() => lab.up(), 180_000);
afterAll(async () => {
  await lab.down();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}, 90_000);

describe.each(TRIED)("$title", ({ files = {}, commands }) => {
  const folder = mkdtempSync(join(tmpdir(), "s28-tried-"));
  folders.push(folder);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const kept: Record<string, string> = {};

  test.each(commands)(
    "$command",
    async (tried) => {
      const attempt = async (): Promise<string> => {
        const ran = await lab.paste(tried.command, { cwd: folder, variables: kept });
        const output = ran.stdout + ran.stderr;
        const problem = problemOf(tried, ran.code, output);
        if (problem !== undefined) throw new Error(`${problem}\n${output}`);
        return ran.stdout.trim();
      };
      const stdout =
        tried.eventually === true
          ? await eventually(tried.does, async () => ({ said: await attempt() }), 60_000)
          : { said: await attempt() };
      if (tried.keep !== undefined) kept[tried.keep] = stdout.said;
    },
    90_000,
  );
});

function problemOf({ exit = 0, shows = [], lacks = [] }: TriedCommand, code: number, output: string): string | undefined {
  if (code !== exit) return `ended with ${code}, not ${exit}`;
  const missing = shows.find((pattern) => !pattern.test(output));
  if (missing !== undefined) return `does not show ${missing}`;
  const unwanted = lacks.find((pattern) => pattern.test(output));
  return unwanted === undefined ? undefined : `shows ${unwanted}`;
}
