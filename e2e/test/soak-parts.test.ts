import { spawn } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { parseCommand } from "../src/soak/options.ts";
import { twoLinks } from "../src/soak/kernel-watch.ts";
import { PodBook, readChange } from "../src/soak/pod-book.ts";
import { progressLine, reportText } from "../src/soak/report-text.ts";
import { isClean, Tally } from "../src/soak/tally.ts";

const line = (type: string, uid: string, address = "<none>", ends = "<none>", phase = "Running"): string =>
  `${type}   ${uid}   churn-${uid}   node-1   ${phase}   ${address}   ${ends}`;

/** What a book says of lines of a watch. */
function doublesIn(...lines: readonly string[]): readonly string[] {
  const book = new PodBook();
  return lines.flatMap((each) => book.note(readChange(each) ?? (undefined as never)));
}

describe("the book of who owns which address", () => {
  const DOUBLE = "10.0.0.9 belongs to churn-b on node-1 while churn-a on node-1 has it";

  test("two running pods with one address are a double, told once", () => {
    const twice = [line("ADDED", "a", "10.0.0.9"), line("ADDED", "b", "10.0.0.9"), line("MODIFIED", "b", "10.0.0.9")];
    expect(doublesIn(...twice)).toEqual([DOUBLE]);
  });

  test("a pod that was told its address before it runs owns it", () => {
    expect(doublesIn(line("ADDED", "a", "10.0.0.9", "<none>", "Pending"), line("ADDED", "b", "10.0.0.9"))).toEqual([DOUBLE]);
  });

  test.each([
    ["whose end was asked for", line("MODIFIED", "a", "10.0.0.9", "2026-01-01T00:00:00Z")],
    ["that is gone", line("DELETED", "a", "10.0.0.9")],
    ["that completed", line("MODIFIED", "a", "10.0.0.9", "<none>", "Succeeded")],
  ])("the address of a pod %s may be another's", (_, end) => {
    expect(doublesIn(line("ADDED", "a", "10.0.0.9"), end, line("ADDED", "b", "10.0.0.9"))).toEqual([]);
  });

  test("pods are counted by what their node is doing with them", () => {
    const book = new PodBook();
    for (const each of [
      line("ADDED", "a", "10.0.0.9"),
      line("ADDED", "b", "<none>", "<none>", "Pending"),
      line("ADDED", "c", "<none>", "now"),
    ])
      book.note(readChange(each) ?? (undefined as never));
    expect([book.on("node-1"), book.on("node-2").running, book.seen]).toEqual([{ starting: 1, running: 1, ending: 1 }, 0, 3]);
    expect(["a", "b", "c", "d"].map((uid) => book.isRunning(uid))).toEqual([true, false, false, false]);
  });

  test("a line that is no change is none", () => {
    expect([readChange(""), readChange("Error from server"), readChange("BOOKMARK x y")]).toEqual([undefined, undefined, undefined]);
  });
});

test("an address with two links is a double, whichever nodes they are on", () => {
  const links = [
    { address: "10.0.0.9", link: "n1 eni1" },
    { address: "10.0.0.8", link: "n1 eni2" },
    { address: "10.0.0.9", link: "n2 eni3" },
  ];
  expect(twoLinks(links)).toEqual(["the kernel routes 10.0.0.9 to n1 eni1 and to n2 eni3"]);
});

describe("the command line", () => {
  test("has a thousand kills on four nodes unless told otherwise", () => {
    expect(parseCommand([], 7)).toEqual({ kind: "run", kills: 1000, nodes: 4, seed: 7, output: "text" });
    expect(parseCommand(["--kills", "40", "--nodes", "2", "--seed", "3", "-o", "json"], 7)).toEqual({
      kind: "run",
      kills: 40,
      nodes: 2,
      seed: 3,
      output: "json",
    });
  });

  test.each([
    [["--kills", "0"], "--kills is a whole number above 0, not 0"],
    [["--nodes", "1"], "--nodes is a whole number from 2 to 16, not 1"],
    [["--seed", "x"], "--seed is a whole number above 0, not x"],
    [["-o", "yaml"], "--output is text or json, not yaml"],
    [["--deaths", "3"], "Unknown option '--deaths'"],
  ])("%j is refused, and why", (args, why) => {
    expect(parseCommand(args, 7)).toMatchObject({ kind: "wrong", why: expect.stringContaining(why) as string });
  });
});

