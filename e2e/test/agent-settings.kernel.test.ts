import { afterEach, expect, test } from "vitest";
import { addressOf, anAgentNode, type AgentNode } from "./agent-node.ts";

let node: AgentNode | undefined;
afterEach(async () => {
  await node?.close();
  node = undefined;
});

async function start(env: Readonly<Record<string, string>>): Promise<AgentNode> {
  node = await anAgentNode({ env });
  await node.start();
  return node;
}

/** What listens for TCP on the node, as `address:port`; without the test's own EC2 and metadata service. */
function listening(on: AgentNode): readonly string[] {
  const lines = on.run("", "ss", "-Hltn").trim().split("\n");
  return lines.map((line) => line.trim().split(/\s+/)[3] ?? "").filter((each) => !/:(4599|1338)$/.test(each));
}

test("as shipped, metrics and introspection listen where upstream's do", async () => {
  expect(listening(await start({})).toSorted()).toEqual([expect.stringMatching(/^(\*|\[::\]):61678$/), "127.0.0.1:61679"]);
});

test("DISABLE_METRICS and DISABLE_INTROSPECTION: nothing listens; INTROSPECTION_BIND_ADDRESS moves it", async () => {
  const first = await start({ DISABLE_METRICS: "true", DISABLE_INTROSPECTION: "true" });
  expect(listening(first)).toEqual([]);
  await first.kill("SIGTERM");
  await first.start({ DISABLE_INTROSPECTION: "false", INTROSPECTION_BIND_ADDRESS: "127.0.0.1:7777" });
  expect(listening(first)).toEqual(["127.0.0.1:7777"]);
});

test("AWS_EC2_ENDPOINT alone leads to EC2; wrong and misspelled settings are in the log", async () => {
  const env = { AWS_ENDPOINT_URL_EC2: "", AWS_EC2_ENDPOINT: "http://127.0.0.1:4599", WARM_ENI_TARGET: "lots", WARM_ENI_TARGT: "2" };
  const running = await start(env);
  running.makePod("a");
  expect(addressOf(await running.plugin("ADD", "a"))).toMatch(/^10\.0\.1\./);
  const told = running
    .log()
    .split("\n")
    .filter((line) => line.includes("a setting is not used as given"));
  expect(told).toHaveLength(2);
  expect(told[0]).toMatch(/"variable":"WARM_ENI_TARGET".*"used":"1"/);
  expect(told[1]).toMatch(/"variable":"WARM_ENI_TARGT".*was WARM_ENI_TARGET meant/);
});
