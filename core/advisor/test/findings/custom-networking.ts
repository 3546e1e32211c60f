import type { Snapshot } from "@slash28/advisor";
import { cidr4 } from "@slash28/address";
import { aSubnet, SUBNET_A, SUBNET_B, subnetId, withEnv } from "../a-cluster.ts";
import { H, type FindingCase } from "./shapes.ts";

const custom = { AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: "true", ENI_CONFIG_LABEL_DEF: "topology.kubernetes.io/zone" };
const podSubnets = [
  ...H.subnets,
  aSubnet({ id: subnetId("subnet-pods-a"), cidr: cidr4("100.64.0.0/19"), free: 8000 }),
  aSubnet({ id: subnetId("subnet-pods-b"), zone: "us-east-1b", cidr: cidr4("100.64.32.0/19"), free: 8000 }),
];
const withPodRange = { vpcs: [{ ...H.vpcs[0]!, cidrs: [cidr4("10.0.0.0/16"), cidr4("100.64.0.0/16")] }] };
const eniConfigs = (a: string, b: string): Required<Snapshot>["eniConfigs"] => [
  { name: "us-east-1a", subnetId: subnetId(a), groupIds: [] },
  { name: "us-east-1b", subnetId: subnetId(b), groupIds: [] },
];
const noPodEnis: Partial<Snapshot> = { enis: H.enis.map((eni) => ({ ...eni, addresses: [] })), pods: [] };

export const CUSTOM_NETWORKING_CASES: readonly FindingCase[] = [
  [
    "custom-networking-on-old-nodes",
    {
      "pods in the nodes' subnet": withEnv(custom, {
        ...withPodRange,
        subnets: podSubnets,
        eniConfigs: eniConfigs("subnet-pods-a", "subnet-pods-b"),
      }),
    },
    {
      "only primary ENIs there": withEnv(custom, {
        ...withPodRange,
        subnets: podSubnets,
        eniConfigs: eniConfigs("subnet-pods-a", "subnet-pods-b"),
        ...noPodEnis,
      }),
      "the ENIConfig names it": withEnv(custom, { eniConfigs: eniConfigs(SUBNET_A, SUBNET_B) }),
      "custom networking is off": withEnv(
        {},
        { ...withPodRange, subnets: podSubnets, eniConfigs: eniConfigs("subnet-pods-a", "subnet-pods-b") },
      ),
    },
  ],
  [
    "eni-config-missing-for-zone",
    {
      "one for zone a alone": withEnv(custom, {
        ...withPodRange,
        subnets: podSubnets,
        eniConfigs: eniConfigs("subnet-pods-a", "x").slice(0, 1),
        ...noPodEnis,
      }),
    },
    {
      "one for each": withEnv(custom, {
        ...withPodRange,
        subnets: podSubnets,
        eniConfigs: eniConfigs("subnet-pods-a", "subnet-pods-b"),
        ...noPodEnis,
      }),
      "a default for nodes without the label": withEnv(
        { AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: "true" },
        {
          ...withPodRange,
          subnets: podSubnets,
          eniConfigs: [{ name: "default", subnetId: subnetId("subnet-pods-a"), groupIds: [] }],
          ...noPodEnis,
        },
      ),
    },
  ],
  [
    "eni-config-in-wrong-zone",
    {
      crossed: withEnv(custom, {
        ...withPodRange,
        subnets: podSubnets,
        eniConfigs: eniConfigs("subnet-pods-b", "subnet-pods-a"),
        ...noPodEnis,
      }),
      "a subnet that is not there": withEnv(custom, {
        ...withPodRange,
        subnets: podSubnets,
        eniConfigs: eniConfigs("subnet-pods-a", "subnet-gone"),
        ...noPodEnis,
      }),
    },
    {
      "each in its own": withEnv(custom, {
        ...withPodRange,
        subnets: podSubnets,
        eniConfigs: eniConfigs("subnet-pods-a", "subnet-pods-b"),
        ...noPodEnis,
      }),
    },
  ],
];
