import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { labPaths } from "@slash28/lab";
import { afterAll, describe, expect, test } from "vitest";
import { runCommand } from "./run-command.ts";

const folder = mkdtempSync(join(tmpdir(), "slash28-defrag-"));
const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) server.close();
  rmSync(folder, { recursive: true });
});

/** What an agent answers: prefixes by their third number, with so many pods. */
function enisOf(pods: Readonly<Record<number, number>>): string {
  const held = (third: string, count: number) =>
    Object.fromEntries(
      Array.from({ length: count }, (_, at) => [
        `10.0.${third}.${at}`,
        {
          IPAMKey: { networkName: "aws-cni", containerID: "", ifName: "" },
          IPAMMetadata: { k8sPodNamespace: "shop", k8sPodName: `p${third}-${at}` },
        },
      ]),
    );
  const blocks = Object.entries(pods).map(([third, count]) => [`10.0.${third}.0/28`, { IsPrefix: true, IPAddresses: held(third, count) }]);
  return JSON.stringify({ "0": { ENIs: { "eni-1": { AvailableIPv4Cidrs: Object.fromEntries(blocks) } } } });
}

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

/** A supervisor with these pools. */
async function labOf(pools: readonly object[]): Promise<string> {
  const runDir = mkdtempSync(join(folder, "lab-"));
  const server = createServer((request, response) => response.end(JSON.stringify(request.url === "/pools" ? pools : { state: "running" })));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(labPaths(runDir).control, resolve));
  return runDir;
}

describe("slash28 node defrag --dry-run", () => {
  test("saved files: which pods pin which prefix, and what a drain frees", async () => {
    const a = file("node-a.json", enisOf({ 1: 10, 2: 2, 3: 0 }));
    const b = file("node-b.json", enisOf({ 4: 16, 5: 9 }));
    const { code, out } = await runCommand(["node", "defrag", "--dry-run", "--enis-file", a, b]);
    expect(code).toBe(0);
    expect(out).toBe(
      [
        "NODE     PREFIX        ENI     PODS   FREE   ADVICE   PINNED BY",
        "node-a   10.0.1.0/28   eni-1     10      6   keep     shop/p1-0, shop/p1-1, shop/p1-2, shop/p1-3, 6 more",
        "node-a   10.0.2.0/28   eni-1      2     14   drain    shop/p2-0, shop/p2-1",
        "node-b   10.0.4.0/28   eni-1     16      0   keep     shop/p4-0, shop/p4-1, shop/p4-10, shop/p4-11, 12 more",
        "node-b   10.0.5.0/28   eni-1      9      7   keep     shop/p5-0, shop/p5-1, shop/p5-2, shop/p5-3, 5 more",
        "",
        "node-a: draining 2 pods frees 16 addresses; the prefixes kept have room for them; without pods: 10.0.3.0/28",
        "node-b: nothing to win: its pods need the prefixes they are on",
        "",
      ].join("\n"),
    );
  });

  test.each([
    [1, "node: one pod holds a single address, which goes back when it ends"],
    [2, "node: 2 pods hold single addresses, which go back one by one"],
  ])("%i pods on single addresses are told as that", async (count, sentence) => {
    const single = (at: number) => ({
      IPAMKey: { networkName: "aws-cni", containerID: "", ifName: "" },
      IPAMMetadata: { k8sPodNamespace: "shop", k8sPodName: `p${at}` },
    });
    const blocks = Array.from({ length: count }, (_, at) => [
      `10.0.0.${at}/32`,
      { IsPrefix: false, IPAddresses: { [`10.0.0.${at}`]: single(at) } },
    ]);
    const text = JSON.stringify({ "0": { ENIs: { "eni-1": { AvailableIPv4Cidrs: Object.fromEntries(blocks) } } } });
    const { out } = await runCommand(["node", "defrag", "--dry-run", "--enis-file", file("node.json", text)]);
    expect(out.trim()).toBe(sentence);
  });

  test("the running lab: every node, one node, and a node whose agent is away", async () => {
    const runDir = await labOf([
      { node: "n1", instanceId: "i-1", enis: enisOf({ 1: 3, 2: 1 }) },
      { node: "n2", instanceId: "i-2" },
    ]);
    const { code, out, err } = await runCommand(["node", "defrag", "--dry-run", "-o", "json"], runDir);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject([{ node: "n1", drain: ["shop/p2-0"], frees: 16 }]);
    expect(err).toBe("the agent of n2 does not tell its pool; it is left out\n");
    const one = await runCommand(["node", "defrag", "--dry-run", "--node", "n1"], runDir);
    expect(one.out).toContain("n1: draining shop/p2-0 frees 16 addresses");
    expect(await runCommand(["node", "defrag", "--dry-run", "--node", "n3"], runDir)).toMatchObject({
      code: 2,
      err: expect.stringContaining("there is no node n3; there is n1"),
    });
  });

  test("neither a lab nor a file: both ways are named", async () => {
    const { code, out, err } = await runCommand(["node", "defrag", "--dry-run"]);
    expect(code).toBe(1);
    expect(out).toBe("");
    expect(err).toMatch(/no lab is running; start one with: slash28 lab up\nor give .* --enis-file; on the node: curl/);
  });

  test.each([
    [["defrag"], "add --dry-run"],
    [["defrag", "--dry-run", "--enis-file", "/nonexistent/a.json"], "there is no such file"],
    [["defrag", "--dry-run", "--enis-file", file("other.json", "{}")], "is not what an agent answers at /v1/enis"],
  ])("%j is a usage mistake: %s", async (args, said) => {
    const { code, err } = await runCommand(["node", ...args]);
    expect(code).toBe(2);
    expect(err).toContain(said);
  });
});
