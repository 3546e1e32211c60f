import type { BucketSize } from "./token-bucket.ts";

/** One bucket a request draws from. Every action has its own; the class of the action only sets the size. */
export interface BucketDraw {
  readonly bucket: string;
  readonly size: BucketSize;
  readonly count: number;
}

/** What of a request decides its buckets. */
export interface RequestWeight {
  readonly action: string;
  readonly mutates: boolean;
  /** Neither filters, ids nor `MaxResults`. */
  readonly unbounded: boolean;
  /** Instances the request starts or ends; 0 for any other request. */
  readonly instances: number;
}

// Sizes: EC2 API reference, "Request throttling for the Amazon EC2 API", request token and resource token tables.
const size = (capacity: number, refillPerSecond: number): BucketSize => ({ capacity, refillPerSecond });
const READS = size(100, 20);
const UNBOUNDED_READS = size(50, 10);
const MUTATIONS = size(50, 5);

const UNBOUNDED_CLASS = new Set(["DescribeInstances", "DescribeInstanceStatus", "DescribeNetworkInterfaces", "DescribeSecurityGroups"]);

const OWN: Readonly<Record<string, BucketSize>> = {
  AssignPrivateIpAddresses: size(100, 5),
  UnassignPrivateIpAddresses: size(100, 5),
  AssignIpv6Addresses: size(100, 5),
  CreateNetworkInterface: size(100, 5),
  DeleteNetworkInterface: size(100, 5),
  ModifyNetworkInterfaceAttribute: size(100, 5),
  ModifyInstanceMetadataOptions: size(100, 5),
  CreateLaunchTemplateVersion: size(100, 5),
  ModifyLaunchTemplate: size(100, 5),
  CreateNatGateway: size(10, 1),
  TerminateInstances: size(100, 5),
  CreateTags: size(100, 10),
  DeleteTags: size(100, 10),
  CreateSubnetCidrReservation: size(5, 1),
  DeleteSubnetCidrReservation: size(5, 1),
  RunInstances: size(5, 2),
  StartInstances: size(5, 2),
};

const PER_INSTANCE: Readonly<Record<string, BucketSize>> = {
  RunInstances: size(1000, 2),
  StartInstances: size(1000, 2),
  StopInstances: size(1000, 20),
  TerminateInstances: size(1000, 20),
};

/** The buckets a request draws from, all of which must grant it. */
export function bucketsOf({ action, mutates, unbounded, instances }: RequestWeight): readonly BucketDraw[] {
  if (unbounded && UNBOUNDED_CLASS.has(action)) return [{ bucket: `${action}, unbounded`, size: UNBOUNDED_READS, count: 1 }];
  const request = { bucket: action, size: OWN[action] ?? (mutates ? MUTATIONS : READS), count: 1 };
  const perInstance = PER_INSTANCE[action];
  if (perInstance === undefined || instances === 0) return [request];
  return [request, { bucket: `${action}, per instance`, size: perInstance, count: instances }];
}
