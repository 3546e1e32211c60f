import { describe, expect, test } from "vitest";
import { checkClusterFile, clusterFileJsonSchema, defaultCluster } from "../src/index.ts";

const good = defaultCluster();

const [nodesA, nodesB] = [
  { name: "nodes-a", zone: "us-east-1a", cidr: "10.0.0.0/24" },
  { name: "nodes-b", zone: "us-east-1b", cidr: "10.0.1.0/24" },
];
const podsA = { name: "pods-a", zone: "us-east-1a", cidr: "100.64.0.0/19", for: "pods" };
const custom = { AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: true, ENI_CONFIG_LABEL_DEF: "topology.kubernetes.io/zone" };

/** Has every part that a simulation reads. */
const whole = {
  vpc: {
    cidrs: ["10.0.0.0/16", "100.64.0.0/16"],
    subnets: [
      { ...nodesA, reservations: [{ cidr: "10.0.0.0/26" }], otherTenants: { addresses: 40 } },
      { ...nodesB, otherTenants: { addresses: 251, placement: "packed" } },
      podsA,
    ],
  },
  nodeGroups: [{ name: "web", instanceType: "m5.large", nodes: 2, podsPerNode: 8, scaling: { min: 1, max: 5, scaleInAfter: "5m" } }],
  vpcCni: { env: custom },
  eniConfigs: { "us-east-1a": "pods-a" },
  workload: {
    duration: "48h",
    daemonPods: 1,
    shapes: [
      { name: "a", shape: "steady", pods: 10, lifetime: "1h30m", nodeGroup: "web" },
      { name: "b", shape: "steady", pods: 10, replaced: "50/h" },
      { name: "c", shape: "diurnal", low: 5, high: 50 },
      { name: "d", shape: "deploy-waves", pods: 20, every: "6h", maxSurge: 2, maxUnavailable: "10%" },
      { name: "e", shape: "cron-bursts", pods: 20, every: "15m", runsFor: "3m", jitter: "20s" },
      { name: "f", shape: "autoscaling-storm", from: 0, to: 100, at: "1h", within: "5m", staysFor: "1h", every: "6h" },
      { name: "g", shape: "batch", completions: 100, parallelism: 10, runsFor: "5m", jobs: "2/h" },
      {
        name: "h",
        shape: "recorded",
        events: [
          { at: "1s", pods: 5 },
          { at: "2h", pods: -5 },
        ],
      },
    ],
  },
  changes: [
    { at: "1h", setEnv: { WARM_IP_TARGET: 2, WARM_ENI_TARGET: null } },
    { at: "2h", addCidrs: ["100.65.0.0/16"], addSubnets: [{ ...podsA, name: "pods-b", zone: "us-east-1b", cidr: "100.65.0.0/19" }] },
    { at: "3h", eniConfigs: { "us-east-1b": "pods-b" }, replaceNodes: { group: "web", maxUnavailable: 2, maxPods: 110 } },
    { at: "4h", scaleGroup: { group: "web", nodes: 4 } },
  ],
  simulation: { latency: "none", throttling: false, seed: 7 },
  quotas: { networkInterfaces: 10_000 },
};
const withShape = (shape: object): object => ({ ...whole, workload: { shapes: [{ name: "a", ...shape }] } });
const withChange = (change: object): object => ({ ...whole, changes: [{ at: "1h", ...change }] });
const withSubnet = (subnet: object): object => ({ ...whole, vpc: { ...whole.vpc, subnets: [{ ...nodesA, ...subnet }, nodesB, podsA] } });

function problemsOf(document: unknown): string[] {
  const checked = checkClusterFile(document);
  return checked.ok ? [] : checked.problems.map((problem) => `${problem.path.join(".")}: ${problem.message}`);
}

