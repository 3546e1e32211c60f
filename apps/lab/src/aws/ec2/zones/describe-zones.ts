import type {
  AvailabilityZone,
  DescribeAvailabilityZonesRequest,
  DescribeAvailabilityZonesResult,
  DescribeRegionsRequest,
  DescribeRegionsResult,
} from "@aws-sdk/client-ec2";
import type { Cloud, Zone } from "@slash28/vpc";
import { read } from "../../action.ts";
import { invalidValue } from "../../aws-error.ts";
import { filtered, type FilterTable } from "../../query/filters.ts";

export const describeAvailabilityZones = read<DescribeAvailabilityZonesRequest, DescribeAvailabilityZonesResult>(
  "DescribeAvailabilityZones",
  (input, { cloud }) => {
    const wanted = zonesNamed(cloud, input.ZoneNames, input.ZoneIds);
    return { AvailabilityZones: filtered(wanted, input.Filters, zoneFilters(cloud)).map((zone) => wireZone(cloud, zone)) };
  },
);

export const describeRegions = read<DescribeRegionsRequest, DescribeRegionsResult>("DescribeRegions", (input, { cloud }) => {
  const unknown = (input.RegionNames ?? []).filter((name) => name !== cloud.region);
  if (unknown.length > 0) throw invalidValue(`Invalid region name: ${unknown.join(", ")}; the lab is ${cloud.region} only.`);
  const regions = [{ RegionName: cloud.region, Endpoint: `ec2.${cloud.region}.amazonaws.com`, OptInStatus: "opt-in-not-required" }];
  return {
    Regions: [
      ...filtered(regions, input.Filters, {
        endpoint: ({ Endpoint }) => Endpoint,
        "opt-in-status": ({ OptInStatus }) => OptInStatus,
        "region-name": ({ RegionName }) => RegionName,
      }),
    ],
  };
});

function zonesNamed(cloud: Cloud, names: readonly string[] = [], ids: readonly string[] = []): readonly Zone[] {
  const unknownName = names.find((name) => cloud.zones.every((zone) => zone.name !== name));
  if (unknownName !== undefined) throw invalidValue(`Invalid availability zone: [${unknownName}]`);
  const unknownId = ids.find((id) => cloud.zones.every((zone) => zone.id !== id));
  if (unknownId !== undefined) throw invalidValue(`Invalid availability zone-id: [${unknownId}]`);
  return cloud.zones.filter(({ name, id }) => (names.length === 0 || names.includes(name)) && (ids.length === 0 || ids.includes(id)));
}

function wireZone({ region }: Cloud, { name, id }: Zone): AvailabilityZone {
  return {
    ZoneName: name,
    ZoneId: id,
    ZoneType: "availability-zone",
    RegionName: region,
    GroupName: `${region}-zg-1`,
    NetworkBorderGroup: region,
    OptInStatus: "opt-in-not-required",
    State: "available",
    Messages: [],
  };
}

function zoneFilters({ region }: Cloud): FilterTable<Zone> {
  return {
    "group-name": () => `${region}-zg-1`,
    "opt-in-status": () => "opt-in-not-required",
    "region-name": () => region,
    state: () => "available",
    "zone-id": ({ id }) => id,
    "zone-name": ({ name }) => name,
    "zone-type": () => "availability-zone",
  };
}
