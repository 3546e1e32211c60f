import { createServer } from "node:http";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { controlClient } from "@slash28/lab";
import { expect, onTestFinished, test } from "vitest";
import { statusUnlessBusy } from "../src/lab/status-unless-busy.ts";

function socketPath(): string {
  const folder = mkdtempSync(join(tmpdir(), "s28-busy-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "control.sock");
}

test("a lab that is too busy to answer is waited for, not taken for broken", async () => {
  const path = socketPath();
  let answers = 0;
  const server = createServer((_, reply) => {
    answers++;
    reply.statusCode = answers === 1 ? 503 : 200;
    reply.end(answers === 1 ? "busy" : JSON.stringify({ state: "running" }));
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  onTestFinished(() => void server.close());
  const control = controlClient(path);
  expect(await statusUnlessBusy(control)).toBeUndefined();
  expect(await statusUnlessBusy(control)).toMatchObject({ state: "running" });
});

test("nobody listening is no state either", async () => {
  expect(await statusUnlessBusy(controlClient(socketPath()))).toBeUndefined();
});
