import { describe, expect, test } from "vitest";
import { clusterFileOf } from "../../src/plan/cluster-file-of.ts";
import { isGood, planAndProve, planCluster, provePlan, type Plan } from "../../src/index.ts";
import { FULL_VPC, needsOf } from "./needs-of.ts";

function planOf(document: Readonly<Record<string, unknown>>): Plan {
  const planned = planCluster(needsOf(document));
  if (!planned.ok) throw new Error(planned.refusal.reason);
  return planned.plan;
}

const reasonAgainst = (plan: Plan, mode: string) => plan.alternatives.find((one) => one.mode === mode);

describe("the mode follows from the needs", () => {
  test.each([
    ["a small new cluster", { nodes: 20, pods: { perNode: 30 } }, "prefix"],
    ["a new cluster whose workload is ready for IPv6", { nodes: 100, pods: { perNode: 50 }, ipv6Ready: true }, "ipv6"],
    [
      "an old cluster whose workload is ready for IPv6",
      { nodes: 100, pods: { perNode: 50 }, ipv6Ready: true, newCluster: false },
      "prefix",
    ],
    ["instances without prefixes", { nodes: 20, pods: { perNode: 20 }, instanceTypes: ["m4.xlarge"] }, "secondary"],
    ["the full /22", FULL_VPC, "custom-prefix"],
    [
      "few addresses, and instances without prefixes",
      { nodes: 60, pods: { perNode: 20 }, instanceTypes: ["m4.xlarge"], space: { routable: ["10.9.0.0/23"] } },
      "custom",
    ],
    [
      "few addresses that pods must have",
      { nodes: 20, pods: { perNode: 15 }, podsReachedFromOutside: true, space: { routable: ["10.9.0.0/22"] } },
      "secondary",
    ],
    [
      "no second range to be had",
      { nodes: 20, pods: { perNode: 20 }, space: { routable: ["10.9.0.0/24"], pods: ["10.9.1.0/26"] } },
      "overlay",
    ],
  ])("%s: %s", (_name, document, mode) => {
    expect(planOf(document).mode).toBe(mode);
  });

  test("every other mode is told with a reason", () => {
    const plan = planOf(FULL_VPC);
    expect(plan.alternatives.map(({ mode }) => mode)).toEqual(["ipv6", "prefix", "secondary", "custom", "overlay"]);
    expect(reasonAgainst(plan, "prefix")?.reason).toContain("10.20.0.0/22 has 1024 in all");
    expect(reasonAgainst(plan, "secondary")).toMatchObject({ verdict: "rejected" });
    expect(reasonAgainst(plan, "overlay")?.reason).toContain("12 pods want security groups of their own");
    expect(reasonAgainst(plan, "ipv6")?.reason).toContain("its address family is for life");
  });

  test("single addresses are rejected in numbers of nodes", () => {
    expect(reasonAgainst(planOf({ nodes: 20, pods: { perNode: 30 } }), "secondary")).toMatchObject({
      verdict: "possible",
      reason: "m5.large runs 29 pods: 602 pods need 23 nodes instead of 20",
    });
  });
});

