import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { explainSettings, parseSettings, STOCK_MANIFEST, type Env, type ExplainedSetting } from "../src/index.ts";

function explained(env: Env, variable: string): ExplainedSetting {
  const found = explainSettings(env).settings.find((setting) => setting.variable === variable);
  if (found === undefined) throw new Error(`${variable} is not explained`);
  return found;
}

test("a value, where it comes from, and its default", () => {
  expect(explained({ MAX_ENI: "2" }, "MAX_ENI")).toEqual({
    variable: "MAX_ENI",
    value: "2",
    source: "given",
    default: "none",
    given: "2",
    hasEffect: true,
    overriddenBy: [],
    overrides: [],
    problems: [],
  });
  expect(explained({}, "MAX_ENI")).toMatchObject({ value: "none", source: "default" });
  expect(explained({ WARM_ENI_TARGET: "1" }, "WARM_ENI_TARGET")).toMatchObject({ value: "1", source: "manifest" });
  expect(explained({ WARM_ENI_TARGET: "2" }, "WARM_ENI_TARGET")).toMatchObject({ value: "2", source: "given", default: "1" });
  expect(explained({ WARM_ENI_TARGET: "" }, "WARM_ENI_TARGET")).toMatchObject({ value: "1", source: "default" });
});

describe("precedence", () => {
  test.each<[string, Env, { readonly loser: string; readonly by: readonly string[] }]>([
    ["address targets before WARM_ENI_TARGET", { WARM_IP_TARGET: "5" }, { loser: "WARM_ENI_TARGET", by: ["WARM_IP_TARGET"] }],
    ["the minimum does so too", { MINIMUM_IP_TARGET: "5" }, { loser: "WARM_ENI_TARGET", by: ["MINIMUM_IP_TARGET"] }],
    [
      "with prefixes, address targets before WARM_PREFIX_TARGET",
      { ENABLE_PREFIX_DELEGATION: "true", WARM_PREFIX_TARGET: "2", WARM_IP_TARGET: "5", MINIMUM_IP_TARGET: "9" },
      { loser: "WARM_PREFIX_TARGET", by: ["WARM_IP_TARGET", "MINIMUM_IP_TARGET"] },
    ],
    [
      "with prefixes, WARM_ENI_TARGET counts for nothing",
      { ENABLE_PREFIX_DELEGATION: "true", WARM_PREFIX_TARGET: "1" },
      { loser: "WARM_ENI_TARGET", by: ["ENABLE_PREFIX_DELEGATION"] },
    ],
    ["without prefixes, WARM_PREFIX_TARGET does", {}, { loser: "WARM_PREFIX_TARGET", by: ["ENABLE_PREFIX_DELEGATION"] }],
    [
      "external SNAT before its exceptions",
      { AWS_VPC_K8S_CNI_EXTERNALSNAT: "true", AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS: "10.1.0.0/16" },
      { loser: "AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS", by: ["AWS_VPC_K8S_CNI_EXTERNALSNAT"] },
    ],
    [
      "the SDKs' endpoint before the VPC CNI's",
      { AWS_ENDPOINT_URL: "http://127.0.0.1:1", AWS_EC2_ENDPOINT: "http://127.0.0.1:2" },
      { loser: "AWS_EC2_ENDPOINT", by: ["AWS_ENDPOINT_URL"] },
    ],
    ["no mode for groups of pods without such groups", {}, { loser: "POD_SECURITY_GROUP_ENFORCING_MODE", by: ["ENABLE_POD_ENI"] }],
    [
      "custom networking before subnet discovery",
      { AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: "true" },
      { loser: "ENABLE_SUBNET_DISCOVERY", by: ["AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG"] },
    ],
    [
      "a pool that is switched off has no target",
      { DISABLE_NETWORK_RESOURCE_PROVISIONING: "true", WARM_IP_TARGET: "5" },
      { loser: "WARM_IP_TARGET", by: ["DISABLE_NETWORK_RESOURCE_PROVISIONING"] },
    ],
  ])("%s", (_, env, { loser, by }) => {
    const setting = explained(env, loser);
    expect(setting.hasEffect).toBe(false);
    expect(setting.overriddenBy.map((override) => override.by)).toContainEqual(by);
    for (const winner of by) expect(explained(env, winner).overrides).toContain(loser);
  });

  test("an address target of 0 goes before nothing", () => {
    expect(explained({ WARM_IP_TARGET: "0" }, "WARM_ENI_TARGET")).toMatchObject({ hasEffect: true, overriddenBy: [] });
  });

  test("what a switch implies holds, and says through what", () => {
    expect(explained({ ENABLE_IMDS_ONLY_MODE: "true" }, "DISABLE_LEAKED_ENI_CLEANUP")).toMatchObject({
      value: "true",
      source: "default",
      hasEffect: true,
      overriddenBy: [{ by: ["ENABLE_IMDS_ONLY_MODE"] }],
    });
  });

  test("a knob turned in vain is a notice; a default written out is none", () => {
    const kinds = (env: Env) => parseSettings(env).notices.map(({ kind, variable }) => `${kind} ${variable}`);
    const external = { AWS_VPC_K8S_CNI_EXTERNALSNAT: "true" };
    expect(kinds({ ...external, AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS: "10.1.0.0/16" })).toEqual([
      "ignored AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS",
    ]);
    expect(kinds({ ...external, AWS_VPC_K8S_CNI_RANDOMIZESNAT: "prng" })).toEqual([]);
    expect(kinds({ ENABLE_IMDS_ONLY_MODE: "true", DISABLE_LEAKED_ENI_CLEANUP: "true" })).toEqual([]);
  });
});

