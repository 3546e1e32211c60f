import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync, gzipSync } from "node:zlib";
import { fc, test } from "@fast-check/vitest";
import { afterEach, beforeEach, describe, expect } from "vitest";
import { openRotatingFile, type RotatingFileOptions } from "../src/report/rotating-file.ts";

const DAY = 24 * 3_600_000;
const START = Date.UTC(2030, 0, 1);

let folder = "";
let path = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "log-"));
  path = join(folder, "logs", "ipamd.log");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function open(more: Partial<RotatingFileOptions> = {}) {
  const errors: unknown[] = [];
  const onError = (cause: unknown): void => void errors.push(cause);
  const options = { path, maxBytes: 100, backups: 5, maxAgeMs: 30 * DAY, now: () => START, onError, ...more };
  return { file: openRotatingFile(options), errors };
}

const names = (): string[] => readdirSync(join(folder, "logs")).toSorted();

/** Every line that is anywhere, oldest first. */
function lines(): string[] {
  const aside = names().filter((name) => name !== "ipamd.log");
  const text = aside.map((name) => {
    const bytes = readFileSync(join(folder, "logs", name));
    return (name.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString();
  });
  return [...text, readFileSync(path, "utf8")].join("").split("\n").slice(0, -1);
}

const backup = (day: number, ending = ".gz"): string => `ipamd-2030-01-${String(day).padStart(2, "0")}T00-00-00.000.log${ending}`;

describe("a log file", () => {
  test("is put aside at its size, compressed, and every line is in one of the parts", async () => {
    const clock = { now: START };
    const { file } = open({ now: () => (clock.now += 1_000) });
    const said = Array.from({ length: 20 }, (_, i) => `line ${i} ${"x".repeat(20)}`);
    for (const line of said) file.write(`${line}\n`);
    expect(lines()).toEqual(said);
    await file.idle();
    expect(lines()).toEqual(said);
    expect(names().filter((name) => name.endsWith(".gz")).length).toBeGreaterThan(3);
    expect(names().filter((name) => name.endsWith(".log"))).toEqual(["ipamd.log"]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test.prop(
    [
      fc.array(
        fc.string({ maxLength: 60, unit: "grapheme" }).filter((line) => !/[\r\n]/.test(line)),
        { maxLength: 40 },
      ),
      fc.nat(3),
    ],
    {
      numRuns: 30,
    },
  )("loses no line and doubles none, also when two parts are put aside in one millisecond", async (said, together) => {
    rmSync(join(folder, "logs"), { recursive: true, force: true });
    const { file } = open({ backups: 1_000, maxBytes: 20 });
    for (let i = 0; i < said.length; i += together + 1)
      file.write(
        said
          .slice(i, i + together + 1)
          .map((line) => `${line}\n`)
          .join(""),
      );
    await file.idle();
    expect(lines()).toEqual(said);
  });

  test("goes on where the last program ended", async () => {
    open().file.write("a\n");
    const { file } = open();
    file.write(`${"b".repeat(120)}\n`);
    file.write("c\n");
    await file.idle();
    expect(lines()).toEqual(["a", "b".repeat(120), "c"]);
    expect(names()).toHaveLength(2);
  });

  test("keeps the newest parts, and none that is too old; other files are nobody's business", async () => {
    open();
    for (let day = 1; day <= 8; day++) writeFileSync(join(folder, "logs", backup(day)), gzipSync(`${day}\n`));
    for (const other of ["plugin.log", "ipamd-notes.log", "plugin-2030-01-01T00-00-00.000.log"])
      writeFileSync(join(folder, "logs", other), "");
    const { file } = open({ now: () => START + 34.5 * DAY });
    await file.idle();
    expect(names()).toEqual(
      [backup(6), backup(7), backup(8), "ipamd.log", "ipamd-notes.log", "plugin.log", "plugin-2030-01-01T00-00-00.000.log"].toSorted(),
    );
  });

  test.each([
    ["before the new file was there", () => writeFileSync(join(folder, "logs", backup(1, "")), "old\n"), true],
    [
      "in the middle of compressing",
      () => {
        writeFileSync(join(folder, "logs", backup(1, "")), "old\n");
        writeFileSync(join(folder, "logs", `${backup(1)}.4711.tmp`), "half");
      },
      false,
    ],
    [
      "before the compressed part's original was removed",
      () => {
        writeFileSync(join(folder, "logs", backup(1, "")), "old\n");
        writeFileSync(join(folder, "logs", backup(1)), gzipSync("old\n"));
      },
      false,
    ],
  ])("is whole after a crash %s", async (_, leave, isFileGone) => {
    const before = open().file;
    before.write("current\n");
    await before.idle();
    if (isFileGone) rmSync(path);
    leave();
    const { file } = open({ now: () => START + DAY });
    file.write("new\n");
    await file.idle();
    expect(lines()).toEqual(["old", ...(isFileGone ? [] : ["current"]), "new"]);
    expect(names()).toEqual([backup(1), "ipamd.log"].toSorted());
  });

  test("whose folder is gone says so once, and goes on when the folder is back", async () => {
    const { file, errors } = open();
    rmSync(join(folder, "logs"), { recursive: true });
    for (let i = 0; i < 5; i++) file.write(`${"x".repeat(90)}\n`);
    expect(errors).toHaveLength(1);
    mkdirSync(join(folder, "logs"));
    writeFileSync(path, "somebody's\n");
    file.write("back\n");
    await file.idle();
    expect(readFileSync(path, "utf8")).toBe("back\n");
  });

  test.runIf(existsSync("/dev/full"))("on a full disk costs its lines, not the agent, and says so once", () => {
    const errors: unknown[] = [];
    const options = { maxBytes: 100, backups: 5, maxAgeMs: DAY, now: () => START, onError: (cause: unknown) => void errors.push(cause) };
    const file = openRotatingFile({ ...options, path: "/dev/full" });
    file.write("a\n");
    file.write("b\n");
    expect(errors).toHaveLength(1);
  });
});

test("an agent that ends has its last lines in the file", () => {
  const source = fileURLToPath(new URL("../src/report/agent-log.ts", import.meta.url));
  const program = `
    import { createAgentLog } from ${JSON.stringify(source)};
    const log = createAgentLog({ level: "info", file: ${JSON.stringify(path)}, fileMaxBytes: 2_000 });
    for (let i = 0; i < 200; i++) log.info("a line", { i });
    log.error("the last", {});
    process.exit(1);`;
  const tsx = fileURLToPath(new URL("../../../node_modules/tsx/dist/cli.mjs", import.meta.url));
  const script = join(folder, "program.mts");
  writeFileSync(script, program);
  const { stdout } = spawnSync(process.execPath, [tsx, script], { encoding: "utf8" });
  expect(lines()).toEqual(stdout.split("\n").slice(0, -1));
  const last = JSON.parse(lines().at(-1)!) as Record<string, unknown>;
  expect(last).toMatchObject({ level: "error", msg: "the last" });
  expect(String(last["ts"])).toMatch(/^\d{4}-\d\d-\d\dT/);
});