describe("the full /22", () => {
  const proved = planAndProve(needsOf(FULL_VPC));
  if (!proved.ok) throw new Error(proved.refusal.reason);
  const { plan, proof } = proved;

  test("pods go to 100.64.0.0/16, and fewer nodes carry them", () => {
    expect(plan.vpc.cidrs).toEqual(["10.20.0.0/22", "100.64.0.0/16"]);
    expect(plan.size.today).toMatchObject({ nodes: 46, pods: 4_862 });
    expect(plan.nodeGroups).toMatchObject([{ instanceType: "m5.large", maxPods: 110, maxPodsOfImage: 29, branchPodsPerNode: 9 }]);
    expect(plan.env).toEqual({
      ENABLE_PREFIX_DELEGATION: "true",
      WARM_PREFIX_TARGET: "1",
      AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: "true",
      ENI_CONFIG_LABEL_DEF: "topology.kubernetes.io/zone",
      ENABLE_POD_ENI: "true",
      POD_SECURITY_GROUP_ENFORCING_MODE: "standard",
    });
    expect(plan.eniConfigs.map(({ zone }) => zone)).toEqual(plan.zones);
    expect(plan.isolation).toMatchObject({ branchEnisPerNode: { "m5.large": 9 } });
  });

  test("in the simulation nothing runs out, every node is replaced, and routable subnets stay under 15 %", () => {
    if (proof.kind !== "simulated") throw new Error(proof.why);
    expect(proof).toMatchObject({ scaledBy: 1, firstExhaustion: null, podsNeverStarted: 0, nodes: plan.size.planned.nodes });
    expect(proof.peakNodes).toBe(plan.size.planned.nodes + plan.size.planned.surgeNodes);
    const routable = proof.subnets.filter(({ name }) => name.includes("-nodes-"));
    expect(routable).toHaveLength(3);
    expect(Math.max(...routable.map(({ peakUsedShare }) => peakUsedShare))).toBeLessThan(0.15);
  });

  test("what the simulation used at its peak is no more than the plan counts, a warm prefix a node beside", () => {
    if (proof.kind !== "simulated") throw new Error(proof.why);
    for (const { name, peakUsed } of proof.subnets.filter((subnet) => subnet.name.includes("-nodes-") || subnet.name.includes("-pods-"))) {
      const subnet = plan.vpc.subnets.find((one) => one.name === name);
      expect(peakUsed).toBeLessThanOrEqual(subnet!.needed);
      expect(peakUsed).toBeGreaterThan(subnet!.needed / 2);
    }
  });
});

describe("subnets", () => {
  test("X-ENIs have a /28 of their own in every zone, load balancers find theirs by tag", () => {
    const { subnets } = planOf({ name: "demo", nodes: 20, pods: { perNode: 30 } }).vpc;
    const cluster = subnets.filter(({ role }) => role === "cluster");
    expect(cluster.map(({ zone }) => zone)).toEqual(["us-east-1a", "us-east-1b", "us-east-1c"]);
    expect(cluster.every(({ cidr }) => cidr.endsWith("/28"))).toBe(true);
    expect(subnets.find(({ role }) => role === "public")?.tags).toEqual({
      "kubernetes.io/cluster/demo": "shared",
      "kubernetes.io/role/elb": "1",
    });
    expect(subnets.find(({ role }) => role === "nodes")?.tags).toMatchObject({ "kubernetes.io/role/internal-elb": "1" });
  });

  test("prefixes have most of the subnet reserved for them, single addresses its start", () => {
    const nodes = planOf({ nodes: 20, pods: { perNode: 30 } }).vpc.subnets.find(({ role }) => role === "nodes");
    expect(nodes?.cidr).toBe("10.0.0.0/18");
    expect(nodes?.reservations.at(-1)).toBe("10.0.32.0/19");
    expect(
      planOf({ nodes: 20, pods: { perNode: 20 }, instanceTypes: ["m4.xlarge"] }).vpc.subnets.flatMap(({ reservations }) => reservations),
    ).toEqual([]);
  });

  test("nothing overlaps other networks, services included", () => {
    const plan = planOf({ nodes: 20, pods: { perNode: 30 }, space: { avoid: ["10.0.0.0/8", "172.16.0.0/12", "100.64.0.0/12"] } });
    expect(plan.vpc.cidrs).toEqual(["192.168.0.0/16"]);
    expect(plan.vpc.serviceCidr).toBe("172.20.0.0/16");
    expect(plan.notes).toContain("services have 172.20.0.0/16, for want of another: pods will not reach what of 172.16.0.0/12 lies in it");
    expect(planOf({ nodes: 20, pods: { perNode: 30 }, space: { avoid: ["172.16.0.0/12"] } }).vpc.serviceCidr).toBe("10.100.0.0/16");
  });
});

