import { cidr4 } from "@slash28/address";
import { expect, test } from "vitest";
import { simulateFleet, type FleetSubnet } from "../src/index.ts";
import { aFleet, MINUTE, podsAt } from "./a-fleet.ts";

const ROLE = "kubernetes.io/role/cni";
const CLUSTER = "cni.networking.k8s.aws/cluster/";

/** Addresses for pods that a node holds with 20 pods on it: of its own subnet, and of one beside it that has more free. */
function heldWith(own: FleetSubnet["tags"], other: FleetSubnet["tags"], env: Readonly<Record<string, string>> = {}): string {
  const { summary } = simulateFleet(
    aFleet({
      subnets: [
        { name: "own", zone: "us-east-1a", cidr: cidr4("10.0.0.0/24"), isForNodes: true, ...(own === undefined ? {} : { tags: own }) },
        {
          name: "other",
          zone: "us-east-1a",
          cidr: cidr4("10.0.8.0/21"),
          isForNodes: false,
          ...(other === undefined ? {} : { tags: other }),
        },
      ],
      env: { WARM_IP_TARGET: "1", ...env },
      workloads: [podsAt([30_000, 18])],
      durationMs: 5 * MINUTE,
    }),
  );
  const [ownHeld = 0, otherHeld = 0] = summary.subnets.map(({ held }) => held.peak);
  return `${ownHeld}+${otherHeld}, ${summary.podsRunning.peak} run`;
}

test.each([
  ["no tag: the node's own subnet", undefined, undefined, {}, "19+0, 18 run"],
  ["1 on another one: the one with more free", undefined, { [ROLE]: "1" }, {}, "9+10, 18 run"],
  ["any other value counts as 1", undefined, { [ROLE]: "yes" }, {}, "9+10, 18 run"],
  ["an empty value counts as no tag", undefined, { [ROLE]: "" }, {}, "19+0, 18 run"],
  ["0 on another one: never", undefined, { [ROLE]: "0" }, {}, "19+0, 18 run"],
  ["0 on the node's own: its ENIs take no pods", { [ROLE]: "0" }, { [ROLE]: "1" }, {}, "0+18, 18 run"],
  ["another cluster's subnet is left to it", undefined, { [ROLE]: "1", [`${CLUSTER}b`]: "owned" }, { CLUSTER_NAME: "a" }, "19+0, 18 run"],
  ["without discovery only the node's own counts", undefined, { [ROLE]: "1" }, { ENABLE_SUBNET_DISCOVERY: "false" }, "19+0, 18 run"],
])("%s", (_what, own, other, env, expected) => {
  expect(heldWith(own, other, env)).toBe(expected);
});