test("a tally counts what went wrong, when, and what else was going on", () => {
  let now = 0;
  const tally = new Tally(() => now);
  tally.killed(["agentStart", "podsEnding"]);
  tally.killed([]);
  tally.talked("visitor-0", { connections: 3, requests: 10 });
  tally.talked("visitor-0", { connections: 5, requests: 20 });
  tally.talked("visitor-1", { connections: 1, requests: 1 });
  now = 61_000;
  const clean = tally.report(7, 12);
  tally.found("failed", "no answer");
  const report = tally.report(7, 12);
  expect(report).toMatchObject({ kills: 2, connections: 6, requests: 21, failed: 1, doubles: 0, leaks: 0, seconds: 61 });
  expect(report.during).toEqual({ agentStart: 1, podsStarting: 0, podsEnding: 1, rest: 1 });
  expect([isClean(clean), isClean(report)]).toEqual([true, false]);
  expect(progressLine(report, 6)).toBe("2 of 6 kills: 1 failed of 6 connections with 21 requests, 0 doubles, 12 pods; about 3 min left");
  expect(reportText(report).split("\n").at(-1)).toBe("61.0 s: no answer");
});

/** Starts the program that runs in a visitor pod, and gives what it says. */
function visitor(): { readonly send: (line: string) => void; readonly said: (matching: RegExp) => Promise<string> } {
  const child = spawn(process.execPath, [fileURLToPath(new URL("../src/soak/visitor.mjs", import.meta.url))], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  createInterface({ input: child.stdout }).on("line", (text) => {
    lines.push(text);
    for (const look of waiting) look();
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  return {
    send: (text) => void child.stdin.write(`${text}\n`),
    said: (matching) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = lines.find((text) => matching.test(text));
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      }),
  };
}

/** A page of a pod at a loopback address of its own; `127.…:80` is what a visitor asks. */
async function page(host: string, name: string): Promise<{ readonly close: () => void; readonly port: number }> {
  const server = createServer((_, reply) => reply.end(`<p>pod ${name}, address x</p>`));
  await new Promise<void>((resolve) => server.listen(80, host, resolve));
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  onTestFinished(close);
  return { close, port: (server.address() as AddressInfo).port };
}

describe.runIf(process.getuid?.() === 0 && process.platform === "linux")("a visitor", () => {
  test("makes one connection to keep, and a new one for each request, to a pod that is what it should be", async () => {
    await page("127.91.0.1", "web");
    const { send, said } = visitor();
    send("+ a 127.91.0.1 web 1");
    const counted = JSON.parse(await said(/"requests":[1-9]/)) as { connections: number; requests: number };
    expect(counted.connections).toBeGreaterThan(1);
    expect(counted.connections).toBeLessThan(counted.requests);
  });

  test("tells of a pod that answers for another, and of connections that are cut and refused", async () => {
    const web = await page("127.91.0.2", "impostor");
    const { send, said } = visitor();
    send("+ a 127.91.0.2 web 1");
    expect(JSON.parse(await said(/answered/))).toMatchObject({ answered: "a", page: "<p>pod impostor, address x</p>" });
    web.close();
    expect(await said(/"failed":"a".*new connection to 127.91.0.2: connect ECONNREFUSED/)).toBeDefined();
    expect(await said(/"failed":"a".*kept connection to 127.91.0.2/)).toBeDefined();
  });

  test("gives a web server that does not listen yet time, and says nothing of one it left", async () => {
    const { send, said } = visitor();
    send("+ early 127.91.0.3 web 1");
    send("+ left 127.91.0.4 web 1");
    await said(/"requests":0/);
    send("- left");
    await page("127.91.0.3", "web");
    await page("127.91.0.4", "impostor");
    const first = await said(/failed|answered|"requests":[1-9]/);
    expect(first).toMatch(/"requests":/);
  });
});
