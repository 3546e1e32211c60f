import type { DescribeTagsRequest, DescribeTagsResult } from "@aws-sdk/client-ec2";
import type { ResourceTag } from "@slash28/vpc";
import { answer, read } from "../../action.ts";
import { filtered, type FilterTable } from "../../query/filters.ts";
import { page } from "../../query/pagination.ts";

export const describeTags = read<DescribeTagsRequest, DescribeTagsResult>("DescribeTags", (input, { cloud, call }) => {
  const all = answer(cloud.describeTags({}, call));
  const rules = { action: "DescribeTags", key: (tag: ResourceTag) => `${tag.resourceId} ${tag.key}` };
  const { items, ...more } = page(filtered(all, withTagFilters(input.Filters), FILTERS), input, rules);
  return {
    Tags: items.map(({ resourceId, resourceType, key, value }) => ({
      ResourceId: resourceId,
      ResourceType: resourceType,
      Key: key,
      Value: value,
    })),
    ...more,
  };
});

type WireFilters = DescribeTagsRequest["Filters"];

/** Here `tag:KEY` looks at the listed tag itself: its key and its value. */
function withTagFilters(filters: WireFilters): WireFilters {
  return filters?.flatMap((filter) => {
    const key = /^tag:(.+)$/s.exec(filter.Name ?? "")?.[1];
    return key === undefined
      ? [filter]
      : [
          { Name: "key", Values: [key] },
          { Name: "value", Values: filter.Values },
        ];
  });
}

const FILTERS: FilterTable<ResourceTag> = {
  key: ({ key }) => key,
  "resource-id": ({ resourceId }) => resourceId,
  "resource-type": ({ resourceType }) => resourceType,
  value: ({ value }) => value,
};
