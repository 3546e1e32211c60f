import { readdirSync, readFileSync } from "node:fs";
import { checkClusterFile, defaultCluster } from "@slash28/cluster-file";
import { parseSettings, settingComplaints } from "@slash28/ipam";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { parseClusterFile } from "../../apps/cli/src/cluster-file/read-cluster-file.ts";

const folder = new URL("../../examples/", import.meta.url);
const names = readdirSync(folder).filter((name) => name.endsWith(".yaml"));
const read = (name: string): string => readFileSync(new URL(name, folder), "utf8");

test("there are examples", () => {
  expect(names).toEqual([
    "burst-of-five.yaml",
    "fintech-180-nodes-fixed.yaml",
    "fintech-180-nodes-ipv6.yaml",
    "fintech-180-nodes-moves.yaml",
    "fintech-180-nodes.yaml",
    "fragmented-subnet.yaml",
    "full-vpc-tenth.yaml",
    "full-vpc.yaml",
    "scale-out-500-nodes.yaml",
    "small-subnets.yaml",
    "three-idle-nodes.yaml",
    "three-nodes.yaml",
    "two-zones.yaml",
    "warm-eni-50-nodes.yaml",
    "warm-ip-50-nodes.yaml",
  ]);
});

describe.each(names)("%s", (name) => {
  test("passes the check of the command that reads it", () => {
    expect(checkClusterFile(parse(read(name)))).toMatchObject({ ok: true });
    expect(parseClusterFile(read(name), name).nodeGroups.length).toBeGreaterThan(0);
  });

  test("tells editors where its schema is", () => {
    expect(read(name).split("\n")[0]).toBe("# yaml-language-server: $schema=cluster.schema.json");
  });

  test("sets nothing that the agent would not take as given", () => {
    const { env } = parseClusterFile(read(name), name).vpcCni;
    expect(settingComplaints(env, parseSettings(env))).toEqual([]);
  });
});

test("three-nodes.yaml is what a lab without a file is", () => {
  expect(checkClusterFile(parse(read("three-nodes.yaml")))).toEqual(checkClusterFile(defaultCluster()));
});

test("full-vpc-tenth.yaml has a tenth of the nodes of full-vpc.yaml, and about a tenth of its addresses", () => {
  const [whole, tenth] = ["full-vpc.yaml", "full-vpc-tenth.yaml"].map((name) => parseClusterFile(read(name), name));
  const nodes = (file: typeof whole): number => file?.nodeGroups.reduce((sum, group) => sum + group.nodes, 0) ?? 0;
  const lengths = (file: typeof whole): readonly string[] => file?.vpc.subnets.map(({ cidr }) => cidr.split("/")[1] ?? "") ?? [];
  expect([nodes(whole), nodes(tenth), lengths(whole), lengths(tenth)]).toEqual([180, 18, ["24", "24", "24"], ["27", "27", "27"]]);
  expect(tenth?.vpcCni).toEqual(whole?.vpcCni);
});
