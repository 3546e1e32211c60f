import { cidr4, type EniId, type InstanceId } from "@slash28/address";
import { createCloud, type Cloud, type Ec2Result, type Vpc } from "@slash28/vpc";

/** A VPC 10.0.0.0/16 with a way out, one /20 subnet, and one instance in it. */
export interface CloudWithNode {
  readonly cloud: Cloud;
  readonly vpc: Vpc;
  readonly instanceId: InstanceId;
  /** The instance's primary ENI. */
  readonly eniId: EniId;
}

export const REGION = "us-east-1";

export function aCloudWithNode(instanceType: string): CloudWithNode {
  const call = { now: Date.now() };
  const cloud = createCloud({ region: REGION, accountId: "123456789012", zones: [{ name: "us-east-1a", id: "use1-az1" }] });
  const vpc = must(cloud.createVpc({ cidr: cidr4("10.0.0.0/16") }, call));
  const gateway = must(cloud.createInternetGateway({}, call));
  must(cloud.attachInternetGateway({ gatewayId: gateway.id, vpcId: vpc.id }, call));
  const target = { kind: "internet-gateway", gatewayId: gateway.id } as const;
  must(cloud.createRoute({ routeTableId: vpc.mainRouteTableId, destination: cidr4("0.0.0.0/0"), target }, call));
  const subnet = must(cloud.createSubnet({ vpcId: vpc.id, cidr: cidr4("10.0.0.0/20") }, call));
  must(cloud.modifySubnet({ subnetId: subnet.id, hasPublicAddressOnLaunch: true }, call));
  const launch = {
    type: instanceType,
    imageId: "ami-0123456789abcdef0",
    minCount: 1,
    maxCount: 1,
    subnetId: subnet.id,
    instanceProfile: "node",
  };
  const [instance] = must(cloud.runInstances(launch, call)).instances;
  const eniId = instance?.enis[0];
  if (instance === undefined || eniId === undefined) throw new Error("nothing was launched");
  return { cloud, vpc, instanceId: instance.id, eniId };
}

function must<T>(result: Ec2Result<T>): T {
  if (result.ok) return result.value;
  throw new Error(`${result.error.code}: ${result.error.message}`);
}
