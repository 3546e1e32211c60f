import { cidr4 } from "@slash28/address";
import { checkClusterFile, defaultCluster, type ClusterFile, type ClusterFileInput } from "@slash28/cluster-file";
import { expect, test } from "vitest";
import { fleetInputOf, podEventsOf, type FleetInput, type FleetOverrides } from "../../src/index.ts";

const base: ClusterFileInput = { ...defaultCluster({ nodes: 30 }), clusterDns: { enabled: false } };

function checked(file: ClusterFileInput): ClusterFile {
  const result = checkClusterFile(file);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.file;
}
function inputOf(file: ClusterFileInput, overrides?: FleetOverrides): FleetInput {
  const result = fleetInputOf(checked(file), overrides);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.input;
}
function problemsOf(file: ClusterFileInput): string[] {
  const result = fleetInputOf(checked(file));
  return result.ok ? [] : result.problems.map(({ path, message }) => `${path.join(".")}: ${message}`);
}

test("a file that says nothing of it runs cluster DNS for a day, with what EKS and AWS have by default", () => {
  const input = inputOf(defaultCluster());
  expect(input).toMatchObject({
    region: "us-east-1",
    vpcCidrs: [cidr4("10.0.0.0/16")],
    subnets: [
      { name: "nodes-a", zone: "us-east-1a", cidr: cidr4("10.0.0.0/20"), isForNodes: true, tags: {} },
      { name: "nodes-b", zone: "us-east-1b", cidr: cidr4("10.0.16.0/20"), isForNodes: true, tags: {} },
    ],
    nodeGroups: [{ name: "default", instanceType: "m5.large", nodes: 3 }],
    eniConfigs: {},
    daemonPods: 0,
    hostNetworkPods: 2,
    workloads: [{ kind: "steady", name: "coredns", pods: 2, startWithinMs: 60_000 }],
    changes: [],
    ec2: { throttling: true, latency: "typical", eniQuota: 5_000 },
    durationMs: 86_400_000,
    seed: 1,
  });
  expect(input.env).toMatchObject({ WARM_ENI_TARGET: "1", ENABLE_PREFIX_DELEGATION: "false" });
});

test("the network, the groups and the account are those of the file", () => {
  const input = inputOf({
    ...base,
    vpc: {
      cidrs: ["10.0.0.0/16", "100.64.0.0/16"],
      subnets: [
        { zone: "us-east-1a", cidr: "10.0.0.0/24", reservations: [{ cidr: "10.0.0.128/25" }], otherTenants: { addresses: 9 } },
        { name: "pods-a", zone: "us-east-1a", cidr: "100.64.0.0/19", for: "pods", tags: { "kubernetes.io/role/cni": "1" } },
      ],
    },
    nodeGroups: [
      {
        name: "web",
        instanceType: "m5.xlarge",
        nodes: 2,
        maxPods: 110,
        podsPerNode: 12,
        zones: ["us-east-1a"],
        scaling: { min: 1, max: 9 },
      },
    ],
    vpcCni: { env: { AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: true, ENI_CONFIG_LABEL_DEF: "topology.kubernetes.io/zone" } },
    eniConfigs: { "us-east-1a": "pods-a" },
    workload: { daemonPods: 1, hostNetworkPods: 3, duration: "90m" },
    simulation: { throttling: false, latency: "none", seed: 7 },
    quotas: { networkInterfaces: 100 },
  });
  expect(input).toMatchObject({
    subnets: [
      {
        name: "us-east-1a 10.0.0.0/24",
        isForNodes: true,
        reservations: [{ cidr: cidr4("10.0.0.128/25"), kind: "prefix" }],
        otherTenants: { addresses: 9, placement: "scattered" },
      },
      { name: "pods-a", isForNodes: false, tags: { "kubernetes.io/role/cni": "1" } },
    ],
    nodeGroups: [
      {
        name: "web",
        instanceType: "m5.xlarge",
        nodes: 2,
        maxPods: 110,
        podsPerNodeByCompute: 12,
        zones: ["us-east-1a"],
        scaling: { min: 1, max: 9, scaleOutAfterMs: 10_000, nodeReadyAfterMs: 60_000, scaleInAfterMs: 600_000 },
      },
    ],
    eniConfigs: { "us-east-1a": "pods-a" },
    daemonPods: 1,
    hostNetworkPods: 3,
    durationMs: 5_400_000,
    seed: 7,
    ec2: { throttling: false, latency: "none", eniQuota: 100 },
  });
});

