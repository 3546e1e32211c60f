import { createManualClock, quietLog, settle } from "@slash28/testkit";
import { readCorefile, type BlockSettings } from "@slash28/cluster-dns";
import { expect, test } from "vitest";
import { corefilePath } from "../src/corefile-path.ts";
import { watchCorefile, type ReadCorefile } from "../src/watch-corefile.ts";

function corefile(text: string): ReadCorefile {
  const read = readCorefile(text);
  if (!read.ok) throw new Error(read.problem.message);
  return { text, blocks: read.value };
}

test("a changed Corefile is used, a broken or unusable one is told of once and left alone", async () => {
  const clock = createManualClock();
  const end = new AbortController();
  const first = corefile(".:53 {\n reload 10s 0s\n}");
  let now: ReadCorefile | string = first;
  let isTaken = false;
  const used: (readonly BlockSettings[])[] = [];
  const errors: string[] = [];
  let failures = 0;
  const running = watchCorefile({
    clock,
    random: () => 0,
    signal: end.signal,
    log: { ...quietLog, error: (_, fields) => errors.push(String(fields?.["detail"])) },
    first,
    read: () => now,
    use: (blocks) => (isTaken ? Promise.reject(new Error("the port is taken")) : (used.push(blocks), Promise.resolve())),
    onFailure: () => failures++,
  });
  const look = async (): Promise<void> => {
    await settle();
    await clock.advance(10_000);
    await settle();
  };
  await look();
  expect([used.length, failures]).toEqual([0, 0]);
  now = "/etc/coredns/Corefile:2: the plugin autopath is not supported";
  await look();
  await look();
  expect([used.length, failures, errors]).toEqual([0, 2, ["/etc/coredns/Corefile:2: the plugin autopath is not supported"]]);
  now = corefile(".:54 {\n reload 10s 0s\n}");
  isTaken = true;
  await look();
  expect(errors.at(-1)).toBe("the port is taken");
  isTaken = false;
  await look();
  expect(used.map(([block]) => block?.port)).toEqual([54]);
  await look();
  expect(used).toHaveLength(1);
  end.abort();
  await running;
});

test("without a reload line nothing is watched", async () => {
  const first = corefile(".:53 {\n errors\n}");
  const never = (): never => {
    throw new Error("was read");
  };
  await watchCorefile({
    clock: createManualClock(),
    random: () => 0,
    signal: new AbortController().signal,
    log: quietLog,
    first,
    read: never,
    use: never,
    onFailure: never,
  });
});

test.each([
  [["-conf", "/etc/coredns/Corefile"], "/etc/coredns/Corefile"],
  [["--conf=/x"], "/x"],
  [["-quiet", "-conf", "/x"], "/x"],
  [[], "Corefile"],
  [["-dns.port", "53"], undefined],
  [["-conf"], undefined],
])("flags %j name the Corefile %s", (args, file) => {
  expect(corefilePath(args)?.file).toBe(file);
});
