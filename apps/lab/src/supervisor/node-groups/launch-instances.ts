import { asId, type SubnetId } from "@slash28/address";
import type { LaunchFault, Nodegroup, NodeView } from "@slash28/node-groups";
import type { Call, Cloud, LaunchTemplateId } from "@slash28/vpc";
import { launchInstances } from "../../aws/index.ts";

/**
 * Launches instances of a group one by one, each in the zone with the fewest of them, in a group's subnets in their order; a subnet that is full
 * is passed over.
 * @returns EC2's refusal, when every subnet refuses
 */
export function launchNodes(
  cloud: Cloud,
  group: Nodegroup,
  nodes: readonly NodeView[],
  order: { readonly count: number; readonly now: number },
): LaunchFault | undefined {
  const perZone = new Map<string, number>();
  for (const { zone } of nodes) perZone.set(zone, (perZone.get(zone) ?? 0) + 1);
  const places = group.subnets.flatMap((id) => {
    const subnet = cloud.view.subnet(asId<SubnetId>(id));
    return subnet === undefined ? [] : [{ id, zone: subnet.zone }];
  });
  if (places.length === 0)
    return { code: "InvalidSubnetID.NotFound", message: `None of the subnets ${group.subnets.join(", ")} exists any more.` };
  for (let launched = 0; launched < order.count; launched++) {
    const byNeed = places.toSorted((a, b) => (perZone.get(a.zone) ?? 0) - (perZone.get(b.zone) ?? 0));
    const fault = launchInFirst(cloud, group, byNeed, { now: order.now });
    if ("code" in fault) return fault;
    perZone.set(fault.zone, (perZone.get(fault.zone) ?? 0) + 1);
  }
  return undefined;
}

interface Place {
  readonly id: string;
  readonly zone: string;
}

function launchInFirst(cloud: Cloud, group: Nodegroup, places: readonly Place[], call: Call): Place | LaunchFault {
  let last: LaunchFault = { code: "InternalError", message: "The group has nothing to launch from." };
  for (const place of places) {
    const fault = launchOne(cloud, group, place.id, call);
    if (fault === undefined) return place;
    last = fault;
    if (!FULL.has(fault.code)) return fault;
  }
  return last;
}

const FULL = new Set(["InsufficientFreeAddressesInSubnet", "InsufficientCidrBlocks", "InvalidSubnetID.NotFound"]);

function launchOne(cloud: Cloud, group: Nodegroup, subnetId: string, call: Call): LaunchFault | undefined {
  const { launch } = group;
  const [type] = launch?.instanceTypes ?? [];
  if (launch === undefined || type === undefined) return { code: "InternalError", message: "The group has nothing to launch from." };
  const version = String(launch.version);
  const found = cloud.describeLaunchTemplateVersions({ id: asId<LaunchTemplateId>(launch.templateId), versions: [version] }, call);
  if (!found.ok) return found.error;
  const enis = found.value[0]?.data["NetworkInterfaces"] as readonly object[] | undefined;
  const launched = launchInstances(
    cloud,
    {
      LaunchTemplate: { LaunchTemplateId: launch.templateId, Version: version },
      InstanceType: type as never,
      MinCount: 1,
      MaxCount: 1,
      ...(enis === undefined
        ? { SubnetId: subnetId }
        : { NetworkInterfaces: enis.map((eni) => ({ DeviceIndex: 0, ...eni, SubnetId: subnetId })) }),
    },
    call,
  );
  return launched.ok ? undefined : launched.error;
}
