import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { explainMaxPods, instanceTypes, kubeReservedOf, leastMaxPods, limitsOf, maxPodsOf, type MaxPodsOptions } from "../src/index.ts";
import { WORKED_RESULTS } from "./worked-results.ts";

const PUBLISHED = JSON.parse(readFileSync(new URL("fixtures/eni-max-pods.json", import.meta.url), "utf8")) as Record<string, number>;

function pods(instance: string, options: Partial<MaxPodsOptions> = {}): number | string {
  const result = maxPodsOf({ instance, cniVersion: "1.18.0", ...options });
  return result.ok ? result.value.maxPods : result.error.code;
}

test("the uncapped numbers equal every entry of the published list", () => {
  const types = Object.keys(PUBLISHED);
  expect(types.length).toBe(1391);
  expect(Object.fromEntries(types.map((type) => [type, pods(type, { showMaxAllowed: true })]))).toEqual(PUBLISHED);
});

describe("worked results, as the script answered", () => {
  test.each(WORKED_RESULTS)("$type", ({ type, enis, addresses, vcpus, expected }) => {
    const limits = limitsOf(type);
    expect([limits?.maxEnis, limits?.ipv4PerEni, limits?.vcpus]).toEqual([enis, addresses, vcpus]);
    const answers = [
      {},
      { prefixDelegation: true },
      { customNetworking: true },
      { prefixDelegation: true, customNetworking: true },
    ].flatMap((mode) => [
      pods(type, { ...mode, arithmetic: "script" }),
      pods(type, { ...mode, arithmetic: "script", showMaxAllowed: true }),
    ]);
    const raw = answers[1];
    expect([...answers, typeof raw === "number" ? kubeReservedOf(raw, vcpus ?? 1).memoryMiB : raw]).toEqual(expected);
  });

  test.each(WORKED_RESULTS)("$type differs from the script only where bare metal holds prefixes", ({ type }) => {
    const isMetal = limitsOf(type)?.bareMetal === true;
    for (const options of [{}, { customNetworking: true }, { prefixDelegation: true }, { prefixDelegation: true, showMaxAllowed: true }]) {
      const ours = pods(type, options);
      const theirs = pods(type, { ...options, arithmetic: "script" });
      if (isMetal && options.prefixDelegation === true && options.showMaxAllowed === true) expect(ours).toBeGreaterThan(theirs as number);
      else expect(ours).toBe(theirs);
    }
  });
});

test("bare metal: capped answers agree with the script for every type whose vCPUs are known", () => {
  const metal = instanceTypes().filter((type) => limitsOf(type)?.bareMetal === true && limitsOf(type)?.vcpus !== undefined);
  expect(metal.length).toBeGreaterThan(100);
  const differing = metal.filter(
    (type) => pods(type, { prefixDelegation: true }) !== pods(type, { prefixDelegation: true, arithmetic: "script" }),
  );
  expect(differing).toEqual([]);
});

describe("m5.large, the script's documented cases", () => {
  test.each<[string, Partial<MaxPodsOptions>, number | string]>([
    ["plain", { cniVersion: "1.9.0-eksbuild.1" }, 29],
    ["custom networking", { cniVersion: "1.9.0-eksbuild.1", customNetworking: true }, 20],
    ["prefixes", { cniVersion: "1.9.0-eksbuild.1", prefixDelegation: true }, 110],
    ["prefixes, uncapped", { cniVersion: "1.9", prefixDelegation: true, showMaxAllowed: true }, 434],
    ["prefixes with a CNI that is too old", { cniVersion: "1.8.9", prefixDelegation: true }, 29],
    ["no minor version", { cniVersion: "2" }, "CNI_VERSION_INVALID"],
    ["a word for a version", { cniVersion: "latest" }, "CNI_VERSION_INVALID"],
    ["leading v", { cniVersion: "v1.18.0" }, 29],
    ["leading v, script", { cniVersion: "v1.18.0", arithmetic: "script" }, "CNI_VERSION_INVALID"],
    ["1.09 is 1.9", { cniVersion: "1.09.0", prefixDelegation: true }, 110],
    ["1.09 is no prefixes, script", { cniVersion: "1.09.0", prefixDelegation: true, arithmetic: "script" }, 29],
    ["1.08 is no prefixes, script", { cniVersion: "1.08.0", prefixDelegation: true, arithmetic: "script" }, 29],
    ["max ENI 0", { maxEni: 0 }, 2],
    ["max ENI 1", { maxEni: 1 }, 11],
    ["max ENI 99", { maxEni: 99 }, 29],
    ["max ENI 2", { maxEni: 2 }, 20],
    ["max ENI 2 with prefixes", { maxEni: 2, prefixDelegation: true, showMaxAllowed: true }, 290],
    ["max ENI 1 with custom networking", { maxEni: 1, customNetworking: true }, 2],
    ["max ENI 0 with custom networking", { maxEni: 0, customNetworking: true }, "NO_PODS_FIT"],
    ["max ENI 0 with custom networking, script", { maxEni: 0, customNetworking: true, arithmetic: "script" }, -7],
    ["max ENI -1", { maxEni: -1 }, "NUMBER_INVALID"],
    ["max ENI -1, script", { maxEni: -1, arithmetic: "script" }, -7],
    ["max ENI not a number", { maxEni: Number.NaN, arithmetic: "script" }, "NUMBER_INVALID"],
    ["security groups for pods", { securityGroupsForPods: true }, 20],
    ["one reserved ENI", { reservedEnis: 1 }, 20],
    ["IPv6", { ipv6: true }, 110],
    ["IPv6 with custom networking", { ipv6: true, customNetworking: true }, "OPTIONS_CONFLICT"],
    ["IPv6 with an old CNI", { ipv6: true, cniVersion: "1.10.0" }, "IPV6_UNSUPPORTED"],
    ["64 vCPUs given, prefixes", { vcpus: 64, prefixDelegation: true }, 250],
  ])("%s", (_name, options, expected) => {
    expect(pods("m5.large", options)).toBe(expected);
  });
});

