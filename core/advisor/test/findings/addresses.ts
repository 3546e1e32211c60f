import type { Snapshot } from "@slash28/advisor";
import { asId, ipv4, type EniId } from "@slash28/address";
import { aNode, changed, SUBNET_A, SUBNET_B, withEnv, withNodes } from "../a-cluster.ts";
import { H, subnets, inPrefixMode, type FindingCase } from "./shapes.ts";

/** Every node's ENIs hold one address each at the given offset of every /28 of its subnet: nothing whole is left. */
function scattered(all: boolean): Required<Snapshot>["enis"] {
  const blocks = Array.from({ length: 16 }, (_, block) => block).filter((block) => all || block !== 8);
  const strangers = blocks.map((block) => ({
    ...H.enis[0]!,
    id: asId<EniId>(`eni-x-${block}`),
    instanceId: undefined as never,
    subnetId: SUBNET_A,
    primaryAddress: ipv4(`10.0.1.${block * 16 + 6}`),
    addresses: [],
  }));
  return [...H.enis, ...strangers.filter(({ primaryAddress }) => !H.enis.some((eni) => eni.primaryAddress === primaryAddress))];
}
const crowdedOn = (type: string, pods: number, waiting: number): Partial<Snapshot> =>
  withNodes([aNode({ index: 0, type, pods, spare: 0, waiting, maxPods: 110 }), aNode({ index: 2, zone: "b" })]);
const zoned = (waitingInB: number, freeInB: number, runningInB = 0): Partial<Snapshot> => ({
  ...withNodes([aNode({ index: 0, pods: 5 }), aNode({ index: 2, zone: "b", pods: runningInB, waiting: waitingInB })]),
  securityGroupPolicies: [],
  subnets: subnets(({ id }) => (id === SUBNET_B ? { free: freeInB } : {})),
});
const hoarding = (nodes: number, spare: number): Partial<Snapshot> =>
  withNodes(Array.from({ length: nodes }, (_, index) => aNode({ index, type: "m5.xlarge", pods: 2, spare })));
const byDefault = { WARM_ENI_TARGET: "1", WARM_IP_TARGET: undefined, MINIMUM_IP_TARGET: undefined };

export const ADDRESSES_CASES: readonly FindingCase[] = [
  [
    "subnet-full",
    {
      "none free": changed({ subnets: subnets(({ id }) => (id === SUBNET_A ? { free: 0 } : {})) }),
      "a few": changed({ subnets: subnets(({ id }) => (id === SUBNET_A ? { free: 12 } : {})) }),
    },
    {
      "a few more": changed({ subnets: subnets(({ id }) => (id === SUBNET_A ? { free: 13 } : {})) }),
      "one that nobody uses": changed({ subnets: subnets(({ id }) => (id === "subnet-public" ? { free: 0 } : {})) }),
    },
  ],
  [
    "subnet-fragmented",
    {
      "an address in every /28": withEnv(inPrefixMode, {
        enis: scattered(true),
        nodes: H.nodes.map((node) => ({ ...node, maxPods: 110 })),
      }),
    },
    {
      "one /28 whole": withEnv(inPrefixMode, { enis: scattered(false) }),
      "single addresses wanted": changed({ enis: scattered(true) }),
      "full rather": withEnv(inPrefixMode, { enis: scattered(true), subnets: subnets(() => ({ free: 15 })) }),
    },
  ],
  [
    "instance-address-limit",
    { "more pods than slots": withEnv({}, crowdedOn("m5.large", 27, 1)) },
    { "one pod less": withEnv({}, crowdedOn("m5.large", 26, 1)), "a larger type": withEnv({}, crowdedOn("m5.xlarge", 27, 1)) },
  ],
  [
    "account-eni-quota",
    {
      "at the quota": changed({ quotas: [{ code: "L-DF5E4CA3", name: "q", value: 4 }] }),
      "close to it": changed({ quotas: [{ code: "L-DF5E4CA3", name: "q", value: H.enis.length + 0 }] }),
    },
    {
      "room left": changed({ quotas: [{ code: "L-DF5E4CA3", name: "q", value: H.enis.length * 2 }] }),
      "another quota": changed({ quotas: [{ code: "L-0263D0A3", name: "q", value: 1 }] }),
    },
  ],
  [
    "pods-in-one-zone",
    { "the other zone's subnet is full": changed(zoned(0, 0)), "pods wait in the other": changed(zoned(3, 5)) },
    { "the other is only empty": changed(zoned(0, 100)), "pods run in both": changed(zoned(1, 0, 1)) },
  ],
  [
    "warm-enis-hoarding",
    { "four nodes with a spare ENI each": withEnv(byDefault, hoarding(4, 26)) },
    { "address targets": withEnv({}, hoarding(4, 26)), "two nodes of 251 addresses": withEnv(byDefault, hoarding(1, 26)) },
  ],
  [
    "conflicting-warm-settings",
    {
      "two models": withEnv({ ...inPrefixMode, WARM_PREFIX_TARGET: "2" }),
      "a minimum alone": withEnv({ WARM_IP_TARGET: undefined }),
      "no number": withEnv({ WARM_IP_TARGET: "many" }),
    },
    {
      "what the manifest writes": withEnv({ ...inPrefixMode, WARM_PREFIX_TARGET: "1", WARM_ENI_TARGET: "1" }),
      "0": withEnv({ WARM_ENI_TARGET: "0" }),
    },
  ],
  [
    "cluster-subnets-shared-with-nodes",
    { "the nodes' subnet": changed({ cluster: { ...H.cluster, subnetIds: [SUBNET_A] } }) },
    { "subnets of their own": H },
  ],
];