describe("wrong values", () => {
  test.each<[Env, string, Partial<ExplainedSetting>]>([
    [{ WARM_IP_TARGET: "many" }, "WARM_IP_TARGET", { value: "0", source: "default", given: "many" }],
    [{ AWS_VPC_ENI_MTU: "90001" }, "AWS_VPC_ENI_MTU", { value: "9001", source: "default" }],
    [{ AWS_VPC_K8S_CNI_VETHPREFIX: "eth" }, "AWS_VPC_K8S_CNI_VETHPREFIX", { value: "eni", source: "default" }],
    [{ AWS_VPC_K8S_CNI_CONNMARK: "x" }, "AWS_VPC_K8S_CNI_CONNMARK", { value: "0x80", source: "default" }],
    [{ ADDITIONAL_ENI_TAGS: "[]" }, "ADDITIONAL_ENI_TAGS", { value: "none", source: "default" }],
    [{ ENABLE_IPv6: "true" }, "ENABLE_IPv6", { value: "false", source: "default" }],
    [{ ENABLE_PREFIX_DELEGATION: "true", WARM_PREFIX_TARGET: "-2" }, "WARM_PREFIX_TARGET", { value: "1", source: "default" }],
    [{ AWS_EXTERNAL_SERVICE_CIDRS: "10.1.0.0/16,x" }, "AWS_EXTERNAL_SERVICE_CIDRS", { value: "10.1.0.0/16", source: "given" }],
  ])("%j: what is used instead of %s is said", (env, variable, expected) => {
    const setting = explained(env, variable);
    expect(setting).toMatchObject(expected);
    expect(setting.problems.length).toBeGreaterThan(0);
  });

  test("every notice of the agent is in the explanation", () => {
    const values = fc.constantFrom("", "0", "1", "5", "-1", "true", "false", "x", "10.0.0.0/8", "{}");
    const variables = explainSettings({}).settings.map(({ variable }) => variable);
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...variables), values, { maxKeys: 8 }), (env) => {
        const { settings } = explainSettings(env);
        for (const { kind, variable } of parseSettings(env).notices) {
          const setting = settings.find((candidate) => candidate.variable === variable);
          if (kind === "ignored") expect(setting?.hasEffect).toBe(false);
          else expect(setting?.problems.map((problem) => problem.kind)).toContain(kind);
        }
      }),
    );
  });
});

describe("variables that the agent does not read", () => {
  test.each([
    ["WARM_IP_TARGETS", "unknown", "WARM_IP_TARGET"],
    ["warm_ip_target", "unknown", "WARM_IP_TARGET"],
    ["WARMIPTARGET", "unknown", "WARM_IP_TARGET"],
    ["ENABLE_IPV6", "unknown", "ENABLE_IPv6"],
    ["AWS_VPC_K8S_CNI_EXTERNAL_SNAT", "unknown", "AWS_VPC_K8S_CNI_EXTERNALSNAT"],
    ["ENABLE_WARP_DRIVE", "unknown", undefined],
    ["ENABLE_NFTABLES", "upstream", undefined],
  ])("%s is %s; %s is meant", (variable, kind, meant) => {
    expect(explainSettings({ [variable]: "1" }).unread).toMatchObject([{ variable, kind, ...(meant === undefined ? {} : { meant }) }]);
  });

  test.each(["HOME", "KUBERNETES_SERVICE_HOST", "AWS_REGION", "MY_POD_NAME", "VPC_ID"])("%s is not taken for a setting", (variable) => {
    expect(explainSettings({ [variable]: "1" }).unread).toEqual([]);
  });
});

test("the stock manifest gives the defaults, and nothing in it is wrong", () => {
  const { settings, unread } = explainSettings(STOCK_MANIFEST);
  expect(settings.filter(({ source }) => source === "given")).toEqual([]);
  expect(settings.flatMap(({ problems }) => problems)).toEqual([]);
  expect(unread).toEqual([]);
});
