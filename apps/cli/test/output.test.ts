import { expect, test } from "vitest";
import { exportLines, labEnv } from "../src/lab/lab-env.ts";
import { ofCluster, statusTable } from "../src/lab/status-table.ts";
import { verifyText } from "../src/lab/verify.ts";
import { processTerminal, renderTable } from "../src/output/index.ts";
import pico from "picocolors";
import type { LabStatus } from "@slash28/lab";

const status: LabStatus = {
  state: "running",
  name: "slash28",
  region: "us-east-1",
  dataPlane: "kernel",
  startedAt: "2026-01-01T00:00:00.000Z",
  endpoints: { kubernetes: "https://127.0.0.1:28443", aws: "http://127.0.0.1:28080", kubeconfig: "/run/slash28/kube config" },
  nodes: [
    {
      name: "ip-10-0-0-4.ec2.internal",
      instanceId: "i-1",
      instanceType: "m5.large",
      zone: "us-east-1a",
      address: "10.0.0.4",
      enis: 2,
      addresses: { held: 18, assigned: 3, cooling: 1 },
      pods: 4,
      maxPods: 29,
      ready: true,
    },
  ],
  clusters: [],
  subnets: [{ id: "subnet-1", cidr: "10.0.0.0/20", zone: "us-east-1a", free: 4071 }],
};

test("a table aligns by what a terminal shows, wide characters too", () => {
  expect(
    renderTable(
      [
        { head: "a", cell: (row: string[]) => row[0] ?? "" },
        { head: "n", cell: (row) => row[1] ?? "", align: "right" },
      ],
      [
        ["日本", "1"],
        ["x", "100"],
      ],
    ),
  ).toBe("A        N\n日本     1\nx      100");
});

test("a lab's state is a table of nodes and a table of subnets", () => {
  expect(statusTable(status)).toBe(`slash28 in us-east-1: running

NODE                       INSTANCE   TYPE       ZONE         ADDRESS    STATE   ENIS   HELD   ASSIGNED   COOLING   PODS
ip-10-0-0-4.ec2.internal   i-1        m5.large   us-east-1a   10.0.0.4   Ready      2     18          3         1   4/29

SUBNET     CIDR          ZONE         FREE
subnet-1   10.0.0.0/20   us-east-1a   4071`);
});

test("several clusters are told with the nodes of each, one of them alone when it is named", () => {
  const cluster = { status: "ACTIVE", version: "1.35", endpoint: "https://127.0.0.1:28443" };
  const other = { ...status.nodes[0]!, name: "ip-10-0-0-9.ec2.internal", address: "10.0.0.9" };
  const two: LabStatus = {
    ...status,
    clusters: [
      { ...cluster, name: "slash28", nodes: status.nodes },
      { ...cluster, name: "second", endpoint: "https://127.0.0.1:40001", nodes: [other] },
    ],
  };
  const lines = statusTable(two).split("\n");
  expect(lines).toContain("second    ACTIVE   1.35             1   https://127.0.0.1:40001");
  expect(lines.find((line) => line.includes("ip-10-0-0-4"))).toMatch(/^slash28 /);
  expect(lines.find((line) => line.includes("ip-10-0-0-9"))).toMatch(/^second /);
  const second = statusTable(ofCluster(two, "second"));
  expect(second).toContain("ip-10-0-0-9");
  expect(second).not.toContain("ip-10-0-0-4");
  expect(ofCluster(two, "second").nodes).toEqual([other]);
  expect(() => ofCluster(two, "third")).toThrow("there is no cluster third; there is slash28, second");
  expect(statusTable({ ...two, clusters: two.clusters.slice(0, 1) })).toBe(statusTable(status));
});

test("env tells the keys that the lab takes, and none where it has none to give", () => {
  const credentials = { accessKeyId: "AKIAS28", secretAccessKey: "a+b/c" };
  expect(exportLines(labEnv({ ...status, credentials }))).toContain(
    "export AWS_ACCESS_KEY_ID=AKIAS28\nexport AWS_SECRET_ACCESS_KEY='a+b/c'\n",
  );
  expect(exportLines(labEnv(status))).not.toContain("AWS_ACCESS_KEY_ID");
});

test("env lines are safe for a shell", () => {
  expect(exportLines(labEnv(status)).split("\n").slice(0, 3)).toEqual([
    "export KUBECONFIG='/run/slash28/kube config'",
    "export AWS_ENDPOINT_URL=http://127.0.0.1:28080",
    "export AWS_REGION=us-east-1",
  ]);
});

test("the matrix of a verification shows each miss and its reason", () => {
  const text = verifyText(
    {
      sources: ["pod a"],
      targets: ["pod b (10.0.0.9)", "the internet (198.51.100.80)"],
      attempts: [
        { from: "pod a", to: "pod b (10.0.0.9)", by: "ping", reached: true },
        { from: "pod a", to: "the internet (198.51.100.80)", by: "curl", reached: false, detail: "curl ended with 28" },
      ],
      missed: 1,
    },
    pico.createColors(false),
  );
  expect(text).toContain("pod a       ok   no curl");
  expect(text).toContain("curl pod a → the internet (198.51.100.80): curl ended with 28");
});

test("off a terminal there is no colour, whatever the environment makes of it", () => {
  const { isTty, colours } = processTerminal();
  expect(isTty).toBe(false);
  expect(colours.red("red")).toBe("red");
});
