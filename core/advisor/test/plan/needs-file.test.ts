import { expect, test } from "vitest";
import { checkNeeds } from "../../src/index.ts";

const problemsOf = (document: unknown) => {
  const checked = checkNeeds(document);
  return checked.ok ? [] : checked.problems.map(({ path, message }) => `${path.join(".")}: ${message}`);
};

test("what a file leaves out has a value", () => {
  expect(checkNeeds({ nodes: 3, pods: { perNode: 10 } })).toMatchObject({
    ok: true,
    needs: { zones: ["us-east-1a", "us-east-1b", "us-east-1c"], pods: 30, growthPerYear: 0, months: 24, surge: 0.1, eniQuota: 5_000 },
  });
});

test("growth a month is growth a year", () => {
  const checked = checkNeeds({ nodes: 3, pods: { total: 10 }, growth: { perMonth: "5%" } });
  expect(checked.ok && checked.needs.growthPerYear).toBeCloseTo(0.7959, 4);
});

test.each([
  [{ pods: { perNode: 10 } }, "nodes: is missing: it takes a number"],
  [{ nodes: 3, pods: 10 }, "pods: must be {total: 5000} or {perNode: 30}"],
  [{ nodes: 3, pods: { perNode: 10 }, node: 3 }, "node: unknown field; did you mean nodes?"],
  [{ nodes: 3, pods: { perNode: 10 }, growth: { perYear: 40 } }, "growth: must be {perYear: 40%} or {perMonth: 3%}"],
  [
    { nodes: 3, pods: { perNode: 10 }, instanceTypes: ["m5.lrage"] },
    "instanceTypes.0: instance type m5.lrage is not known; did you mean m5.large?",
  ],
  [{ nodes: 3, pods: { perNode: 10 }, zones: ["us-east-1a"] }, "zones: must be two zones or more: EKS wants subnets of two"],
  [{ nodes: 3, pods: { perNode: 10 }, zones: ["us-east-1a", "eu-west-1a"] }, "zones.1: eu-west-1a is not in Region us-east-1"],
  [
    { nodes: 3, pods: { perNode: 10 }, space: { routable: ["10.0.0.7/24"] } },
    'space.routable.0: "10.0.0.7/24" is not an IPv4 CIDR range: it has host bits set',
  ],
  [{ nodes: 3, pods: { perNode: 10 }, space: { routable: ["10.0.0.0/29"] } }, "space.routable.0: 10.0.0.0/29 is smaller than a /28"],
  [{ nodes: 3, pods: { perNode: 10 }, isolatedPods: 31 }, "isolatedPods: 31 is more than the 30 pods there are"],
  [{ nodes: 3, pods: { perNode: 10 }, cniVersion: "new" }, 'cniVersion: "new" is no version'],
])("%j is told: %s", (document, said) => {
  expect(problemsOf(document).join("\n")).toContain(said);
});
