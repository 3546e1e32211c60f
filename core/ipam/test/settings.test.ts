import { cidr4 } from "@slash28/address";
import { describe, expect, test } from "vitest";
import { complaintText, parseSettings, settingComplaints, type Env, type Settings } from "../src/index.ts";

function read(env: Env): Settings {
  return parseSettings(env).settings;
}

/** `VARIABLE given→used` of each notice. */
function noticesOf(env: Env): string[] {
  return parseSettings(env).notices.map(({ kind, variable, given, used }) => `${kind}: ${variable} ${given ?? "unset"}→${used}`);
}

test("an empty environment gives upstream's defaults, without a notice", () => {
  const { settings, notices } = parseSettings({});
  expect(notices).toEqual([]);
  expect(settings.pool).toEqual({
    warmPolicy: "static",
    warmEniTarget: 1,
    warmIpTarget: undefined,
    minimumIpTarget: undefined,
    warmPrefixTarget: 0,
    maxEni: undefined,
    prefixDelegation: false,
    customNetworking: false,
    cooldownMs: 30_000,
  });
  expect(settings.enis).toMatchObject({
    eniConfigLabel: "k8s.amazonaws.com/eniConfig",
    subnetDiscovery: true,
    manageUntagged: true,
    manageWhenUnschedulable: false,
    provisioningDisabled: false,
    additionalTags: {},
    clusterName: undefined,
  });
  expect(settings.host).toMatchObject({
    externalSnat: false,
    randomizeSnat: "prng",
    nodePortSupport: true,
    connectionMark: 0x80,
    eniMtu: 9001,
    podMtu: 9001,
    vethPrefix: "eni",
    tcpEarlyDemux: true,
  });
  expect(settings.agent).toMatchObject({
    podIpv6Disabled: false,
    networkPolicyMode: undefined,
    httpTimeoutMs: 10_000,
    ec2Endpoint: undefined,
    introspectionAddress: "127.0.0.1:61679",
    metricsDisabled: false,
    logLevel: "debug",
  });
});

test("the manifest's own values", () => {
  const env = {
    WARM_ENI_TARGET: "1",
    WARM_PREFIX_TARGET: "1",
    ENABLE_IPv4: "true",
    ENABLE_IPv6: "false",
    ADDITIONAL_ENI_TAGS: "{}",
    ENABLE_POD_ENI: "false",
  };
  expect(read(env).pool).toMatchObject({ warmEniTarget: 1, warmPrefixTarget: 1, prefixDelegation: false });
  expect(noticesOf(env)).toEqual(["ignored: WARM_PREFIX_TARGET 1→none"]);
});

describe("booleans are read exactly as upstream reads them", () => {
  test.each(["1", "t", "T", "TRUE", "true", "True"])("%s is true", (text) => {
    expect(read({ AWS_VPC_K8S_CNI_EXTERNALSNAT: text }).host.externalSnat).toBe(true);
  });
  test.each(["0", "f", "F", "FALSE", "false", "False"])("%s is false", (text) => {
    expect(read({ AWS_VPC_CNI_NODE_PORT_SUPPORT: text }).host.nodePortSupport).toBe(false);
  });
  test.each(["yes", "on", "tRUE", "2", " true"])("%j is the default, and noted", (text) => {
    const { settings, notices } = parseSettings({ AWS_VPC_CNI_NODE_PORT_SUPPORT: text });
    expect(settings.host.nodePortSupport).toBe(true);
    expect(notices).toEqual([
      {
        kind: "invalid",
        variable: "AWS_VPC_CNI_NODE_PORT_SUPPORT",
        given: text,
        used: "true",
        why: "is not one of true, t, 1, false, f, 0",
      },
    ]);
  });
});

