import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { runCommand } from "./run-command.ts";

const folder = mkdtempSync(join(tmpdir(), "slash28-bad-access-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const config = (cluster: object, user: object = {}): string =>
  JSON.stringify({
    "current-context": "c",
    contexts: [{ name: "c", context: { cluster: "k", user: "u" } }],
    clusters: [{ name: "k", cluster }],
    users: [{ name: "u", user }],
  });
const BAD = {
  "not YAML": [file("not-yaml", "apiVersion: v1\nclusters: [\n  - }"), "the kubeconfig is not YAML"],
  "without contexts": [file("empty", "apiVersion: v1\n"), "it has no context"],
  "without a server": [file("no-server", config({})), "which has no server"],
  "a certificate that is not there": [
    file("no-ca", config({ server: "https://127.0.0.1:1", "certificate-authority": "gone.pem" })),
    "gone.pem, which cannot be read (ENOENT)",
  ],
} as const;
const COMMANDS = {
  doctor: ["doctor"],
  "doctor pod": ["doctor", "pod", "default/web"],
  snapshot: ["snapshot", "--out", join(folder, "out")],
  "settings explain": ["settings", "explain", "--from-cluster"],
} as const;

describe.each(Object.entries(COMMANDS))("%s: a kubeconfig that cannot be used is a mistake in what was given", (_, command) => {
  test.each(Object.entries(BAD))("%s", async (_name, [kubeconfig, says]) => {
    const { code, out, err } = await runCommand([...command, "--kubeconfig", kubeconfig]);
    expect(err).toContain(says);
    expect(err).toContain(kubeconfig);
    expect([code, out]).toEqual([2, ""]);
  });
});

test("a profile that would not be read is told before anything is read as somebody else", async () => {
  const kubeconfig = file("good", config({ server: "https://127.0.0.1:1" }));
  const { code, err } = await runCommand(["doctor", "--kubeconfig", kubeconfig], undefined, { AWS_PROFILE: "prod" });
  expect(code).toBe(2);
  expect(err).toContain('eval "$(aws configure export-credentials --profile prod --format env)"');
});
