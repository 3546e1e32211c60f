import { cidr4, cidr4Contains, cidr4Overlaps, formatCidr4, splitCidr4 } from "@slash28/address";
import { checkClusterFile } from "@slash28/cluster-file";
import { fc, test as property } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { clusterFileOf, planAndProve, planCluster, refusedByEc2 } from "../../src/index.ts";
import { needsOf } from "./needs-of.ts";

const share = (max: number) => fc.nat(max).map((percent) => `${percent}%`);
const range = (from: string, lengths: readonly [number, number]) =>
  fc
    .tuple(fc.integer({ min: lengths[0], max: lengths[1] }), fc.nat(200))
    .map(([length, at]) => formatCidr4(splitCidr4(cidr4(from), length).at(at % 2 ** Math.min(8, length - 8))!));

const arbNeeds = fc.record(
  {
    nodes: fc.integer({ min: 1, max: 800 }),
    pods: fc.oneof(fc.record({ perNode: fc.integer({ min: 1, max: 150 }) }), fc.record({ total: fc.integer({ min: 1, max: 20_000 }) })),
    instanceTypes: fc.uniqueArray(fc.constantFrom("m5.large", "m5.xlarge", "c5.18xlarge", "t3.medium", "m4.xlarge"), {
      minLength: 1,
      maxLength: 2,
    }),
    zones: fc.constantFrom(["us-east-1a", "us-east-1b"], ["us-east-1a", "us-east-1b", "us-east-1c"]),
    growth: fc.record({ perYear: share(80) }),
    surge: share(30),
    headroom: share(40),
    space: fc.record({
      routable: fc.array(range("10.0.0.0/8", [15, 26]), { minLength: 1, maxLength: 3 }),
      avoid: fc.array(range("10.0.0.0/8", [12, 24]), { maxLength: 3 }),
    }),
    daemonPods: fc.nat(6),
    ipv6Ready: fc.boolean(),
    newCluster: fc.boolean(),
    podsReachedFromOutside: fc.boolean(),
    isolatedPods: fc.constant(0),
    podsPerNodeByCompute: fc.integer({ min: 5, max: 300 }),
  },
  { requiredKeys: ["nodes", "pods"] },
);

describe("any needs", () => {
  property.prop([arbNeeds], { numRuns: 40 })(
    "have a plan that EC2 takes and that has room for them, or a refusal that says what is missing",
    (document) => {
      const needs = needsOf(document);
      const planned = planCluster(needs);
      if (!planned.ok) {
        expect(planned.refusal.reason.length).toBeGreaterThan(20);
        expect(planned.refusal.alternatives.every(({ verdict, reason }) => verdict === "rejected" && reason.length > 10)).toBe(true);
        return;
      }
      const { plan } = planned;
      const cidrs = plan.vpc.cidrs.map(cidr4);
      const subnets = plan.vpc.subnets.map(({ cidr }) => cidr4(cidr));
      expect(refusedByEc2(plan)).toEqual([]);
      expect(subnets.every((subnet) => cidrs.some((cidr) => cidr4Contains(cidr, subnet)))).toBe(true);
      expect(subnets.some((a, at) => subnets.some((b, other) => other > at && cidr4Overlaps(a, b)))).toBe(false);
      expect(cidrs.some((cidr) => needs.avoid.some((other) => cidr4Overlaps(cidr, other)))).toBe(false);
      expect(cidrs.some((cidr) => cidr4Overlaps(cidr, cidr4(plan.vpc.serviceCidr)))).toBe(false);
      const isHiding = needs.avoid.some((cidr) => cidr4Overlaps(cidr, cidr4(plan.vpc.serviceCidr)));
      expect(plan.notes.some((note) => note.startsWith("services have"))).toBe(isHiding);
      for (const subnet of plan.vpc.subnets) expect(subnet.usable).toBeGreaterThanOrEqual(subnet.needed);
      const places = plan.nodeGroups.reduce((sum, group) => sum + group.nodesPlanned * (group.maxPods - 2 - needs.daemonPods), 0);
      expect(places).toBeGreaterThanOrEqual(plan.size.planned.pods);
      expect(plan.alternatives).toHaveLength(5);
      const file = clusterFileOf(plan, "today");
      if (file !== undefined) expect(checkClusterFile(file)).toMatchObject({ ok: true });
    },
    60_000,
  );

  property.prop([arbNeeds.filter(({ nodes, pods }) => nodes <= 40 && (!("total" in pods) || pods.total < 1_000))], { numRuns: 8 })(
    "that get a plan get one whose simulation runs out of nothing",
    (document) => {
      const proved = planAndProve(needsOf(document));
      if (proved.ok && proved.proof.kind === "simulated")
        expect(proved.proof).toMatchObject({ firstExhaustion: null, podsNeverStarted: 0 });
    },
    60_000,
  );
});
