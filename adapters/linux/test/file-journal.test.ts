import { constants } from "node:fs";
import * as nodeFiles from "node:fs/promises";
import { appendFile, mkdir, mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import * as fc from "fast-check";
import type { Journal } from "@slash28/ports";
import { createFileJournal, type JournalFiles } from "../src/file-journal.ts";
import { decodeJournal, encodeEntry } from "../src/journal-line.ts";

let directory: string;
let path: string;
let journals: Journal[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "slash28-journal-"));
  path = join(directory, "pool.journal");
  journals = [];
});

afterEach(async () => {
  for (const journal of journals) await journal.close();
  await rm(directory, { recursive: true, force: true });
});

/** A journal as a program that starts would open it. */
function opened(): Journal {
  const journal = createFileJournal(path);
  journals.push(journal);
  return journal;
}

async function entriesOf(journal: Journal): Promise<readonly string[]> {
  return (await journal.load()).entries;
}

test("entries come back in order, whatever is in them", async () => {
  const journal = opened();
  await Promise.all([journal.append("a"), journal.append("two\nlines"), journal.append("ünï ☃ \u{1F4E6}")]);
  await journal.append("");
  expect(await entriesOf(opened())).toEqual(["a", "two\nlines", "ünï ☃ \u{1F4E6}", ""]);
});

test("no file is an empty journal", async () => {
  expect(await entriesOf(opened())).toEqual([]);
});

test("a resolved append is in the file", async () => {
  const journal = opened();
  for (const entry of ["one", "two"]) {
    await journal.append(entry);
    expect(decodeJournal(await readFile(path, "utf8")).entries).toContain(entry);
  }
});

describe("after a power cut in the middle of a line", () => {
  test("the torn line is dropped, and the next entry does not run into it", async () => {
    const before = opened();
    await before.append("kept");
    await appendFile(path, encodeEntry("törn").slice(0, -4));
    const journal = opened();
    expect(await entriesOf(journal)).toEqual(["kept"]);
    await journal.append("next");
    expect(await entriesOf(opened())).toEqual(["kept", "next"]);
  });

  test("any cut leaves the entries before it", async () => {
    const entries = ["first", "zweitens ü", "third"];
    const whole = Buffer.from(entries.map(encodeEntry).join(""));
    for (let length = 0; length <= whole.length; length++) {
      await writeFile(path, whole);
      await truncate(path, length);
      const found = await entriesOf(opened());
      expect(found).toEqual(entries.slice(0, found.length));
      expect(Buffer.byteLength(found.map(encodeEntry).join(""))).toBeLessThanOrEqual(length);
    }
  });
});

test("of a damaged file the lines before the damage are read, and a copy of all of it is kept", async () => {
  const journal = opened();
  for (const entry of ["one", "two", "three"]) await journal.append(entry);
  const damaged = (await readFile(path, "utf8")).replace("two", "owt");
  await writeFile(path, damaged);
  const next = createFileJournal(path, nodeFiles, () => Date.UTC(2030, 0, 2, 3, 4, 5, 678));
  journals.push(next);
  expect(await next.load()).toEqual({ entries: ["one"], damage: "line 2 is not what was written" });
  expect(await next.keepCopy()).toBe(`${path}.damaged-20300102T030405Z`);
  await next.append("four");
  expect(await readFile(`${path}.damaged-20300102T030405Z`, "utf8")).toBe(damaged);
  expect(await opened().load()).toEqual({ entries: ["one", "four"] });
});

test("rewriting replaces everything, and appending goes on behind it", async () => {
  const journal = opened();
  for (const entry of ["one", "two"]) await journal.append(entry);
  await Promise.all([journal.rewrite(["both"]), journal.append("three")]);
  expect(await entriesOf(opened())).toEqual(["both", "three"]);
});

test("an entry appended after a rewrite was asked for stays, whatever waited before it", async () => {
  const journal = opened();
  const before = [journal.append("old 1"), journal.append("old 2")];
  const rewritten = journal.rewrite(["snapshot"]);
  const after = [journal.append("new 1"), journal.append("new 2")];
  await Promise.all([...before, rewritten, ...after]);
  expect(await entriesOf(opened())).toEqual(["snapshot", "new 1", "new 2"]);
});

test("a directory that is not there is told, to everyone who waits", async () => {
  path = join(directory, "nowhere", "pool.journal");
  const journal = opened();
  const results = await Promise.allSettled([journal.append("a"), journal.append("b"), journal.rewrite(["c"])]);
  expect(results.map((result) => result.status)).toEqual(["rejected", "rejected", "rejected"]);
  await expect(journal.append("d")).rejects.toMatchObject({ code: "JOURNAL_FAILED", fields: { path } });
});

test("a failed flush does not poison the next one", async () => {
  const nested = join(directory, "later");
  path = join(nested, "pool.journal");
  const journal = opened();
  await expect(journal.append("lost")).rejects.toMatchObject({ code: "JOURNAL_FAILED" });
  await mkdir(nested);
  await journal.append("kept");
  expect(await entriesOf(journal)).toEqual(["kept"]);
});

/** The real files, whose next flush of a file or of a directory fails. */
function failingFiles(fails: { file: boolean; directory: boolean }): JournalFiles {
  const failOnce = (kind: "file" | "directory"): void => {
    if (!fails[kind]) return;
    fails[kind] = false;
    throw new Error("EIO");
  };
  return {
    ...nodeFiles,
    async open(path, flags, mode) {
      const handle = await nodeFiles.open(path, flags, mode);
      const kind = flags === constants.O_RDONLY ? "directory" : "file";
      return {
        write: (bytes, offset) => handle.write(bytes, offset),
        datasync: async () => (failOnce(kind), handle.datasync()),
        sync: async () => (failOnce(kind), handle.sync()),
        truncate: (length) => handle.truncate(length),
        close: () => handle.close(),
      };
    },
  };
}

test("a line that was refused is never read again, though it was written", async () => {
  const fails = { file: false, directory: false };
  const journal = createFileJournal(path, failingFiles(fails));
  await journal.append("first");
  fails.file = true;
  await expect(journal.append("refused")).rejects.toMatchObject({ code: "JOURNAL_FAILED" });
  await journal.append("second");
  fails.file = true;
  await expect(journal.append("refused too")).rejects.toMatchObject({ code: "JOURNAL_FAILED" });
  fails.directory = true;
  await expect(journal.rewrite(["first", "second"])).rejects.toMatchObject({ code: "JOURNAL_FAILED" });
  expect(await entriesOf(journal)).toEqual(["first", "second"]);
  await journal.close();
});

test("what is appended after a rewrite that failed at the very end is found", async () => {
  const fails = { file: false, directory: false };
  const journal = createFileJournal(path, failingFiles(fails));
  await journal.append("old");
  fails.directory = true;
  await expect(journal.rewrite(["new"])).rejects.toMatchObject({ code: "JOURNAL_FAILED" });
  await journal.append("later");
  expect(await entriesOf(journal)).toEqual(["new", "later"]);
  await journal.close();
});

test("lines decode to the entries they were made of", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "binary" })), (entries) => {
      const text = entries.map(encodeEntry).join("");
      expect(decodeJournal(text)).toEqual({ entries, goodLength: text.length });
    }),
  );
});
