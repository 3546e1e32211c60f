import type { CreateTagsRequest, DeleteTagsRequest } from "@aws-sdk/client-ec2";
import { answer, DONE, mutation, need } from "../../action.ts";
import { tagRecord } from "../../query/tag-specifications.ts";

export const createTags = mutation<CreateTagsRequest, object>("CreateTags", (input, { cloud, call }) => {
  answer(cloud.createTags({ resourceIds: need(input.Resources, "resourceIdSet"), tags: tagRecord(need(input.Tags, "tagSet")) }, call));
  return DONE;
});

/** A tag without a value is taken off whatever its value; a request without tags takes all of them off. */
export const deleteTags = mutation<DeleteTagsRequest, object>("DeleteTags", (input, { cloud, call }) => {
  const tags = input.Tags?.map(({ Key, Value }) => ({ key: need(Key, "tag.key"), ...(Value === undefined ? {} : { value: Value }) }));
  const resourceIds = need(input.Resources, "resourceIdSet");
  answer(cloud.deleteTags({ resourceIds, ...(tags === undefined || tags.length === 0 ? {} : { tags }) }, call));
  return DONE;
});