test.each<[Env, Partial<Settings["pool"]>, string[]]>([
  [{ WARM_ENI_TARGET: "-1" }, { warmEniTarget: 1 }, ["invalid: WARM_ENI_TARGET -1→1"]],
  [{ WARM_ENI_TARGET: "two" }, { warmEniTarget: 1 }, ["invalid: WARM_ENI_TARGET two→1"]],
  [{ WARM_ENI_TARGET: "0" }, { warmEniTarget: 0 }, []],
  [{ WARM_IP_TARGET: "-3" }, { warmIpTarget: undefined }, ["invalid: WARM_IP_TARGET -3→0"]],
  [{ WARM_IP_TARGET: "0" }, { warmIpTarget: undefined }, []],
  [{ WARM_IP_TARGET: "+5", MINIMUM_IP_TARGET: "10" }, { warmIpTarget: 5, minimumIpTarget: 10 }, []],
  [{ WARM_IP_TARGET: "1.5" }, { warmIpTarget: undefined }, ["invalid: WARM_IP_TARGET 1.5→0"]],
  [{ MAX_ENI: "0" }, { maxEni: undefined }, ["invalid: MAX_ENI 0→none"]],
  [{ MAX_ENI: "2" }, { maxEni: 2 }, []],
  [{ IP_COOLDOWN_PERIOD: "0" }, { cooldownMs: 0 }, []],
  [{ IP_COOLDOWN_PERIOD: "-1" }, { cooldownMs: 30_000 }, ["invalid: IP_COOLDOWN_PERIOD -1→30"]],
  [{ IP_COOLDOWN_PERIOD: "10s" }, { cooldownMs: 30_000 }, ["invalid: IP_COOLDOWN_PERIOD 10s→30"]],
  [
    { WARM_IP_TARGET: "2", WARM_ENI_TARGET: "0", MINIMUM_IP_TARGET: "4" },
    { warmIpTarget: 2, minimumIpTarget: 4 },
    ["ignored: WARM_ENI_TARGET 0→none"],
  ],
  [{ ENABLE_PREFIX_DELEGATION: "true", WARM_PREFIX_TARGET: "1" }, { prefixDelegation: true, warmPrefixTarget: 1 }, []],
  [{ ENABLE_PREFIX_DELEGATION: "true" }, { warmPrefixTarget: 1 }, ["invalid: WARM_PREFIX_TARGET unset→1"]],
  [
    { ENABLE_PREFIX_DELEGATION: "true", WARM_PREFIX_TARGET: "-2" },
    { warmPrefixTarget: 1 },
    ["invalid: WARM_PREFIX_TARGET -2→0", "invalid: WARM_PREFIX_TARGET -2→1"],
  ],
  [
    { ENABLE_PREFIX_DELEGATION: "true", WARM_PREFIX_TARGET: "2", WARM_IP_TARGET: "5" },
    { warmPrefixTarget: 2, warmIpTarget: 5 },
    ["ignored: WARM_PREFIX_TARGET 2→none"],
  ],
])("%j", (env, expected, notices) => {
  expect(read(env).pool).toMatchObject(expected);
  expect(noticesOf(env)).toEqual(notices);
});

test("what this agent does not serve is said, not passed over", () => {
  expect(noticesOf({ ENABLE_IPv6: "true", ENABLE_IPv4: "false" })).toEqual([
    "unsupported: ENABLE_IPv6 true→false",
    "unsupported: ENABLE_IPv4 false→true",
  ]);
});

test.each<[Env, string[]]>([
  [{ NETWORK_POLICY_ENFORCING_MODE: "standard" }, []],
  [{ NETWORK_POLICY_ENFORCING_MODE: "NONE" }, []],
  [{ NETWORK_POLICY_ENFORCING_MODE: "Strict" }, ["unsupported: NETWORK_POLICY_ENFORCING_MODE Strict→none"]],
  [{ NETWORK_POLICY_ENFORCING_MODE: "off" }, ["invalid: NETWORK_POLICY_ENFORCING_MODE off→none"]],
  [{ POD_SECURITY_GROUP_ENFORCING_MODE: "standard" }, ["ignored: POD_SECURITY_GROUP_ENFORCING_MODE standard→none"]],
  [{ POD_SECURITY_GROUP_ENFORCING_MODE: "loose" }, ["invalid: POD_SECURITY_GROUP_ENFORCING_MODE loose→strict"]],
  [
    { ENABLE_POD_ENI: "true", POD_SECURITY_GROUP_ENFORCING_MODE: "standard" },
    [
      "unsupported: ENABLE_POD_ENI true→false",
      "unsupported: POD_SECURITY_GROUP_ENFORCING_MODE standard→none",
      "ignored: POD_SECURITY_GROUP_ENFORCING_MODE standard→none",
    ],
  ],
])("a mode that is not served is told only where somebody would count on it: %j", (env, notices) => {
  expect(noticesOf(env)).toEqual(notices);
});

test.each<[string | undefined, number, string[]]>([
  [undefined, 10_000, []],
  ["60", 60_000, []],
  ["9", 10_000, ["invalid: HTTP_TIMEOUT 9→10"]],
  ["1m", 10_000, ["invalid: HTTP_TIMEOUT 1m→10"]],
])("HTTP_TIMEOUT %s: one exchange with EC2 may take %i ms", (given, expected, notices) => {
  expect(read({ HTTP_TIMEOUT: given }).agent.httpTimeoutMs).toBe(expected);
  expect(noticesOf({ HTTP_TIMEOUT: given })).toEqual(notices);
});