test("upstream's own checks", () => {
  expect(pods("m4.xlarge", { cniVersion: "1.7.5" })).toBe(58);
  expect(pods("m5.8xlarge", { cniVersion: "1.11.2" })).toBe(234);
  expect(pods("m5.8xlarge", { cniVersion: "1.11.2", prefixDelegation: true })).toBe(250);
  expect(pods("c6in.32xlarge", { showMaxAllowed: true })).toBe(394);
});

test("an unknown type, IPv6 on Xen, and metal with an older CNI", () => {
  expect(pods("m5.enormous")).toBe("INSTANCE_TYPE_UNKNOWN");
  expect(pods("m4.xlarge", { ipv6: true })).toBe("IPV6_UNSUPPORTED");
  expect(pods("m5.metal", { prefixDelegation: true, showMaxAllowed: true })).toBe(11762);
  expect(pods("m5.metal", { prefixDelegation: true, showMaxAllowed: true, cniVersion: "1.10.4" })).toBe(737);
});

test("a node group of mixed types gets the least", () => {
  const least = leastMaxPods(["m5.xlarge", "m5.large", "c5.xlarge"], { cniVersion: "1.18.0" });
  expect(least).toMatchObject({ ok: true, value: { type: "m5.large", maxPods: 29 } });
  expect(leastMaxPods(["m5.large", "nothing"], { cniVersion: "1.18.0" })).toMatchObject({ ok: false });
});

test("the breakdown says why", () => {
  const result = maxPodsOf({ instance: "m5.4xlarge", cniVersion: "1.18.0", customNetworking: true, securityGroupsForPods: true });
  expect(result.ok && explainMaxPods(result.value)).toEqual([
    "ENIs on the default network card: 8 (1 left out by custom networking (the primary one), 1 is the trunk), usable 6",
    "addresses for pods per ENI: 29 (one per slot, without the primary address)",
    "6 × 29 + 2 pods on the host's network = 176",
    "cap for 16 vCPUs: 110, applied",
    "pods with branch ENIs: up to 54 of these pods, without an address of the node's own ENIs",
  ]);
  const xen = maxPodsOf({ instance: "m4.xlarge", cniVersion: "1.18.0", prefixDelegation: true });
  expect(xen.ok && xen.value.notes).toEqual([
    "m4.xlarge cannot hold prefixes; counted with secondary addresses, as the CNI falls back to them",
  ]);
});

test.each([
  [1, 60],
  [2, 70],
  [4, 80],
  [5, 82],
  [8, 90],
  [16, 110],
  [32, 150],
  [48, 190],
  [64, 230],
  [72, 250],
  [96, 310],
  [128, 390],
  [192, 550],
  [896, 2310],
])("kube-reserved CPU of %i cores is %i millicores", (cores, millicores) => {
  expect(kubeReservedOf(29, cores).cpuMillicores).toBe(millicores);
});

test("for every type: custom networking costs one ENI, prefixes never cost pods, the cap only lowers", () => {
  fc.assert(
    fc.property(fc.constantFrom(...instanceTypes()), fc.boolean(), (instance, prefixDelegation) => {
      const plain = maxPodsOf({ instance, cniVersion: "1.18.0", prefixDelegation, showMaxAllowed: true });
      const custom = maxPodsOf({ instance, cniVersion: "1.18.0", prefixDelegation, customNetworking: true, showMaxAllowed: true });
      const capped = maxPodsOf({ instance, cniVersion: "1.18.0", prefixDelegation });
      const secondary = maxPodsOf({ instance, cniVersion: "1.18.0", showMaxAllowed: true });
      if (!plain.ok || !custom.ok || !capped.ok || !secondary.ok) throw new Error("every type has an answer");
      expect(plain.value.maxPods - custom.value.maxPods).toBe(plain.value.addressesPerEni);
      expect(plain.value.maxPods).toBeGreaterThanOrEqual(secondary.value.maxPods);
      expect(capped.value.maxPods).toBe(Math.min(plain.value.maxPods, capped.value.cap));
    }),
  );
});
