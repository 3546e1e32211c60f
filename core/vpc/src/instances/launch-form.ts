import type { InstanceLimits } from "@slash28/limits";
import { find } from "../cloud/find.ts";
import type { EniRecord, State, SubnetRecord } from "../cloud/state.ts";
import { eniMax, loadFault } from "../enis/attach-actions.ts";
import { freeEniFault } from "../enis/eni-actions.ts";
import { connectionTrackingFault } from "../enis/connection-tracking.ts";
import { groupsFor, type NewEni } from "../enis/new-eni.ts";
import { atLimit, invalidCombination, invalidValue, refusal, unknown } from "../errors.ts";
import { ok, refuse, type Ec2Error, type Ec2Result } from "../result.ts";
import type { LaunchEni, RunInstancesInput } from "./instance.ts";

/** One ENI of every instance of a launch, with its ids looked up. */
export interface LaunchPlace {
  readonly deviceIndex: number;
  readonly networkCard: number;
  readonly deleteOnTermination: boolean;
  readonly from: { readonly kind: "new"; readonly wish: NewEni } | { readonly kind: "existing"; readonly eni: EniRecord };
}

export interface LaunchForm {
  readonly limits: InstanceLimits;
  /** By network card and device index; the first is the primary ENI. */
  readonly places: readonly LaunchPlace[];
  readonly subnet: SubnetRecord;
  readonly hasPublicAddress: boolean;
}

/** Reads a launch request: one list of ENIs whichever way it was written. */
export function readLaunch(state: State, input: RunInstancesInput): Ec2Result<LaunchForm> {
  const fault = countFault(input) ?? mixFault(input);
  if (fault !== undefined) return refuse(fault);
  const limits = state.limitsOf(input.type);
  if (limits === undefined) return refuse(invalidValue(`Invalid value '${input.type}' for InstanceType.`));
  const wanted = input.enis ?? [simpleEni(input)];
  const placing = placingFault(wanted, limits);
  if (placing !== undefined) return refuse(placing);
  const places: LaunchPlace[] = [];
  for (const eni of wanted) {
    const place = eni.kind === "new" ? newPlace(state, input, eni, limits) : existingPlace(state, eni, limits);
    if (!place.ok) return place;
    places.push(place.value);
  }
  places.sort((a, b) => a.networkCard - b.networkCard || a.deviceIndex - b.deviceIndex);
  return withSubnet(state, wanted, places, limits);
}

function countFault({ minCount, maxCount }: RunInstancesInput): Ec2Error | undefined {
  const isGood = Number.isInteger(minCount) && Number.isInteger(maxCount) && minCount >= 1 && maxCount >= minCount;
  return isGood ? undefined : invalidValue(`Invalid values '${minCount}' and '${maxCount}' for minCount and maxCount.`);
}

function mixFault(input: RunInstancesInput): Ec2Error | undefined {
  const { enis, maxCount, subnetId, groups, privateAddress, addressCount } = input;
  if (enis === undefined) {
    const isNamed = privateAddress !== undefined && maxCount > 1;
    return isNamed ? invalidCombination("A private IP address may be specified for one instance only.") : undefined;
  }
  const mixed = [
    [subnetId !== undefined, "subnet ID"],
    [(groups ?? []).length > 0, "security groups"],
    [privateAddress !== undefined || addressCount !== undefined, "private address"],
    [input.ipv6 !== undefined, "IPv6 address"],
  ] as const;
  const what = mixed.find(([isGiven]) => isGiven)?.[1];
  if (what !== undefined) {
    return invalidCombination(`Network interfaces and an instance-level ${what} may not be specified on the same request`);
  }
  if (maxCount > 1 && enis.some(isForOneOnly)) {
    return invalidCombination("Network interface IDs and private IP addresses may be specified for one instance only.");
  }
  return undefined;
}

function isForOneOnly(eni: LaunchEni): boolean {
  if (eni.kind === "existing") return true;
  const named = [eni.primaryAddress, eni.carry?.addresses, eni.carry?.prefixes, eni.ipv6?.addresses, eni.ipv6?.prefixes];
  return named.some((given) => given !== undefined);
}

function simpleEni(input: RunInstancesInput): LaunchEni {
  const { subnetId, groups, privateAddress, addressCount } = input;
  return {
    kind: "new",
    deviceIndex: 0,
    ...(subnetId === undefined ? {} : { subnetId }),
    ...(groups === undefined ? {} : { groups }),
    ...(privateAddress === undefined ? {} : { primaryAddress: privateAddress }),
    ...(addressCount === undefined ? {} : { carry: { addressCount } }),
    ...(input.ipv6 === undefined ? {} : { ipv6: input.ipv6 }),
  };
}

