import type {
  CreateAddonRequest,
  CreateAddonResponse,
  DeleteAddonRequest,
  DeleteAddonResponse,
  DescribeAddonRequest,
  DescribeAddonResponse,
  ListAddonsRequest,
  ListAddonsResponse,
  UpdateAddonRequest,
  UpdateAddonResponse,
} from "@aws-sdk/client-eks";
import { findAddon, page, type AddonRecord, type EksInput } from "@slash28/eks";
import { restOperation, type AnyRestOperation } from "../../rest-json/index.ts";
import { act, answer, clusterOf, type EksContext } from "../context.ts";
import { wireUpdate } from "../updates/wire-update.ts";
import { configurationInput } from "./configuration-text.ts";
import { wireAddon } from "./wire-addon.ts";

export function addonOperations(context: EksContext): readonly AnyRestOperation[] {
  const shown = (addon: AddonRecord, cluster: string | undefined): object => ({ addon: wireAddon(clusterOf(context, cluster), addon) });
  return [
    restOperation<CreateAddonRequest, CreateAddonResponse>("CreateAddon", (input, call) =>
      shown(act(context, "createAddon", { ...formOf(input), tags: input.tags }, call), input.clusterName),
    ),
    restOperation<DescribeAddonRequest, DescribeAddonResponse>("DescribeAddon", ({ clusterName, addonName = "" }) => {
      const { cluster, addon } = answer(findAddon({ ok: true, value: clusterOf(context, clusterName) }, addonName));
      return { addon: wireAddon(cluster, addon) };
    }),
    restOperation<ListAddonsRequest, ListAddonsResponse>("ListAddons", (input) => {
      const { items, ...rest } = answer(page(Object.keys(clusterOf(context, input.clusterName).addons), (name) => name, input));
      return { addons: [...items], ...rest };
    }),
    restOperation<UpdateAddonRequest, UpdateAddonResponse>("UpdateAddon", (input, call) => ({
      update: wireUpdate(act(context, "updateAddon", formOf(input), call)),
    })),
    restOperation<DeleteAddonRequest, DeleteAddonResponse>("DeleteAddon", ({ clusterName = "", addonName = "", preserve = false }, call) =>
      shown(act(context, "deleteAddon", { cluster: clusterName, addon: addonName, isPreserving: preserve }, call), clusterName),
    ),
  ];
}

function formOf(input: UpdateAddonRequest): EksInput<"updateAddon"> {
  const { clusterName: cluster = "", addonName: addon = "" } = input;
  return {
    cluster,
    addon,
    version: input.addonVersion,
    serviceAccountRoleArn: input.serviceAccountRoleArn,
    resolveConflicts: input.resolveConflicts,
    configuration: configurationInput(input.configurationValues, { clusterName: cluster, addonName: addon }),
    identities: input.podIdentityAssociations?.map(({ serviceAccount = "", roleArn = "" }) => ({ serviceAccount, roleArn })),
    token: input.clientRequestToken,
  };
}