test("every shape becomes its workload, which has events", () => {
  const shapes: NonNullable<NonNullable<ClusterFileInput["workload"]>["shapes"]> = [
    { name: "a", shape: "steady", pods: 100, replaced: "50/h", startWithin: "1m", nodeGroup: "default" },
    { name: "b", shape: "steady", pods: 10, lifetime: "2h" },
    { name: "c", shape: "steady", pods: 10, lifetime: "2h", lifetimes: "fixed" },
    { name: "d", shape: "diurnal", low: 5, high: 50, lifetime: "1h" },
    { name: "e", shape: "deploy-waves", pods: 10, every: "6h" },
    { name: "f", shape: "cron-bursts", pods: 20, every: "15m", runsFor: "3m", runsForSpread: "20%", jitter: "20s" },
    { name: "g", shape: "autoscaling-storm", from: 1, to: 100, at: "1h", within: "5m", staysFor: "1h" },
    { name: "h", shape: "batch", completions: 100, parallelism: 10, runsFor: "5m", jobs: "2/h", arrivals: "random" },
    { name: "i", shape: "recorded", events: [{ at: "1s", pods: 5 }] },
  ];
  const { workloads } = inputOf({ ...base, workload: { shapes } });
  expect(workloads).toEqual([
    {
      kind: "steady",
      name: "a",
      nodeGroup: "default",
      pods: 100,
      startWithinMs: 60_000,
      lifetime: { kind: "exponential", meanMs: 7_200_000 },
    },
    { kind: "steady", name: "b", pods: 10, startWithinMs: 0, lifetime: { kind: "exponential", meanMs: 7_200_000 } },
    { kind: "steady", name: "c", pods: 10, startWithinMs: 0, lifetime: { kind: "fixed", ms: 7_200_000 } },
    {
      kind: "diurnal",
      name: "d",
      podsLow: 5,
      podsHigh: 50,
      periodMs: 86_400_000,
      peakAtMs: 43_200_000,
      startWithinMs: 0,
      meanLifetimeMs: 3_600_000,
    },
    {
      kind: "deploy-waves",
      name: "e",
      pods: 10,
      startWithinMs: 0,
      firstAtMs: 21_600_000,
      everyMs: 21_600_000,
      maxSurge: 3,
      maxUnavailable: 2,
      readyAfterMs: 10_000,
    },
    {
      kind: "cron-bursts",
      name: "f",
      pods: 20,
      firstAtMs: 0,
      everyMs: 900_000,
      startWithinMs: 20_000,
      runsForMs: 180_000,
      runsForSpread: 0.2,
    },
    {
      kind: "autoscaling-storm",
      name: "g",
      podsBefore: 1,
      podsAtPeak: 100,
      startWithinMs: 0,
      atMs: 3_600_000,
      riseMs: 300_000,
      fallMs: 300_000,
      staysMs: 3_600_000,
    },
    {
      kind: "batch",
      name: "h",
      completions: 100,
      parallelism: 10,
      runsForMs: 300_000,
      runLengths: "exponential",
      firstAtMs: 0,
      jobsPerHour: 2,
      arrivals: "random",
    },
    { kind: "recorded", name: "i", changes: [{ atMs: 1_000, pods: 5 }] },
  ]);
  for (const workload of workloads)
    expect(podEventsOf(workload, { seed: 1 }).next()).toMatchObject({ done: false, value: { kind: "start" } });
});