describe("when it runs out", () => {
  test("reservations for prefixes leave the single addresses of that many nodes", () => {
    const plan = planOf({ nodes: 20, pods: { perNode: 30 }, growth: { perMonth: "5%" } });
    const nodes = Number(plan.runsOut.arithmetic.split(" ")[0]);
    const subnet = plan.vpc.subnets.find(({ role }) => role === "nodes");
    const reserved = subnet!.reservations.reduce((sum, range) => sum + 2 ** (32 - Number(range.split("/")[1])), 0);
    expect(nodes).toBeGreaterThan(300);
    expect(subnet!.usable - reserved).toBeGreaterThan(nodes + 8);
  });

  test("in months, with the arithmetic", () => {
    const { runsOut } = planOf({ nodes: 20, pods: { perNode: 30 }, growth: { perMonth: "5%" } });
    expect(runsOut.what).toBe("nodes");
    expect(runsOut.months).toBeGreaterThan(24);
    expect(runsOut.arithmetic).toMatch(/^\d+ nodes × \(1 ENI \+ 3 prefixes × 16\) .* of 16379 in a nodes' subnet$/);
  });

  test("without growth never", () => {
    expect(planOf({ nodes: 20, pods: { perNode: 30 } }).runsOut).toEqual({ months: null, what: null, arithmetic: "nothing grows" });
  });
});

describe("no plan", () => {
  test.each([
    ["nodes alone are too many", { nodes: 600, pods: { perNode: 20 }, space: { routable: ["10.9.0.0/24"] } }, "10.9.0.0/24 has 256 in all"],
    [
      "too few branch ENIs",
      { nodes: 10, pods: { perNode: 10 }, instanceTypes: ["t3.medium"], isolatedPods: 20 },
      "20 pods with security groups of their own need as many branch ENIs, and 10 nodes have 0 (t3.medium 0 each)",
    ],
    [
      "pods must be reached, and there is no room",
      { nodes: 100, pods: { perNode: 30 }, podsReachedFromOutside: true, space: { routable: ["10.9.0.0/24"] } },
      "others outside the VPC open connections to pods",
    ],
  ])("%s: %s", (_name, document, said) => {
    const planned = planAndProve(needsOf(document));
    expect(planned.ok).toBe(false);
    if (!planned.ok)
      expect([planned.refusal.reason, ...planned.refusal.alternatives.map(({ reason }) => reason)].join("\n")).toContain(said);
  });
});

test("a fleet too large to simulate whole is simulated at a part of its size, in subnets as much smaller", () => {
  const plan = planOf({ nodes: 80, pods: { perNode: 20 } });
  const [whole, quarter] = [provePlan(plan), provePlan(plan, 20)];
  if (whole.kind !== "simulated" || quarter.kind !== "simulated") throw new Error("not simulated");
  expect(whole).toMatchObject({ scaledBy: 1, nodes: 80, firstExhaustion: null });
  expect(quarter).toMatchObject({ scaledBy: 4, nodes: 20, firstExhaustion: null, podsNeverStarted: 0 });
  const shares = [whole, quarter].map((proof) => Math.max(...proof.subnets.map(({ peakUsedShare }) => peakUsedShare)));
  expect(Math.abs(shares[0]! / shares[1]! - 1)).toBeLessThan(0.3);
});

test("a plan that its simulation exhausts is no good one", () => {
  const plan = planOf({ nodes: 20, pods: { perNode: 30 }, growth: { perYear: "0%" } });
  const subnets = plan.vpc.subnets.map((subnet) =>
    subnet.role === "nodes" ? { ...subnet, cidr: subnet.cidr.replace("/18", "/25"), reservations: [] } : subnet,
  );
  const proof = provePlan({ ...plan, vpc: { ...plan.vpc, subnets } });
  expect(proof).toMatchObject({ kind: "simulated", firstExhaustion: { reason: expect.stringMatching(/^no-free-/) as string } });
  expect(isGood(proof)).toBe(false);
});

test("an IPv6 plan is simulated: nodes alone take IPv4, each with a /80, also while an upgrade runs", () => {
  const proved = planAndProve(needsOf({ nodes: 100, pods: { perNode: 50 }, ipv6Ready: true }));
  if (!proved.ok || proved.proof.kind !== "simulated") throw new Error(JSON.stringify(proved));
  const { plan, proof } = proved;
  expect(plan.mode).toBe("ipv6");
  expect(proof).toMatchObject({ scaledBy: 1, nodes: 100, firstExhaustion: null, podsNeverStarted: 0, pods: 5_002 });
  const most = (role: string): number[] =>
    plan.vpc.subnets
      .filter((subnet) => subnet.role === role)
      .map(({ name }) => proof.subnets.find((each) => each.name === name)?.peakUsed ?? 0);
  for (const used of most("nodes")) expect(used).toBeLessThan(plan.vpc.subnets.find(({ role }) => role === "nodes")?.needed ?? 0);
  expect(clusterFileOf(plan, "today")).toMatchObject({ ipFamily: "ipv6", vpc: { ipv6: true }, vpcCni: { env: { ENABLE_IPv6: "true" } } });
});

test("an IPv6 fleet beyond the /80s of a subnet is planned otherwise, with the reason", () => {
  const planned = planCluster(needsOf({ nodes: 98_000, pods: { perNode: 5 }, ipv6Ready: true }));
  const alternatives = planned.ok ? planned.plan.alternatives : planned.refusal.alternatives;
  expect(alternatives.find(({ mode }) => mode === "ipv6")?.reason).toMatch(
    /^\d+ nodes of one zone are more than the 32767 that a subnet's \/64/,
  );
});

test("branch ENIs are proved by the simulation: as many pods as the nodes have branches run, also while an upgrade moves them", () => {
  const proved = planAndProve(needsOf({ nodes: 10, pods: { perNode: 20 }, isolatedPods: 90 }));
  if (!proved.ok || proved.proof.kind !== "simulated") throw new Error(JSON.stringify(proved));
  expect(proved.plan.isolation).toMatchObject({ pods: 90, capacity: 90 });
  expect(proved.proof).toMatchObject({ firstExhaustion: null, podsNeverStarted: 0, pods: 202 });
  expect(proved.proof.branchEnis).toBeGreaterThanOrEqual(90);
  // The simulation knows what a type cannot do, whatever the formula says.
  const { plan } = proved;
  const size = { ...plan.size, planned: { ...plan.size.planned, isolatedPods: 91 } };
  expect(provePlan({ ...plan, size })).toMatchObject({ firstExhaustion: { reason: "no-branch-eni" } });
});

test("a plan with prefixes says why they have a reservation, in its own numbers; one without says nothing of it", () => {
  const reasons = planOf({ nodes: 1_700, pods: { perNode: 20 } }).reasons.join("\n");
  const [, singles, broken, blocks] = /(\d+) of them would break about (\d+) of (\d+), and prefixes need whole ones/.exec(reasons) ?? [];
  // More than 700 nodes in each of three zones, whose pods' subnets are a /16 each; some addresses share a block.
  expect([Number(singles) > 700, Number(broken) > 600, Number(broken) < Number(singles), blocks]).toEqual([true, true, true, "4096"]);
  expect(planOf({ nodes: 20, pods: { perNode: 20 }, instanceTypes: ["m4.xlarge"] }).reasons.join()).not.toContain("reservation");
});

test("thousands of branch ENIs take time, which the plan says and its simulation has", () => {
  const minutesOf = (isolatedPods: number): number => {
    const plan = planOf({ nodes: 1_000, pods: { perNode: 30 }, isolatedPods });
    expect(plan.notes.join()).toMatch(
      isolatedPods > 300 ? /5000 pods that start anew wait up to 17 minutes/ : /^(?!.*branch ENIs a second)/,
    );
    return Number.parseInt(clusterFileOf(plan, "planned")?.workload?.duration ?? "", 10);
  };
  expect(minutesOf(5_000) - minutesOf(0)).toBeGreaterThan(3 * 17);
});
