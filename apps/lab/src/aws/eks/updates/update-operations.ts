import type { DescribeUpdateRequest, DescribeUpdateResponse, ListUpdatesRequest, ListUpdatesResponse, Update } from "@aws-sdk/client-eks";
import { findAddon, findUpdate, page, updatesOf, type ClusterRecord } from "@slash28/eks";
import { restOperation, RestError, type AnyRestOperation } from "../../rest-json/index.ts";
import { answer, clusterOf, type EksContext } from "../context.ts";
import { wireUpdate } from "./wire-update.ts";

export function updatesOperations(context: EksContext): readonly AnyRestOperation[] {
  return [
    restOperation<ListUpdatesRequest, ListUpdatesResponse>("ListUpdates", (input) => {
      const cluster = clusterOf(context, input.name);
      const updates =
        input.nodegroupName === undefined ? ownUpdates(cluster, input.addonName) : nodeGroupUpdates(context, cluster, input.nodegroupName);
      // Pages go by place: ids are random and the list is newest first.
      const places = updates.map((update, index) => ({ id: update.id ?? "", place: String(index).padStart(9, "0") }));
      const { items, ...rest } = answer(page(places, ({ place }) => place, input));
      return { updateIds: items.map(({ id }) => id), ...rest };
    }),
    restOperation<DescribeUpdateRequest, DescribeUpdateResponse>("DescribeUpdate", (input) => {
      const cluster = clusterOf(context, input.name);
      if (input.nodegroupName === undefined)
        return { update: wireUpdate(answer(findUpdate(cluster, input.updateId ?? "", input.addonName))) };
      const update = nodeGroupUpdates(context, cluster, input.nodegroupName).find(({ id }) => id === input.updateId);
      if (update !== undefined) return { update };
      throw new RestError("ResourceNotFoundException", `No update found for ID: ${input.updateId}`, 404, { clusterName: cluster.name });
    }),
  ];
}

function ownUpdates(cluster: ClusterRecord, addonName: string | undefined): readonly Update[] {
  if (addonName !== undefined) answer(findAddon({ ok: true, value: cluster }, addonName));
  return updatesOf(cluster, addonName).map(wireUpdate);
}

function nodeGroupUpdates({ nodeGroups }: EksContext, cluster: ClusterRecord, nodegroupName: string): readonly Update[] {
  const updates = nodeGroups.updates(cluster.name, nodegroupName);
  if (updates !== undefined) return updates;
  const fields = { clusterName: cluster.name, nodegroupName };
  throw new RestError("ResourceNotFoundException", `No node group found for name: ${nodegroupName}.`, 404, fields);
}