test("changes come in the order network, ENIConfigs, variables, nodes", () => {
  const { changes } = inputOf({
    ...base,
    vpcCni: { env: { AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: true, ENI_CONFIG_LABEL_DEF: "topology.kubernetes.io/zone" } },
    changes: [
      {
        at: "1h",
        scaleGroup: { group: "default", nodes: 9 },
        replaceNodes: { group: "default", nodes: 4, maxPods: 110, launchFirst: false, nodeReadyAfter: "30s" },
        setEnv: { ENABLE_PREFIX_DELEGATION: true, WARM_ENI_TARGET: null },
        eniConfigs: { "us-east-1a": "pods-a" },
        addCidrs: ["100.64.0.0/16"],
        addSubnets: [{ name: "pods-a", zone: "us-east-1a", cidr: "100.64.0.0/19", for: "pods" }],
      },
    ],
  });
  const atMs = 3_600_000;
  expect(changes).toEqual([
    {
      atMs,
      kind: "add-subnet",
      subnet: { name: "pods-a", zone: "us-east-1a", cidr: cidr4("100.64.0.0/19"), isForNodes: false, tags: {} },
      vpcCidr: cidr4("100.64.0.0/16"),
    },
    { atMs, kind: "set-eni-configs", eniConfigs: { "us-east-1a": "pods-a" } },
    { atMs, kind: "set-env", env: { ENABLE_PREFIX_DELEGATION: "true", WARM_ENI_TARGET: null }, maxUnavailable: 3 },
    {
      atMs,
      kind: "replace-nodes",
      group: "default",
      maxUnavailable: 1,
      launchFirst: false,
      nodeReadyAfterMs: 30_000,
      nodes: 4,
      maxPods: 110,
    },
    { atMs, kind: "scale-group", group: "default", nodes: 9, nodeReadyAfterMs: 60_000 },
  ]);
});

test("a command's own words go over the file's", () => {
  const workloads = [{ kind: "recorded", name: "trace", changes: [] }] as const;
  const overrides = { seed: 9, durationMs: 5, env: { WARM_IP_TARGET: "2" }, workloads, daemonPods: 4 };
  expect(inputOf(defaultCluster(), overrides)).toMatchObject({
    seed: 9,
    durationMs: 5,
    env: { WARM_IP_TARGET: "2" },
    workloads,
    daemonPods: 4,
  });
});

test("settings that an agent would not take as given are told with their place", () => {
  expect(
    problemsOf({
      ...base,
      vpcCni: { env: { WARM_IP_TARGET: "two", MINIMUM_IP_TARGETS: 4 } },
      changes: [
        { at: "1h", setEnv: { WARM_IP_TARGET: 2 } },
        { at: "2h", setEnv: { WARM_ENI_TARGET: -1 } },
      ],
    }),
  ).toEqual([
    expect.stringMatching(/^vpcCni\.env\.WARM_IP_TARGET: WARM_IP_TARGET=two: .*; used: 0$/),
    "vpcCni.env.MINIMUM_IP_TARGETS: MINIMUM_IP_TARGETS=4 has no effect: there is no such setting; was MINIMUM_IP_TARGET meant?",
    expect.stringMatching(/^changes\.1\.setEnv\.WARM_ENI_TARGET: WARM_ENI_TARGET=-1: /),
  ]);
});

test("what a real cluster may have and a run makes nothing of is noted, and the run goes on", () => {
  const result = fleetInputOf(
    checked({
      ...base,
      vpcCni: {
        env: {
          ENABLE_POD_ENI: true,
          POD_SECURITY_GROUP_ENFORCING_MODE: "standard",
          ENABLE_MULTI_NIC: true,
          ENABLE_NFTABLES: true,
          WARM_PREFIX_TARGET: 1,
        },
      },
    }),
  );
  expect(result).toMatchObject({
    ok: true,
    notes: [
      { path: ["vpcCni", "env", "ENABLE_MULTI_NIC"], message: expect.stringContaining("this agent does not serve it") as string },
      { path: ["vpcCni", "env", "ENABLE_NFTABLES"], message: expect.stringContaining("the VPC CNI reads it") as string },
    ],
  });
  expect(fleetInputOf(checked(base))).toMatchObject({ ok: true, notes: [] });
});