function placingFault(enis: readonly LaunchEni[], limits: InstanceLimits): Ec2Error | undefined {
  const seen = new Set<string>();
  const onCard = new Map<number, number>();
  for (const { deviceIndex, networkCard = 0 } of enis) {
    const key = `${networkCard} ${deviceIndex}`;
    if (seen.has(key)) return invalidValue(`Each network interface requires a unique device index; '${deviceIndex}' is given twice.`);
    seen.add(key);
    const card = limits.networkCards.find(({ index }) => index === networkCard);
    if (card === undefined) return invalidValue(`Network card index '${networkCard}' is not valid for instance type ${limits.type}.`);
    const count = (onCard.get(networkCard) ?? 0) + 1;
    if (count > card.maxEnis) return atLimit.attachments(enis.length, limits.type);
    onCard.set(networkCard, count);
  }
  if (!seen.has("0 0")) return invalidValue("The primary network interface, at device index 0, must be specified.");
  if (enis.length > eniMax(limits)) return atLimit.attachments(enis.length, limits.type);
  const isPublic = enis.some((eni) => eni.kind === "new" && eni.hasPublicAddress === true);
  if (!isPublic || enis.length === 1) return undefined;
  return invalidCombination("The associatePublicIPAddress parameter cannot be specified when launching with multiple network interfaces.");
}

function newPlace(
  state: State,
  input: RunInstancesInput,
  eni: LaunchEni & { kind: "new" },
  limits: InstanceLimits,
): Ec2Result<LaunchPlace> {
  if (eni.subnetId === undefined) return refuse(refusal("VPCIdNotSpecified", "No default VPC for this user; a subnet must be specified."));
  const subnet = find(state.subnets, eni.subnetId, unknown.subnet);
  if (!subnet.ok) return subnet;
  const groups = groupsFor(state, subnet.value, eni.groups, unknown.group);
  if (!groups.ok) return groups;
  const { description = "", primaryAddress, carry = {}, deviceIndex, networkCard = 0, deleteOnTermination = true } = eni;
  const { connectionTracking, ipv6, hasPrimaryIpv6, interfaceType: kind = "interface" } = eni;
  const fault = connectionTrackingFault(connectionTracking ?? {});
  if (fault !== undefined) return refuse(fault);
  const tags = input.eniTags ?? {};
  const wish: NewEni = {
    subnet: subnet.value,
    kind,
    description,
    groups: groups.value,
    primaryAddress,
    carry,
    ipv6,
    hasPrimaryIpv6,
    connectionTracking,
    tags,
    limits,
  };
  return ok({ deviceIndex, networkCard, deleteOnTermination, from: { kind: "new", wish } });
}

function existingPlace(state: State, place: LaunchEni & { kind: "existing" }, limits: InstanceLimits): Ec2Result<LaunchPlace> {
  const found = find(state.enis, place.eniId, unknown.eni);
  if (!found.ok) return found;
  const eni = found.value;
  const fault = freeEniFault(eni) ?? loadFault(state, eni, limits);
  if (fault !== undefined) return refuse(fault);
  const { deviceIndex, networkCard = 0 } = place;
  return ok({ deviceIndex, networkCard, deleteOnTermination: false, from: { kind: "existing", eni } });
}

/** The instance lives where its primary ENI does; all its ENIs must be of that zone. */
function withSubnet(
  state: State,
  wanted: readonly LaunchEni[],
  places: readonly LaunchPlace[],
  limits: InstanceLimits,
): Ec2Result<LaunchForm> {
  const subnets = places.map(({ from }) => (from.kind === "new" ? from.wish.subnet : state.subnets.get(from.eni.subnetId)));
  const [subnet] = subnets;
  if (subnet === undefined) throw new Error("a launch has no primary subnet");
  if (subnets.some((other) => other?.zone !== subnet.zone)) {
    return refuse(invalidCombination("The network interfaces of an instance must be in the same availability zone."));
  }
  const ids = places.flatMap(({ from }) => (from.kind === "existing" ? [from.eni.id] : []));
  if (new Set(ids).size < ids.length) return refuse(invalidValue("A network interface may not be specified more than once."));
  const [only] = wanted;
  const asked = only?.kind === "new" ? only.hasPublicAddress : undefined;
  const hasPublicAddress = wanted.length === 1 && only?.kind === "new" && (asked ?? subnet.hasPublicAddressOnLaunch);
  return ok({ limits, places, subnet, hasPublicAddress });
}
