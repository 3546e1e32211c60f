import type {
  ListTagsForResourceRequest,
  ListTagsForResourceResponse,
  TagResourceRequest,
  TagResourceResponse,
  UntagResourceRequest,
  UntagResourceResponse,
} from "@aws-sdk/client-eks";
import { tagsOf } from "@slash28/eks";
import { restOperation, type AnyRestOperation } from "../../rest-json/index.ts";
import { act, answer, type EksContext } from "../context.ts";

export function tagOperations(context: EksContext): readonly AnyRestOperation[] {
  const { eks, nodeGroups } = context;
  return [
    restOperation<ListTagsForResourceRequest, ListTagsForResourceResponse>("ListTagsForResource", ({ resourceArn = "" }) => ({
      tags: { ...(nodeGroups.tags(resourceArn) ?? answer(tagsOf(eks.state, resourceArn, eks))) },
    })),
    restOperation<TagResourceRequest, TagResourceResponse>("TagResource", ({ resourceArn = "", tags = {} }, call) => {
      if (nodeGroups.tags(resourceArn) === undefined) act(context, "changeTags", { arn: resourceArn, put: tags }, call);
      else nodeGroups.changeTags(resourceArn, { put: tags, remove: [] });
      return {};
    }),
    restOperation<UntagResourceRequest, UntagResourceResponse>("UntagResource", ({ resourceArn = "", tagKeys = [] }, call) => {
      if (nodeGroups.tags(resourceArn) === undefined) act(context, "changeTags", { arn: resourceArn, remove: tagKeys }, call);
      else nodeGroups.changeTags(resourceArn, { put: {}, remove: tagKeys });
      return {};
    }),
  ];
}
