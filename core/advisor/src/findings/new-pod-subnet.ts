import { cidr4, cidr4Contains, cidr4Equal, cidr4Of, firstFreeCidr4, formatCidr4, offsetIpv4, type Cidr4 } from "@slash28/address";
import type { AddSubnetChange, FleetChange } from "@slash28/fleet";
import { CNI_ROLE_TAG } from "@slash28/ipam";
import type { ClusterView } from "../snapshot/cluster-view.ts";

/** A /19 has 8,187 addresses: room for what a zone of most clusters comes to. */
const LENGTH = 19;
/** Shared address space (RFC 6598): EC2 adds it to a VPC of any private range, and few networks route it. */
const BEYOND = cidr4("100.64.0.0/10");
const VPC_LENGTH = 16;

/** A subnet for pods that a fix makes: its commands, and the same as a change to a simulated fleet. */
export interface NewPodSubnet {
  readonly cidr: Cidr4;
  /** The shell variable that has its id once `commands` have run. */
  readonly variable: string;
  readonly commands: readonly string[];
  readonly change: AddSubnetChange;
}

interface Wanted {
  readonly zone: string;
  /** `undefined`: of the cluster. */
  readonly vpcId: string | undefined;
  /** Whether nodes find it by its tag; with custom networking an ENIConfig names it. */
  readonly hasCniTag: boolean;
}

/** A roomy subnet for each of these zones, in free ranges beyond those that the snapshot shows; each zone has a range of its own, whichever finding asks. */
export function newPodSubnets(view: ClusterView, wanted: readonly Wanted[]): readonly NewPodSubnet[] {
  const added: Cidr4[] = (view.snapshot.vpcs ?? []).flatMap(({ cidrs }) => cidrs);
  return wanted.flatMap((each, at): readonly NewPodSubnet[] => {
    const cidr = rangeFor(view, each.zone);
    if (cidr === undefined) return [];
    const vpcCidr = added.find((range) => cidr4Contains(range, cidr)) ?? cidr4Of(cidr.base, VPC_LENGTH);
    const isNew = !added.some((range) => cidr4Equal(range, vpcCidr));
    added.push(vpcCidr);
    return [
      madeOf(view, each, {
        cidr,
        variable: wanted.length === 1 ? "POD_SUBNET" : `POD_SUBNET_${at + 1}`,
        newRange: isNew ? vpcCidr : undefined,
      }),
    ];
  });
}

/** New subnets as changes to a simulated fleet that takes them for its pods: by their tags, or with custom networking by ENIConfigs that name them. */
export function podSubnetChanges({ settings }: ClusterView, made: readonly NewPodSubnet[]): readonly FleetChange[] {
  const eniConfigs = ({ change: { subnet } }: NewPodSubnet): FleetChange => ({
    kind: "set-eni-configs",
    atMs: 0,
    eniConfigs: { [subnet.zone]: subnet.name },
  });
  return [...made.map(({ change }) => change), ...(settings.pool.customNetworking ? made.map(eniConfigs) : [])];
}

interface Place {
  readonly cidr: Cidr4;
  readonly variable: string;
  /** What the VPC has to get before. */
  readonly newRange: Cidr4 | undefined;
}

function madeOf({ snapshot }: ClusterView, { zone, vpcId, hasCniTag }: Wanted, { cidr, variable, newRange }: Place): NewPodSubnet {
  const vpc = vpcId ?? snapshot.cluster?.vpcId ?? "<vpc>";
  const tag = hasCniTag ? " --tag-specifications 'ResourceType=subnet,Tags=[{Key=kubernetes.io/role/cni,Value=1}]'" : "";
  const where = `--vpc-id ${vpc} --cidr-block ${formatCidr4(cidr)} --availability-zone ${zone}`;
  return {
    cidr,
    variable,
    commands: [
      ...(newRange === undefined ? [] : [`aws ec2 associate-vpc-cidr-block --vpc-id ${vpc} --cidr-block ${formatCidr4(newRange)}`]),
      `${variable}=$(aws ec2 create-subnet ${where}${tag} --query Subnet.SubnetId --output text)`,
    ],
    change: {
      kind: "add-subnet",
      atMs: 0,
      subnet: { name: `new-${zone}`, zone, cidr, isForNodes: false, ...(hasCniTag ? { tags: { [CNI_ROLE_TAG]: "1" } } : {}) },
      ...(newRange === undefined ? {} : { vpcCidr: newRange }),
    },
  };
}

/** The first free range is for the first zone, and so on. */
function rangeFor({ snapshot: { subnets = [] } }: ClusterView, zone: string): Cidr4 | undefined {
  const zones = [...new Set(subnets.map((subnet) => subnet.zone))].toSorted();
  const taken = subnets.map(({ cidr }) => cidr);
  for (let before = zones.indexOf(zone); before > 0; before--) {
    const range = firstFreeCidr4(BEYOND, taken, LENGTH);
    if (range !== undefined) taken.push(range);
  }
  return firstFreeCidr4(BEYOND, taken, LENGTH);
}

/** The upper half of a range. */
export function upperHalf({ base, length }: Cidr4): Cidr4 {
  return cidr4Of(offsetIpv4(base, 2 ** (31 - length)), length + 1);
}

/** Whole free blocks of the VPC's ranges that no subnet has: as many as asked for, or fewer. */
export function freeBlocksOfVpc(
  { snapshot }: ClusterView,
  { vpcId, length, count }: { readonly vpcId: string | undefined; readonly length: number; readonly count: number },
): readonly Cidr4[] {
  const vpc = snapshot.vpcs?.find(({ id }) => vpcId === undefined || id === vpcId);
  const taken = (snapshot.subnets ?? []).map(({ cidr }) => cidr);
  const found: Cidr4[] = [];
  for (const range of vpc?.cidrs ?? []) {
    while (found.length < count) {
      const block = firstFreeCidr4(range, [...taken, ...found], length);
      if (block === undefined) break;
      found.push(block);
    }
  }
  return found;
}