describe("a cluster file", () => {
  test("without anything special is the default cluster", () => {
    const checked = checkClusterFile(good);
    expect(checked.ok && checked.file.nodeGroups).toEqual([{ name: "default", instanceType: "m5.large", nodes: 3, labels: {} }]);
  });

  test.each([
    [
      "a back-off that kubelet would refuse",
      {
        ...good,
        nodeGroups: [
          { name: "a", instanceType: "m5.large", nodes: 1, kubelet: { crashLoopBackOff: { maxContainerRestartPeriod: "500ms" } } },
        ],
      },
      "nodeGroups.0.kubelet.crashLoopBackOff.maxContainerRestartPeriod: must be from 1s to 300s, as kubelet wants it",
    ],
    [
      "a subnet outside the VPC",
      { ...good, vpc: { cidrs: ["10.0.0.0/16"], subnets: [{ zone: "us-east-1a", cidr: "10.1.0.0/24" }] } },
      "vpc.subnets.0.cidr: 10.1.0.0/24 lies in no CIDR of the VPC (10.0.0.0/16)",
    ],
    [
      "private subnets alone",
      { ...good, vpc: { subnets: [{ zone: "us-east-1a", cidr: "10.0.0.0/24", kind: "private" }] } },
      "vpc.subnets.0.kind: a private subnet needs a public one for its NAT gateway",
    ],
    [
      "overlapping subnets",
      {
        ...good,
        vpc: {
          subnets: [
            { zone: "us-east-1a", cidr: "10.0.0.0/24" },
            { zone: "us-east-1a", cidr: "10.0.0.128/25" },
          ],
        },
      },
      "vpc.subnets.1.cidr: 10.0.0.128/25 overlaps vpc.subnets[0]",
    ],
    [
      "a subnet smaller than EC2 allows",
      { ...good, vpc: { subnets: [{ zone: "us-east-1a", cidr: "10.0.0.0/29" }] } },
      "vpc.subnets.0.cidr: 10.0.0.0/29: EC2 allows subnets from /16 to /28",
    ],
    [
      "host bits in a range",
      { ...good, vpc: { subnets: [{ zone: "us-east-1a", cidr: "10.0.0.5/24" }] } },
      'vpc.subnets.0.cidr: "10.0.0.5/24" is not an IPv4 CIDR range: it has host bits set; the range starts lower',
    ],
    [
      "a zone of another Region",
      { ...good, vpc: { subnets: [{ zone: "eu-west-1a", cidr: "10.0.0.0/24" }] } },
      "vpc.subnets.0.zone: zone eu-west-1a is not in Region us-east-1; its zones are called us-east-1a, us-east-1b, …",
    ],
    [
      "an unknown instance type",
      { ...good, nodeGroups: [{ name: "a", instanceType: "m5.gigantic", nodes: 1 }] },
      "nodeGroups.0.instanceType: m5.gigantic is not an EC2 instance type known here",
    ],
    [
      "a node group in a zone without subnet",
      { ...good, nodeGroups: [{ name: "a", instanceType: "m5.large", nodes: 1, zones: ["us-east-1c"] }] },
      "nodeGroups.0.zones.0: zone us-east-1c has no subnet in vpc.subnets",
    ],
    [
      "a twice-used name",
      {
        ...good,
        nodeGroups: [
          { name: "a", instanceType: "m5.large", nodes: 1 },
          { name: "a", instanceType: "m5.large", nodes: 1 },
        ],
      },
      "nodeGroups.1.name: node group a stands twice",
    ],
    [
      "a zone that has subnets for pods only",
      {
        ...whole,
        vpc: { ...whole.vpc, subnets: [{ ...nodesA, for: "pods" }, nodesB] },
        nodeGroups: [{ name: "a", instanceType: "m5.large", nodes: 1, zones: ["us-east-1a"] }],
      },
      "nodeGroups.0.zones.0: zone us-east-1a has subnets for pods only; its nodes need one without `for: pods`",
    ],
    [
      "no subnet for nodes",
      { ...whole, vpc: { ...whole.vpc, subnets: [podsA] } },
      "vpc.subnets: no subnet is for nodes: leave `for: pods` away from at least one",
    ],
    [
      "a reservation beyond its subnet",
      withSubnet({ reservations: [{ cidr: "10.0.1.0/28" }] }),
      "vpc.subnets.0.reservations.0.cidr: 10.0.1.0/28 does not lie in the subnet 10.0.0.0/24",
    ],
    [
      "a reservation without room for a prefix",
      withSubnet({ reservations: [{ cidr: "10.0.0.0/29" }] }),
      "vpc.subnets.0.reservations.0.cidr: 10.0.0.0/29 has no room for a prefix: a reservation for prefixes is a /28 or larger",
    ],
    [
      "more tenants than addresses",
      withSubnet({ otherTenants: { addresses: 252 } }),
      "vpc.subnets.0.otherTenants.addresses: 10.0.0.0/24 has 251 addresses to give (EC2 keeps five), not 252",
    ],
    ["two subnets of one name", withSubnet({ name: "nodes-b" }), "vpc.subnets.1.name: subnet nodes-b stands twice"],
    [
      "VPC CIDRs that overlap",
      { ...whole, vpc: { ...whole.vpc, cidrs: ["10.0.0.0/16", "100.64.0.0/16", "10.0.128.0/17"] } },
      "vpc.cidrs.2: 10.0.128.0/17 overlaps vpc.cidrs[0]",
    ],
    [
      "an ENIConfig for a subnet that is not there",
      { ...whole, eniConfigs: { "us-east-1a": "pod-a" } },
      "eniConfigs.us-east-1a: there is no subnet called pod-a; did you mean pods-a?",
    ],
    [
      "an ENIConfig for another zone's subnet",
      { ...whole, eniConfigs: { "us-east-1b": "pods-a" } },
      "eniConfigs.us-east-1b: subnet pods-a is in us-east-1a: an instance takes ENIs of its own zone only",
    ],
    [
      "ENIConfigs without custom networking",
      { ...whole, vpcCni: {} },
      "eniConfigs: nothing reads them: set vpcCni.env.AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: true, or have a change set it",
    ],
    [
      "ENIConfigs that nodes do not find by their zone",
      { ...whole, vpcCni: { env: { AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: true } } },
      "eniConfigs: nodes find theirs by zone only with vpcCni.env.ENI_CONFIG_LABEL_DEF: topology.kubernetes.io/zone",
    ],
    [
      "more nodes than may be scaled to",
      { ...whole, nodeGroups: [{ name: "web", instanceType: "m5.large", nodes: 9, scaling: { max: 5 } }] },
      "nodeGroups.0.nodes: 9 nodes are not within scaling.min (0) and scaling.max (5)",
    ],
    [
      "an instance type with a slip",
      { ...whole, nodeGroups: [{ name: "web", instanceType: "m5.lage", nodes: 9 }] },
      "nodeGroups.0.instanceType: m5.lage is not an EC2 instance type known here; did you mean m5.large?",
    ],
    [
      "a duration without unit",
      { ...whole, workload: { duration: 24 } },
      "workload.duration: 24 has no unit: write a number and its unit, such as 30s, 90m, 24h or 1h30m (ms, s, m, h, d)",
    ],
    [
      "a duration in words",
      { ...whole, workload: { duration: "a day" } },
      'workload.duration: "a day" is not a duration: write a number and its unit, such as 30s, 90m, 24h or 1h30m (ms, s, m, h, d)',
    ],
    [
      "a rate without time",
      withShape({ shape: "steady", pods: 5, replaced: 50 }),
      "workload.shapes.0.replaced: 50 is in no time: write how many in which time, such as 50/h or 2/min (s, min, h, d)",
    ],
    [
      "a shape that is none",
      withShape({ shape: "study", pods: 5 }),
      'workload.shapes.0.shape: "study" is none of steady, diurnal, deploy-waves, cron-bursts, autoscaling-storm, batch, recorded; did you mean steady?',
    ],
    [
      "a field of another shape",
      withShape({ shape: "diurnal", low: 1, high: 2, paeriod: "24h" }),
      "workload.shapes.0.paeriod: unknown field; did you mean period?",
    ],
    ["a missing field", withShape({ shape: "cron-bursts", pods: 5, every: "1h" }), "workload.shapes.0.runsFor: is missing: it takes text"],
    ["a field of the wrong kind", withShape({ shape: "steady", pods: "many" }), 'workload.shapes.0.pods: must be a number, not "many"'],
    [
      "a word that is none of those it takes",
      withSubnet({ otherTenants: { addresses: 1, placement: "scatterd" } }),
      'vpc.subnets.0.otherTenants.placement: "scatterd" is none of scattered, packed; did you mean scattered?',
    ],
    [
      "a shape on a group that is not there",
      withShape({ shape: "steady", pods: 5, nodeGroup: "wob" }),
      "workload.shapes.0.nodeGroup: there is no node group wob; did you mean web?",
    ],
    [
      "a life told twice",
      withShape({ shape: "steady", pods: 5, lifetime: "1h", replaced: "5/h" }),
      "workload.shapes.0.replaced: says the same as lifetime: leave one of them away",
    ],
    ["a day upside down", withShape({ shape: "diurnal", low: 9, high: 2 }), "workload.shapes.0.low: low (9) is above high (2)"],
    [
      "a rollout that cannot move",
      withShape({ shape: "deploy-waves", pods: 5, every: "1h", maxSurge: 0, maxUnavailable: "10%" }),
      "workload.shapes.0.maxUnavailable: nothing could be replaced: one of maxSurge and maxUnavailable must be more than 0",
    ],
    [
      "bursts without end",
      withShape({ shape: "cron-bursts", pods: 5, every: "0s", runsFor: "1s" }),
      "workload.shapes.0.every: must be more than nothing",
    ],
    [
      "storms that run into each other",
      withShape({ shape: "autoscaling-storm", from: 1, to: 5, at: "1h", within: "10m", staysFor: "1h", every: "1h" }),
      "workload.shapes.0.every: is shorter than one storm (within, staysFor, within)",
    ],
    [
      "more jobs at a time than jobs",
      withShape({ shape: "batch", completions: 5, parallelism: 6, runsFor: "1m" }),
      "workload.shapes.0.parallelism: parallelism (6) is above completions (5)",
    ],
    [
      "recorded ends without a start",
      withShape({
        shape: "recorded",
        events: [
          { at: "1s", pods: 1 },
          { at: "2s", pods: -2 },
        ],
      }),
      "workload.shapes.0.events: end more pods than run: event 2 (at 2s) leaves -1",
    ],
    [
      "a change after the end",
      { ...whole, workload: { duration: "1h" }, changes: [{ at: "1h", scaleGroup: { group: "web", nodes: 1 } }] },
      "changes.0.at: comes after the end (workload.duration is 1h)",
    ],
    [
      "a change of nothing",
      withChange({}),
      "changes.0: does nothing: give it setEnv, replaceNodes, scaleGroup, addCidrs, addSubnets or eniConfigs",
    ],
    [
      "a change of a group that is not there",
      withChange({ replaceNodes: { group: "wbe" } }),
      "changes.0.replaceNodes.group: there is no node group wbe; did you mean web?",
    ],
    [
      "an added subnet over another",
      withChange({ addSubnets: [{ zone: "us-east-1b", cidr: "10.0.0.0/25" }] }),
      "changes.0.addSubnets.0.cidr: 10.0.0.0/25 overlaps vpc.subnets[0]",
    ],
    [
      "ENIConfigs of a change before their subnet",
      {
        ...whole,
        changes: [
          { at: "2h", addSubnets: [{ name: "pods-b", zone: "us-east-1b", cidr: "100.64.64.0/19", for: "pods" }] },
          { at: "1h", eniConfigs: { "us-east-1b": "pods-b" } },
        ],
      },
      "changes.1.eniConfigs.us-east-1b: there is no subnet called pods-b; did you mean pods-a?",
    ],
    [
      "isolated pods and no setting for them",
      withShape({ shape: "steady", pods: 1, isolated: true }),
      "workload.shapes.0.isolated: no pod gets a branch ENI: set vpcCni.env.ENABLE_POD_ENI: true, or have a change set it",
    ],
    [
      "isolated pods on nodes that cannot trunk",
      {
        ...good,
        nodeGroups: [{ name: "burst", instanceType: "t3.large", nodes: 1 }],
        vpcCni: { env: { ENABLE_POD_ENI: true } },
        workload: { shapes: [{ name: "a", shape: "steady", pods: 1, isolated: true }] },
      },
      "workload.shapes.0.isolated: no node of t3.large can have a trunk ENI, and with it branches",
    ],
    [
      "IPv6 pods without IPv6 ranges",
      { ...good, ipFamily: "ipv6" },
      "vpc.ipv6: must be true where ipFamily is ipv6: pods have addresses of the subnets' IPv6 ranges",
    ],
    [
      "IPv6 pods and custom networking",
      { ...whole, ipFamily: "ipv6", vpc: { ...whole.vpc, ipv6: true } },
      "vpcCni.env.AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: an IPv6 cluster has no custom networking",
    ],
    [
      "IPv6 pods on Xen",
      {
        ...good,
        ipFamily: "ipv6",
        vpc: { ...good.vpc, ipv6: true },
        nodeGroups: [{ name: "old", instanceType: "m4.large", nodes: 1 }],
      },
      "nodeGroups.0.instanceType: m4.large cannot run IPv6 pods: it is not built on the Nitro System, and its ENIs hold no prefixes",
    ],
    [
      "IPv6 pods whose prefixes a change takes away",
      {
        ...good,
        ipFamily: "ipv6",
        vpc: { ...good.vpc, ipv6: true },
        changes: [{ at: "1h", setEnv: { ENABLE_PREFIX_DELEGATION: false } }],
      },
      "changes.0.setEnv.ENABLE_PREFIX_DELEGATION: an IPv6 cluster's agent does not start without it",
    ],
  ])("with %s is refused with the place and the reason", (_, document, expected) => {
    expect(problemsOf(document)).toContain(expected);
  });

  test("with misspelt fields is refused, each with the field that was probably meant", () => {
    expect(problemsOf({ ...good, nodegroups: [], wokload: {}, colour: 1 })).toEqual([
      "nodegroups: unknown field; did you mean nodeGroups?",
      "wokload: unknown field; did you mean workload?",
      expect.stringMatching(/^colour: unknown field \(there are apiVersion, kind, name, /),
    ]);
  });

  test("as checked is a file itself, and the same one", () => {
    const checked = checkClusterFile(whole);
    expect(checked).toMatchObject({ ok: true });
    expect(checkClusterFile(JSON.parse(JSON.stringify(checked.ok && checked.file)))).toEqual(checked);
  });

  test("has a JSON Schema that names its fields", () => {
    expect(Object.keys((clusterFileJsonSchema() as { properties: object }).properties)).toEqual([
      "apiVersion",
      "kind",
      "name",
      "region",
      "ipFamily",
      "vpc",
      "nodeGroups",
      "clusterDns",
      "vpcCni",
      "eniConfigs",
      "workload",
      "changes",
      "simulation",
      "quotas",
    ]);
  });
});
