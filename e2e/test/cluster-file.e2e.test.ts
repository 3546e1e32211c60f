import { readFileSync } from "node:fs";
import { clusterFileSchema, type ClusterFileInput } from "@slash28/cluster-file";
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
