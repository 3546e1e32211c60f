import { describe, expect, test } from "vitest";
import { checkClusterFile, clusterFileJsonSchema, defaultCluster } from "../src/index.ts";

const good = defaultCluster();

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
      "vpc.subnets.0.zone: zone eu-west-1a is not in Region us-east-1",
    ],
    [
      "an unknown instance type",
      { ...good, nodeGroups: [{ name: "a", instanceType: "m5.huge", nodes: 1 }] },
      "nodeGroups.0.instanceType: m5.huge is not an EC2 instance type known here",
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
  ])("with %s is refused with the place and the reason", (_, document, expected) => {
    expect(problemsOf(document)).toContain(expected);
  });

  test("with a misspelt field is refused", () => {
    expect(problemsOf({ ...good, nodegroups: [] })[0]).toContain("nodegroups");
  });

  test("has a JSON Schema that names its fields", () => {
    expect(Object.keys((clusterFileJsonSchema() as { properties: object }).properties)).toEqual([
      "apiVersion",
      "kind",
      "name",
      "region",
      "vpc",
      "nodeGroups",
      "clusterDns",
      "vpcCni",
    ]);
  });
});
