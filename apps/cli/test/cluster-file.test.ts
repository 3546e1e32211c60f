import { expect, test } from "vitest";
import { parseClusterFile } from "../src/cluster-file/read-cluster-file.ts";
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
  ["broken YAML", good.replace("[10.0.0.0/16]", "[10.0.0.0/16"), "cluster.yaml:4:"],
])("%s is told with line and column", (_, text, expected) => {
  expect(problems(text)).toContain(expected);
});

test("a file that is not there is a usage mistake, and nothing is started", async () => {
  const { code, err } = await runCommand(["lab", "up", "--file", "/nonexistent/cluster.yaml"]);
  expect(code).toBe(2);
  expect(err).toContain("cannot read the cluster file /nonexistent/cluster.yaml: there is no such file");
});
