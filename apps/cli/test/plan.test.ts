import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readClusterFile } from "../src/cluster-file/read-cluster-file.ts";
import { runCommand } from "./run-command.ts";

const folder = () => mkdtempSync(join(tmpdir(), "slash28-plan-"));
const SMALL = ["plan", "--nodes", "3", "--pods-per-node", "10", "--name", "small"];

function needs(text: string): string {
  const path = join(folder(), "needs.yaml");
  writeFileSync(path, text);
  return path;
}

describe("slash28 plan", () => {
  test("a table with mode, subnets, settings, the end, the simulation and every other way", async () => {
    const { code, out, err } = await runCommand([...SMALL, "--growth", "50%"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toContain("small: prefixes of the nodes' subnets\n");
    expect(out).toMatch(/^small-nodes-us-east-1a +us-east-1a +10\.0\.0\.0\/18 +16379 /m);
    expect(out).toContain("  ENABLE_PREFIX_DELEGATION=true\n");
    expect(out).toMatch(/^runs out +in month \d+ \(nodes\): \d+ nodes × /m);
    expect(out).toMatch(/^simulation +\d+ nodes .* first exhaustion: none$/m);
    expect(out).toContain("  - IPv6 pods: no; the needs say that not everything");
  });

  test("JSON has the plan and its simulation", async () => {
    const { out } = await runCommand([...SMALL, "-o", "json"]);
    expect(JSON.parse(out)).toMatchObject({
      plan: { name: "small", mode: "prefix", nodeGroups: [{ instanceType: "m5.large", maxPods: 110 }], runsOut: { months: null } },
      simulation: { kind: "simulated", firstExhaustion: null, podsNeverStarted: 0 },
    });
  });

  test("options go over the file", async () => {
    const path = needs("name: filed\nnodes: 3\npods: { perNode: 10 }\nspace: { routable: [10.9.0.0/20], avoid: [100.64.0.0/16] }\n");
    const typed = ["--name", "typed", "--routable", "10.8.0.0/20", "-o", "json"];
    const { out } = await runCommand(["plan", "--needs", path, ...typed]);
    expect((await runCommand(["plan", path, ...typed])).out).toBe(out);
    expect(JSON.parse(out)).toMatchObject({ plan: { name: "typed", vpc: { cidrs: ["10.8.0.0/20"] } } });
  });

  test("needs without a plan end with 1 and say what is missing, mode by mode", async () => {
    const { code, out, err } = await runCommand(["plan", "--nodes", "600", "--pods-per-node", "20", "--routable", "10.9.0.0/24"]);
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toContain("no plan: the nodes' subnets need");
    expect(err.split("\n").filter((line) => line.startsWith("  - "))).toHaveLength(6);
  });
});

describe("bad needs end with 2, and nothing is written", () => {
  test.each([
    ["nodes: 3\npods: { perNode: ten }\n", ":2:7: pods: must be {total: 5000} or {perNode: 30}"],
    ["nodes: 3\npods: { perNode: 10 }\nzone: a\n", ":3:1: zone: unknown field; did you mean zones?"],
    ["nodes: 3\npods: { perNode: 10 }\ninstanceTypes:\n  - m5.lagre\n", ":4:5: instanceTypes.0: instance type m5.lagre is not known"],
    ["nodes: [\n", ":2:1: "],
    ["- 3\n", "must have fields"],
  ])("%j", async (text, said) => {
    const target = join(folder(), "out");
    const { code, out, err } = await runCommand(["plan", "--needs", needs(text), "--write", target]);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain(said);
    expect(existsSync(target)).toBe(false);
  });

  test.each([
    [["plan"], "nodes: is missing: it takes a number (--nodes, or nodes in the file of --needs)"],
    [["plan", "--nodes", "many", "--pods", "3"], 'nodes: must be a number, not "many"'],
    [["plan", "--nodes", "3", "--pods", "3", "--pods-per-node", "3"], "give --pods or --pods-per-node, not both"],
    [["plan", "--nodes", "3", "--pods", "30", "--growth", "40"], "growth.perYear: must be a share such as 10%"],
    [["plan", "a.yaml", "--needs", "b.yaml"], "give one file of needs, a.yaml or --needs b.yaml"],
    [["plan", "--needs", "/nonexistent/needs.yaml"], "cannot read the file of needs /nonexistent/needs.yaml: there is no such file"],
    [[...SMALL, "--force"], "--force goes with --write"],
  ])("%j", async (args, said) => {
    const { code, err } = await runCommand(args);
    expect(code).toBe(2);
    expect(err).toContain(said);
  });
});

describe("slash28 plan --write", () => {
  test("writes files that go on from there, and overwrites none unasked", async () => {
    const target = join(folder(), "plan");
    const { code, err } = await runCommand([...SMALL, "--write", target]);
    expect(code).toBe(0);
    expect(err).toContain(`written to ${target}: cluster.yaml, ids.sh, eksctl.yaml, terraform/network.tf`);
    expect(readdirSync(target).toSorted()).toEqual(["cluster.yaml", "eksctl.yaml", "ids.sh", "terraform", "user-data"]);
    expect(readClusterFile(join(target, "cluster.yaml")).nodeGroups).toMatchObject([{ name: "general", nodes: 3, maxPods: 110 }]);

    writeFileSync(join(target, "ids.sh"), "mine");
    const again = await runCommand([...SMALL, "--write", target]);
    expect(again.code).toBe(2);
    expect(again.err).toContain("add --force to overwrite");
    expect(readFileSync(join(target, "ids.sh"), "utf8")).toBe("mine");

    expect((await runCommand([...SMALL, "--write", target, "--force"])).code).toBe(0);
    expect(readFileSync(join(target, "ids.sh"), "utf8")).toContain("export vpc_id=");
  });

  test("the example's plan puts pods into 100.64.0.0/16", async () => {
    const example = new URL("../../../examples/needs/full-vpc.yaml", import.meta.url).pathname;
    const target = join(folder(), "plan");
    const { out } = await runCommand(["plan", "--needs", example, "--write", target, "-o", "json"]);
    expect(JSON.parse(out)).toMatchObject({ plan: { mode: "custom-prefix", vpc: { cidrs: ["10.20.0.0/22", "100.64.0.0/16"] } } });
    expect(readdirSync(join(target, "kubernetes")).toSorted()).toEqual(["eniconfigs.yaml", "security-group-policy.yaml"]);
    expect(readClusterFile(join(target, "cluster.yaml")).eniConfigs).toMatchObject({ "us-east-1a": "payments-pods-us-east-1a" });
  });

  test("an overlay has files for all but its CNI, and a guide to that", async () => {
    const path = needs("nodes: 20\npods: { perNode: 20 }\nspace: { routable: [10.9.0.0/24], pods: [10.9.1.0/26] }\n");
    const target = join(folder(), "plan");
    const { code } = await runCommand(["plan", "--needs", path, "--write", target]);
    expect(code).toBe(0);
    expect(readdirSync(target).toSorted()).toEqual(["eksctl.yaml", "ids.sh", "overlay.md", "terraform", "user-data"]);
    expect(readFileSync(join(target, "overlay.md"), "utf8")).toContain("In this order");
  });

  test("--internet says how the VPC reaches the internet", async () => {
    const { out } = await runCommand([...SMALL, "--internet", "none", "-o", "json"]);
    expect(JSON.parse(out)).toMatchObject({ plan: { vpc: { internet: "none" } }, simulation: { firstExhaustion: null } });
    const { code, err } = await runCommand([...SMALL, "--internet", "some"]);
    expect([code, err]).toEqual([2, expect.stringContaining("Allowed choices are nat, public, none")]);
  });
});
