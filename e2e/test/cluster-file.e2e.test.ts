import { readFileSync } from "node:fs";
import { clusterFileSchema, type ClusterFileInput } from "@slash28/cluster-file";
import { fleetInputOf, readPodsJson, simulateFleet } from "@slash28/fleet";
import { afterAll, expect, test } from "vitest";
import { parse } from "yaml";
import { labUnderTest, workloadsOf, webDeployment } from "../src/index.ts";

/** A file that is made for a simulation, with three nodes instead of its 48: a lab builds what it can of it. */
const example = clusterFileSchema.parse(
  parse(readFileSync(new URL("../../examples/fintech-180-nodes-fixed.yaml", import.meta.url), "utf8")),
);
const cluster: ClusterFileInput = { ...example, nodeGroups: example.nodeGroups.map((group) => ({ ...group, nodes: 3 })) };

const lab = labUnderTest();
const { apply, running } = workloadsOf(lab);
afterAll(async () => {
  await lab.down();
}, 90_000);

test("nodes start in the subnets for nodes, and pods get addresses of the ENIConfigs' subnets without a command more", async () => {
  await lab.up({ cluster });
  const nodes = await lab.kubectl(["get", "nodes", "-o", "jsonpath={.items[*].status.addresses[?(@.type=='InternalIP')].address}"]);
  expect(
    nodes
      .split(" ")
      .map((address) => address.replace(/\.\d+$/, ""))
      .toSorted(),
  ).toEqual(["10.20.0", "10.20.1", "10.20.2"]);
  const configs = await lab.kubectl(["get", "eniconfigs", "-o", "jsonpath={.items[*].metadata.name}"]);
  expect(configs.split(" ").toSorted()).toEqual(["us-east-1a", "us-east-1b", "us-east-1c"]);
  await apply(webDeployment("web", 6));
  const pods = await running(6, 60_000, "-l", "app=web");
  expect(pods.every(({ status }) => status.podIP?.startsWith("100.64.") === true)).toBe(true);
}, 200_000);

test("what kubectl prints of the pods is a record that a simulation takes", async () => {
  const read = readPodsJson(JSON.parse(await lab.kubectl(["get", "pods", "-A", "-o", "json"])));
  // aws-node and kube-proxy are on the host's network of each node; the example has no cluster DNS.
  expect(read).toMatchObject({
    ok: true,
    workload: { pods: { length: 6 } },
    daemonPods: 0,
    hostNetworkPods: 2,
    leftOut: { onHostNetwork: 6 },
  });
  if (!read.ok) return;
  const { durationMs } = read;
  const fleet = fleetInputOf(example, { workloads: [read.workload], daemonPods: read.daemonPods, durationMs: durationMs + 600_000 });
  if (!fleet.ok) throw new Error(JSON.stringify(fleet.problems));
  expect(simulateFleet(fleet.input).summary).toMatchObject({ podsStarted: 6, podsNeverStarted: 0, firstExhaustion: null });
});
