import type {
  AccessEntry,
  CreateAccessEntryRequest,
  CreateAccessEntryResponse,
  DeleteAccessEntryRequest,
  DeleteAccessEntryResponse,
  DescribeAccessEntryRequest,
  DescribeAccessEntryResponse,
  ListAccessEntriesRequest,
  ListAccessEntriesResponse,
  UpdateAccessEntryRequest,
  UpdateAccessEntryResponse,
} from "@aws-sdk/client-eks";
import { findEntry, page, withApiMode, type AccessEntryRecord, type ClusterRecord, type EksResult } from "@slash28/eks";
import { restOperation, type AnyRestOperation } from "../../rest-json/index.ts";
import { act, answer, clusterOf, type EksContext } from "../context.ts";

/** The cluster, when it authenticates by the API. */
export function apiCluster(context: EksContext, name: string | undefined): EksResult<ClusterRecord> {
  return withApiMode({ ok: true, value: clusterOf(context, name) });
}

export function accessEntryOperations(context: EksContext): readonly AnyRestOperation[] {
  return [
    restOperation<CreateAccessEntryRequest, CreateAccessEntryResponse>("CreateAccessEntry", (input, call) => {
      const {
        clusterName: cluster = "",
        principalArn = "",
        kubernetesGroups: groups,
        username,
        type,
        tags,
        clientRequestToken: token,
      } = input;
      const entry = act(context, "createAccessEntry", { cluster, principalArn, groups, username, type, tags, token }, call);
      return { accessEntry: wireEntry(cluster, entry) };
    }),
    restOperation<DescribeAccessEntryRequest, DescribeAccessEntryResponse>(
      "DescribeAccessEntry",
      ({ clusterName = "", principalArn = "" }) => ({
        accessEntry: wireEntry(clusterName, answer(findEntry(apiCluster(context, clusterName), principalArn)).entry),
      }),
    ),
    restOperation<UpdateAccessEntryRequest, UpdateAccessEntryResponse>("UpdateAccessEntry", (input, call) => {
      const { clusterName: cluster = "", principalArn = "", kubernetesGroups: groups, username } = input;
      return { accessEntry: wireEntry(cluster, act(context, "updateAccessEntry", { cluster, principalArn, groups, username }, call)) };
    }),
    restOperation<DeleteAccessEntryRequest, DeleteAccessEntryResponse>(
      "DeleteAccessEntry",
      ({ clusterName: cluster = "", principalArn = "" }, call) => {
        act(context, "deleteAccessEntry", { cluster, principalArn }, call);
        return {};
      },
    ),
    restOperation<ListAccessEntriesRequest, ListAccessEntriesResponse>("ListAccessEntries", (input) => {
      const entries = Object.values(answer(apiCluster(context, input.clusterName)).accessEntries);
      const { associatedPolicyArn: policy } = input;
      const chosen = entries.filter((entry) => policy === undefined || Object.hasOwn(entry.policies, policy));
      const { items, ...rest } = answer(page(chosen, ({ principalArn }) => principalArn, input));
      return { accessEntries: items.map(({ principalArn }) => principalArn), ...rest };
    }),
  ];
}

function wireEntry(clusterName: string, entry: AccessEntryRecord): AccessEntry {
  return {
    clusterName,
    principalArn: entry.principalArn,
    kubernetesGroups: [...entry.groups],
    accessEntryArn: entry.arn,
    createdAt: new Date(entry.createdAt),
    modifiedAt: new Date(entry.modifiedAt),
    tags: { ...entry.tags },
    username: entry.username,
    type: entry.type,
  };
}
