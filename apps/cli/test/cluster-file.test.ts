import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseClusterFile } from "../src/cluster-file/read-cluster-file.ts";
import { leftOutByLab } from "../src/lab/left-out.ts";
import { runCommand } from "./run-command.ts";

const good = `name: demo
vpc:
  cidrs: [10.0.0.0/16]
  subnets:
    - zone: us-east-1a
      cidr: 10.0.0.0/24
nodeGroups:
  - name: default
    instanceType: m5.large
    nodes: 2
`;

function problems(text: string): string {
  try {
    parseClusterFile(text, "cluster.yaml");
    return "";
  } catch (cause) {
    return (cause as Error).message;
  }
}

test("a good file is read with its defaults", () => {
  expect(parseClusterFile(good, "cluster.yaml")).toMatchObject({ name: "demo", region: "us-east-1", vpcCni: { env: {} } });
});

test.each([
  [
    "a wrong value",
    good.replace("10.0.0.0/24", "10.9.0.0/24"),
    "cluster.yaml:6:13: vpc.subnets.0.cidr: 10.9.0.0/24 lies in no CIDR of the VPC",
  ],
  [
    "an unknown type",
    good.replace("m5.large", "m5.lage"),
    "cluster.yaml:9:19: nodeGroups.0.instanceType: m5.lage is not an EC2 instance type",
  ],
  ["a missing field, at its parent", good.replace("    nodes: 2\n", ""), "cluster.yaml:8:5: nodeGroups.0.nodes"],
  ["an unknown field, at its name", `${good}simulaton: {}\n`, "cluster.yaml:11:1: simulaton: unknown field; did you mean simulation?"],
  [
    "an unknown field within another",
    good.replace("    nodes: 2", "    nodes: 2\n    zone: [us-east-1a]"),
    "cluster.yaml:11:5: nodeGroups.0.zone: unknown field; did you mean zones?",
  ],
  [
    "an ENIConfig for a zone that is not there",
    `${good}vpcCni:\n  env: { AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: true, ENI_CONFIG_LABEL_DEF: topology.kubernetes.io/zone }\neniConfigs:\n  us-east-1c: pods\n`,
    "cluster.yaml:14:3: eniConfigs.us-east-1c: zone us-east-1c has no subnet in vpc.subnets; did you mean us-east-1a?",
  ],
  ["broken YAML", good.replace("[10.0.0.0/16]", "[10.0.0.0/16"), "cluster.yaml:4:"],
])("%s is told with line and column", (_, text, expected) => {
  expect(problems(text)).toContain(expected);
});

test("what a lab makes nothing of is told in one line", () => {
  const rest = "workload: { daemonPods: 1 }\nchanges:\n  - { at: 1h, scaleGroup: { group: default, nodes: 3 } }\n";
  const tenants = good.replace("cidr: 10.0.0.0/24", "cidr: 10.0.0.0/24\n      otherTenants: { addresses: 3 }");
  expect(leftOutByLab(parseClusterFile(`${tenants}${rest}`, "cluster.yaml"))).toBe(
    "the lab leaves out what only a simulation reads: workload, changes, otherTenants of subnets",
  );
  expect(leftOutByLab(parseClusterFile(good, "cluster.yaml"))).toBeUndefined();
});

test("a file for a simulation may have more nodes than a lab has processes", async () => {
  const folder = mkdtempSync(join(tmpdir(), "s28-cli-file-"));
  const path = join(folder, "cluster.yaml");
  writeFileSync(path, good.replace("nodes: 2", "nodes: 501"));
  const { code, err } = await runCommand(["lab", "up", "--data-plane", "simulated", "--file", path]);
  rmSync(folder, { recursive: true });
  expect([code, err]).toEqual([
    2,
    expect.stringContaining("a lab has at most 500 nodes in a group, each a process of its own, and default has 501"),
  ]);
});

test("a file with IPv6 pods is for simulations alone, and a lab says so before it starts anything", async () => {
  const folder = mkdtempSync(join(tmpdir(), "s28-cli-file-"));
  const path = join(folder, "cluster.yaml");
  writeFileSync(path, good.replace("vpc:", "ipFamily: ipv6\nvpc:\n  ipv6: true"));
  const { code, err } = await runCommand(["lab", "up", "--data-plane", "simulated", "--file", path]);
  const simulated = await runCommand(["simulate", path, "--duration", "10m", "-o", "json"]);
  rmSync(folder, { recursive: true });
  expect([code, err]).toEqual([2, expect.stringContaining("ipFamily: ipv6 has no lab yet: its agent gives pods IPv4 addresses alone")]);
  expect(JSON.parse(simulated.out)).toMatchObject({ summary: { peakHeld: 0, podsStarted: 2, podsNeverStarted: 0 } });
});

test("a file that is not there is a usage mistake, and nothing is started", async () => {
  const { code, err } = await runCommand(["lab", "up", "--file", "/nonexistent/cluster.yaml"]);
  expect(code).toBe(2);
  expect(err).toContain("cannot read the cluster file /nonexistent/cluster.yaml: there is no such file");
});
