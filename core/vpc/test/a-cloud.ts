import { cidr4, type InstanceId, type SubnetId } from "@slash28/address";
import type { InstanceLimits } from "@slash28/limits";
import {
  createCloud,
  type Cloud,
  type CloudOptions,
  type Ec2Error,
  type Ec2Result,
  type Instance,
  type Subnet,
  type Vpc,
} from "../src/index.ts";

/** The time of every call whose time does not matter. */
export const at = { now: 1_700_000_000_000 };

/** A few types with their documented limits, so that a test names what it relies on. */
const LIMITS: Readonly<Record<string, InstanceLimits>> = {
  "m5.large": limits("m5.large", 3, 10),
  "t3.medium": limits("t3.medium", 3, 6),
  "c5.large": limits("c5.large", 3, 10),
  "t2.medium": { ...limits("t2.medium", 3, 6), hypervisor: "xen" },
  "p4d.24xlarge": {
    ...limits("p4d.24xlarge", 15, 50),
    networkCards: [0, 1, 2, 3].map((index) => ({ index, maxEnis: 15 })),
  },
};

function limits(type: string, maxEnis: number, ipv4PerEni: number): InstanceLimits {
  return {
    type,
    maxEnis,
    ipv4PerEni,
    hypervisor: "nitro",
    bareMetal: false,
    vcpus: 2,
    memoryMiB: 8_192,
    networkCards: [{ index: 0, maxEnis }],
    defaultNetworkCard: 0,
    branchInterfaces: 0,
    trunkingCompatible: false,
  };
}

export function aCloud(options: Partial<CloudOptions> = {}): Cloud {
  return createCloud({
    region: "us-east-1",
    accountId: "111122223333",
    zones: [
      { name: "us-east-1a", id: "use1-az1" },
      { name: "us-east-1b", id: "use1-az2" },
    ],
    limitsOf: (type) => LIMITS[type],
    ...options,
  });
}

/** The value of a call that must succeed. */
export function must<T>(result: Ec2Result<T>): T {
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`);
  return result.value;
}

/** The refusal of a call that must fail. */
export function refused<T>(result: Ec2Result<T>): Ec2Error {
  if (result.ok) throw new Error(`succeeded with ${JSON.stringify(result.value)}`);
  return result.error;
}

/** A cloud with one VPC and one subnet in the first zone. */
export function aSubnet(cidr = "10.0.0.0/24", options: Partial<CloudOptions> = {}): { cloud: Cloud; vpc: Vpc; subnet: Subnet } {
  const cloud = aCloud(options);
  const vpc = must(cloud.createVpc({ cidr: cidr4("10.0.0.0/16") }, at));
  const subnet = must(cloud.createSubnet({ vpcId: vpc.id, cidr: cidr4(cidr) }, at));
  return { cloud, vpc, subnet };
}

export function launch(cloud: Cloud, subnetId: SubnetId, type = "m5.large"): Instance {
  const [instance] = must(cloud.runInstances({ type, imageId: "ami-1", minCount: 1, maxCount: 1, subnetId }, at)).instances;
  if (instance === undefined) throw new Error("nothing was launched");
  return instance;
}

export function primaryEni(cloud: Cloud, id: InstanceId) {
  const [eni] = cloud.view.attachedEnis(id);
  if (eni === undefined) throw new Error(`${id} has no ENI`);
  return eni;
}

/** Everything there is, as text: two equal texts are two equal clouds. */
export function snapshot(cloud: Cloud): string {
  const subnets = must(cloud.describeSubnets({}, at));
  const whole = [
    must(cloud.describeVpcs({}, at)),
    subnets,
    subnets.map(({ id }) => cloud.view.subnetUsage(id)),
    subnets.map(({ id }) => must(cloud.describeCidrReservations({ subnetId: id }, at))),
    must(cloud.describeEnis({}, at)),
    must(cloud.describeInstances({}, at)),
    must(cloud.describeSecurityGroups({}, at)),
    must(cloud.describeRouteTables({}, at)),
    must(cloud.describeInternetGateways({}, at)),
    must(cloud.describeEgressOnlyGateways({}, at)),
    must(cloud.describeNatGateways({}, at)),
    must(cloud.describeAddresses({}, at)),
    must(cloud.describeTrunkAssociations({}, at)),
    must(cloud.describeEniPermissions({}, at)),
    must(cloud.describeTags({}, at)),
    cloud.quotas,
  ];
  return JSON.stringify(whole, (_key, value: unknown) => (typeof value === "bigint" ? `${value}n` : value));
}
