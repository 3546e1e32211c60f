import type { DescribePrefixListsRequest, DescribePrefixListsResult } from "@aws-sdk/client-ec2";
import { read } from "../../action.ts";
import { AwsError } from "../../aws-error.ts";
import { filtered } from "../../query/filters.ts";

/** The prefix lists of AWS's own services are those of gateway endpoints (S3, DynamoDB); the lab has neither service, so there is none. */
export const describePrefixLists = read<DescribePrefixListsRequest, DescribePrefixListsResult>("DescribePrefixLists", (input) => {
  const [first] = input.PrefixListIds ?? [];
  if (first !== undefined) throw new AwsError("InvalidPrefixListId.NotFound", `The prefix list ID '${first}' does not exist`);
  filtered([], input.Filters, { "prefix-list-id": () => [], "prefix-list-name": () => [] });
  return { PrefixLists: [] };
});
