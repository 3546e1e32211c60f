import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { planDefrag, readSnapshot, type PoolSnapshot, type SnapshotBlock } from "../src/index.ts";

function prefix(third: number, pods: number, takesPods = true): SnapshotBlock {
  const held = Array.from({ length: pods }, (_, at) => ({ address: `10.0.${third}.${at}`, pod: `default/p${third}-${at}` }));
  return { eni: "eni-1", cidr: `10.0.${third}.0/28`, isPrefix: true, takesPods, held };
}

test("four pods fit into what the fullest prefix has left: draining them frees a prefix", () => {
  expect(planDefrag({ blocks: [prefix(1, 4), prefix(2, 10), prefix(3, 0)] })).toEqual({
    prefixes: [
      { cidr: "10.0.2.0/28", eni: "eni-1", pods: Array.from({ length: 10 }, (_, at) => `default/p2-${at}`), free: 6, advice: "keep" },
      { cidr: "10.0.1.0/28", eni: "eni-1", pods: Array.from({ length: 4 }, (_, at) => `default/p1-${at}`), free: 12, advice: "drain" },
    ],
    idlePrefixes: ["10.0.3.0/28"],
    singles: 0,
    drain: Array.from({ length: 4 }, (_, at) => `default/p1-${at}`),
    frees: 16,
  });
});

test.each<[string, SnapshotBlock[], number]>([
  ["one prefix with pods: they need it", [prefix(1, 3)], 0],
  ["a full prefix has no room", [prefix(1, 16), prefix(2, 4)], 0],
  ["three nearly empty prefixes become one", [prefix(1, 1), prefix(2, 2), prefix(3, 3)], 32],
  ["no pod at all", [prefix(1, 0)], 0],
  ["an ENI that takes no pods has no room for others'", [prefix(1, 4, false), prefix(2, 10)], 16],
  ["single addresses are no prefixes", [{ ...prefix(1, 1), cidr: "10.0.1.9/32", isPrefix: false }], 0],
])("%s", (_, blocks, frees) => {
  expect(planDefrag({ blocks }).frees).toBe(frees);
});

test("whatever the pool: drained pods fit into the kept prefixes, nobody is named twice, no more could be freed", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 16 }), { maxLength: 15 }), (counts) => {
      const plan = planDefrag({ blocks: counts.map((pods, at) => prefix(at, pods)) });
      const kept = plan.prefixes.filter(({ advice }) => advice === "keep");
      const pods = counts.reduce((sum, count) => sum + count, 0);
      expect(plan.drain.length).toBeLessThanOrEqual(kept.reduce((sum, { free }) => sum + free, 0));
      expect(new Set([...plan.drain, ...kept.flatMap((one) => one.pods)]).size).toBe(pods);
      expect(kept).toHaveLength(Math.ceil(pods / 16));
      expect(plan.frees).toBe((plan.prefixes.length - kept.length) * 16);
    }),
  );
});

describe("reading /v1/enis", () => {
  const used = (networkName: string, pod?: string) => ({
    IPAMKey: { networkName, containerID: "", ifName: "" },
    IPAMMetadata: pod === undefined ? {} : { k8sPodNamespace: "default", k8sPodName: pod },
  });
  const enis = {
    "eni-1": {
      AvailableIPv4Cidrs: {
        "10.0.1.16/28": {
          IsPrefix: true,
          IPAddresses: { "10.0.1.16": used("aws-cni", "web"), "10.0.1.17": used(""), "10.0.1.18": used("aws-cni") },
        },
        "10.0.1.9/32": { IsPrefix: false, IPAddresses: {} },
      },
    },
  };
  const snapshot: PoolSnapshot = {
    blocks: [
      {
        eni: "eni-1",
        cidr: "10.0.1.16/28",
        isPrefix: true,
        takesPods: true,
        held: [
          { address: "10.0.1.16", pod: "default/web" },
          { address: "10.0.1.18", pod: "(unknown pod)" },
        ],
      },
      { eni: "eni-1", cidr: "10.0.1.9/32", isPrefix: false, takesPods: true, held: [] },
    ],
  };

  test("by network card, or without one as older versions", () => {
    expect(readSnapshot(JSON.stringify({ "0": { TotalIPs: 17, ENIs: enis } }))).toEqual({ ok: true, snapshot });
    expect(readSnapshot(JSON.stringify({ TotalIPs: 17, ENIs: enis }))).toEqual({ ok: true, snapshot });
  });

  test.each(["", "[]", "{}", '{"0":{}}', '{"0":{"ENIs":[]}}', '{"ENIs":null}'])("%j is no such answer", (text) => {
    expect(readSnapshot(text)).toMatchObject({ ok: false });
  });

  test("no JSON makes it fail", () => {
    fc.assert(fc.property(fc.json(), (text) => readSnapshot(text) !== undefined));
    fc.assert(fc.property(fc.jsonValue(), (value) => readSnapshot(JSON.stringify({ ENIs: { "eni-1": value } })).ok));
  });
});
