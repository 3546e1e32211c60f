import type { _InstanceType, DescribeInstanceTypeOfferingsRequest, DescribeInstanceTypeOfferingsResult } from "@aws-sdk/client-ec2";
import { instanceTypes } from "@slash28/limits";
import type { Cloud } from "@slash28/vpc";
import { read } from "../../action.ts";
import { invalidValue } from "../../aws-error.ts";
import { filtered } from "../../query/filters.ts";
import { page } from "../../query/pagination.ts";

type LocationType = "region" | "availability-zone" | "availability-zone-id";

interface Offering {
  readonly type: string;
  readonly location: string;
}

/** Every type the table of limits has is offered everywhere. */
export const describeInstanceTypeOfferings = read<DescribeInstanceTypeOfferingsRequest, DescribeInstanceTypeOfferingsResult>(
  "DescribeInstanceTypeOfferings",
  (input, { cloud }) => {
    const by = locationType(input.LocationType);
    const all = instanceTypes().flatMap((type) => locations(cloud, by).map((location): Offering => ({ type, location })));
    const rules = {
      action: `DescribeInstanceTypeOfferings by ${by}`,
      key: ({ type, location }: Offering) => `${type} ${location}`,
      resultsDefault: 1000,
    };
    const matching = filtered(all, input.Filters, { "instance-type": ({ type }) => type, location: ({ location }) => location });
    const { items, ...more } = page(matching, input, rules);
    return {
      InstanceTypeOfferings: items.map(({ type, location }) => ({
        InstanceType: type as _InstanceType,
        LocationType: by,
        Location: location,
      })),
      ...more,
    };
  },
);

function locationType(text: string | undefined): LocationType {
  if (text === undefined) return "region";
  if (text === "region" || text === "availability-zone" || text === "availability-zone-id") return text;
  throw invalidValue(`Invalid value '${text}' for locationType: the lab has region, availability-zone and availability-zone-id.`);
}

function locations({ region, zones }: Cloud, by: LocationType): readonly string[] {
  if (by === "region") return [region];
  return zones.map(({ name, id }) => (by === "availability-zone" ? name : id));
}