test("EC2's endpoint: the SDKs' own variables before the VPC CNI's; what is no address is not used", () => {
  const [own, all, theirs] = ["http://127.0.0.1:1", "http://127.0.0.1:2", "http://127.0.0.1:3"];
  const of = (env: Env): string | undefined => read(env).agent.ec2Endpoint?.url;
  expect(of({ AWS_ENDPOINT_URL_EC2: own, AWS_ENDPOINT_URL: all, AWS_EC2_ENDPOINT: theirs })).toBe(own);
  expect(of({ AWS_ENDPOINT_URL: all, AWS_EC2_ENDPOINT: theirs })).toBe(all);
  expect(of({ AWS_EC2_ENDPOINT: theirs })).toBe(theirs);
  expect(of({ AWS_ENDPOINT_URL_EC2: "ec2.example", AWS_EC2_ENDPOINT: theirs })).toBe(theirs);
  expect(noticesOf({ AWS_ENDPOINT_URL: all, AWS_EC2_ENDPOINT: theirs })).toEqual([`ignored: AWS_EC2_ENDPOINT ${theirs}→none`]);
});

test("ranges for SNAT: trimmed, host bits cleared, wrong ones left out; none with external SNAT", () => {
  const env = { AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS: " 10.1.2.3/16, fd00::/8,172.16.0.0/12,x" };
  expect(read(env).host.excludeSnatCidrs).toEqual([cidr4("10.1.0.0/16"), cidr4("172.16.0.0/12")]);
  expect(noticesOf(env)).toEqual([
    `invalid: AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS ${env.AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS}→10.1.0.0/16,172.16.0.0/12`,
  ]);
  expect(read({ ...env, AWS_VPC_K8S_CNI_EXTERNALSNAT: "true" }).host.excludeSnatCidrs).toEqual([]);
});

test.each([
  ["0x80", 0x80],
  ["128", 128],
  ["0200", 128],
  ["0b10000000", 128],
  ["0", 0x80],
  ["0x1ffffffff", 0x80],
  ["mark", 0x80],
])("connection mark %s is %i", (text, mark) => {
  expect(read({ AWS_VPC_K8S_CNI_CONNMARK: text }).host.connectionMark).toBe(mark);
});

test("MTU: bounds, and the pod's follows the ENI's", () => {
  expect(read({ AWS_VPC_ENI_MTU: "1500" }).host).toMatchObject({ eniMtu: 1500, podMtu: 1500 });
  expect(read({ AWS_VPC_ENI_MTU: "575", POD_MTU: "1400" }).host).toMatchObject({ eniMtu: 9001, podMtu: 1400 });
});

test("veth prefix: short, and no name of another kind of link", () => {
  expect(
    ["abcd", "eth", "vlan", "lo", "abcde", "a/b", ""].map((text) => read({ AWS_VPC_K8S_CNI_VETHPREFIX: text }).host.vethPrefix),
  ).toEqual(["abcd", "eni", "eni", "eni", "eni", "eni", "eni"]);
});

test("ENI tags: reserved keys are left out, bad JSON is ignored", () => {
  const given = '{"team":"net","node.k8s.amazonaws.com/instance_id":"i-1"}';
  expect(read({ ADDITIONAL_ENI_TAGS: given }).enis.additionalTags).toEqual({ team: "net" });
  for (const bad of ["{", "[]", '"x"', '{"a":1}', "null"])
    expect(noticesOf({ ADDITIONAL_ENI_TAGS: bad })).toEqual([`invalid: ADDITIONAL_ENI_TAGS ${bad}→none`]);
});

test("metadata-only mode implies no provisioning and no leak cleanup", () => {
  expect(read({ ENABLE_IMDS_ONLY_MODE: "true" }).enis).toMatchObject({
    metadataOnly: true,
    provisioningDisabled: true,
    leakCleanupDisabled: true,
  });
});

test("complaints: wrong values and names that nobody reads, not what another setting overrides", () => {
  const env = {
    WARM_IP_TARGET: "many",
    WARM_IP_TARGETS: "5",
    WARM_PREFIX_TARGET: "1",
    ENABLE_NFTABLES: "true",
    ENABLE_KUBE_DNS_SERVICE_HOST: "1",
  };
  expect(settingComplaints(env, parseSettings(env)).map(complaintText)).toEqual([
    "WARM_IP_TARGET=many: is not a whole number, 0 or more; used: 0",
    "WARM_IP_TARGETS=5 has no effect: there is no such setting; was WARM_IP_TARGET meant?",
    "ENABLE_NFTABLES=true has no effect: the VPC CNI reads it, this agent does not",
  ]);
});

test("the agent's own: log levels in any case, plugin log never on stdout", () => {
  expect(read({ AWS_VPC_K8S_CNI_LOGLEVEL: "INFO", AWS_VPC_K8S_PLUGIN_LOG_LEVEL: "loud" }).agent).toMatchObject({
    logLevel: "info",
    pluginLogLevel: "debug",
  });
  expect(read({ AWS_VPC_K8S_PLUGIN_LOG_FILE: "stdout" }).agent.pluginLogFile).toBe("stderr");
});
