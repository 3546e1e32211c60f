import { addonArn, parsePrincipal } from "../arns.ts";
import { findCluster, withCluster, type Decide, type EksCall, type EksPlace } from "../call.ts";
import { inUse, invalidParameter, invalidRequest, unknown } from "../errors.ts";
import { associationOf, newAssociation, putAssociation } from "../identity/associations.ts";
import { earlierReply, rememberReply } from "../replies.ts";
import { ok, refuse, type EksError, type EksResult } from "../result.ts";
import type { AddonRecord, ClusterRecord, ResolveConflicts, Tags, UpdateRecord } from "../state.ts";
import { tagFault } from "../tag-rules.ts";
import { earlierUpdate, newUpdate } from "../updates.ts";
import { addonNamed, defaultVersionOf, isCompatible, type Addon } from "./catalogue.ts";
import { configurationFaults } from "./validate-configuration.ts";

/** `configurationValues`: the text as given, and what it says; an empty text clears. */
export interface ConfigurationInput {
  readonly text: string;
  readonly values: unknown;
}

export interface AddonIdentityInput {
  readonly serviceAccount: string;
  readonly roleArn: string;
}

export interface AddonForm {
  readonly cluster: string;
  readonly addon: string;
  readonly version?: string | undefined;
  readonly serviceAccountRoleArn?: string | undefined;
  readonly resolveConflicts?: string | undefined;
  readonly configuration?: ConfigurationInput | undefined;
  readonly identities?: readonly AddonIdentityInput[] | undefined;
  readonly token?: string | undefined;
}

export interface CreateAddonInput extends AddonForm {
  readonly tags?: Tags | undefined;
}

/** An add-on that is being installed: whoever carries it out reports with `finishAddonWork`. */
export const createAddon: Decide<CreateAddonInput, AddonRecord> = (state, input, call, place) => {
  const found = findCluster(state, input.cluster);
  if (!found.ok) return found;
  const { token, ...parameters } = input;
  const request = { operation: "CreateAddon", token, parameters };
  const earlier = earlierReply(found.value, request);
  if (!earlier.ok) return earlier;
  const fields = { clusterName: input.cluster, addonName: input.addon };
  const known = ownAddon(found.value, input.addon);
  if (known !== undefined)
    return earlier.value === undefined ? refuse(inUse("Addon already exists.", fields)) : ok({ state, value: known });
  const addon = addonNamed(input.addon);
  if (addon === undefined) {
    return refuse(invalidParameter(`Addon specified is not supported in ${found.value.version} kubernetes version`, fields));
  }
  const fault = clusterFault(found.value) ?? formFault(found.value, addon, input) ?? tagFault(input.tags ?? {});
  if (fault !== undefined) return refuse(fault);
  const blank: AddonRecord = {
    name: addon.name,
    arn: addonArn(place, input.cluster, addon.name, call.newUuid()),
    status: "CREATING",
    version: input.version ?? defaultVersionOf(addon, found.value.version)?.name ?? "",
    ...configured(undefined, input.configuration),
    ...(input.serviceAccountRoleArn === undefined ? {} : { serviceAccountRoleArn: input.serviceAccountRoleArn }),
    namespace: addon.namespace,
    associationIds: [],
    health: [],
    createdAt: call.now,
    modifiedAt: call.now,
    tags: input.tags ?? {},
    work: { kind: "create", resolveConflicts: modeOf(input.resolveConflicts) },
  };
  const withIds = withIdentities(found.value, blank, input.identities, { call, place });
  if (!withIds.ok) return withIds;
  const { cluster, addon: record } = withIds.value;
  return ok({ state: withCluster(state, rememberReply(putAddon(cluster, record), request, addon.name)), value: record });
};

/** What is not named stays as it is. */
export const updateAddon: Decide<AddonForm, UpdateRecord> = (state, input, call, place) => {
  const found = findAddon(findCluster(state, input.cluster), input.addon);
  if (!found.ok) return found;
  const { token, ...parameters } = input;
  const request = { operation: "UpdateAddon", token, parameters };
  const earlier = earlierUpdate(found.value.cluster, request);
  if (!earlier.ok) return earlier;
  if (earlier.value !== undefined) return ok({ state, value: earlier.value });
  const { cluster: before, addon: record } = found.value;
  const addon = addonNamed(record.name);
  const busy = workFault(before, record);
  if (busy !== undefined) return refuse(busy);
  const fault = addon === undefined ? undefined : formFault(before, addon, input);
  if (fault !== undefined) return refuse(fault);
  const update = newUpdate(call, "AddonUpdate", paramsOf(input), record.name);
  const changed: AddonRecord = {
    ...record,
    ...configured(record.configurationValues, input.configuration),
    ...(input.serviceAccountRoleArn === undefined ? {} : { serviceAccountRoleArn: input.serviceAccountRoleArn }),
    version: input.version ?? record.version,
    status: "UPDATING",
    modifiedAt: call.now,
    work: { kind: "update", resolveConflicts: modeOf(input.resolveConflicts), updateId: update.id },
  };
  const withIds = withIdentities(before, changed, input.identities, { call, place });
  if (!withIds.ok) return withIds;
  const cluster = { ...putAddon(withIds.value.cluster, withIds.value.addon), updates: [...before.updates, update] };
  return ok({ state: withCluster(state, rememberReply(cluster, request, update.id)), value: update });
};

/** Begins the end of an add-on; `isPreserving` leaves its objects where they are. */
export const deleteAddon: Decide<{ readonly cluster: string; readonly addon: string; readonly isPreserving: boolean }, AddonRecord> = (
  state,
  input,
  call,
) => {
  const found = findAddon(findCluster(state, input.cluster), input.addon);
  if (!found.ok) return found;
  const { cluster, addon } = found.value;
  const busy = workFault(cluster, addon);
  if (busy !== undefined) return refuse(busy);
  const deleting: AddonRecord = {
    ...addon,
    status: "DELETING",
    modifiedAt: call.now,
    work: { kind: "delete", isPreserving: input.isPreserving },
  };
  return ok({ state: withCluster(state, putAddon(cluster, deleting)), value: deleting });
};

export function findAddon(
  found: EksResult<ClusterRecord>,
  name: string,
): EksResult<{ readonly cluster: ClusterRecord; readonly addon: AddonRecord }> {
  if (!found.ok) return found;
  const addon = ownAddon(found.value, name);
  return addon === undefined ? refuse(unknown.addon(found.value.name, name)) : ok({ cluster: found.value, addon });
}

export function putAddon(cluster: ClusterRecord, addon: AddonRecord): ClusterRecord {
  return { ...cluster, addons: { ...cluster.addons, [addon.name]: addon } };
}

function ownAddon(cluster: ClusterRecord, name: string): AddonRecord | undefined {
  return Object.hasOwn(cluster.addons, name) ? cluster.addons[name] : undefined;
}

function clusterFault(cluster: ClusterRecord): EksError | undefined {
  if (cluster.status === "ACTIVE" || cluster.status === "UPDATING") return undefined;
  return invalidRequest(`Cluster ${cluster.name} is not in ACTIVE status, but ${cluster.status}`, { clusterName: cluster.name });
}

function workFault(cluster: ClusterRecord, addon: AddonRecord): EksError | undefined {
  if (addon.work === undefined) return undefined;
  const fields = { clusterName: cluster.name, addonName: addon.name };
  return inUse(`Addon ${addon.name} cannot be changed as it is currently in ${addon.status} state`, fields);
}

function formFault(cluster: ClusterRecord, addon: Addon, input: AddonForm): EksError | undefined {
  const fields = { clusterName: cluster.name, addonName: addon.name };
  const { version, serviceAccountRoleArn, resolveConflicts, configuration } = input;
  if (version !== undefined) {
    const found = addon.versions.find((one) => one.name === version);
    if (found === undefined || !isCompatible(found, cluster.version))
      return invalidParameter("Addon version specified is not supported", fields);
  }
  if (resolveConflicts !== undefined && !MODES.includes(resolveConflicts)) {
    return invalidParameter(`resolveConflicts must be one of [${MODES.join(", ")}], and is ${resolveConflicts}`, fields);
  }
  if (serviceAccountRoleArn !== undefined && serviceAccountRoleArn !== "" && parsePrincipal(serviceAccountRoleArn)?.kind !== "role") {
    return invalidParameter(`serviceAccountRoleArn is not the ARN of a role: ${serviceAccountRoleArn}`, fields);
  }
  if (configuration === undefined || configuration.text.trim() === "") return undefined;
  const faults = configurationFaults(addon.name, configuration.values);
  if (faults.length === 0) return undefined;
  return invalidParameter(
    `ConfigurationValue provided in request is not supported: Json schema validation failed with error: [${faults.join(", ")}]`,
    fields,
  );
}

const MODES: readonly string[] = ["NONE", "OVERWRITE", "PRESERVE"];

function modeOf(text: string | undefined): ResolveConflicts {
  return text === "OVERWRITE" || text === "PRESERVE" ? text : "NONE";
}

function configured(before: string | undefined, input: ConfigurationInput | undefined): Pick<AddonRecord, "configurationValues"> {
  const text = input === undefined ? before : input.text;
  return text === undefined ? {} : { configurationValues: text };
}

function paramsOf(input: AddonForm): readonly (readonly [string, string])[] {
  const { version, serviceAccountRoleArn, resolveConflicts, configuration, identities } = input;
  const params: readonly (readonly [string, string | undefined])[] = [
    ["AddonVersion", version],
    ["ServiceAccountRoleArn", serviceAccountRoleArn],
    ["ResolveConflicts", resolveConflicts],
    ["ConfigurationValues", configuration?.text],
    ["PodIdentityAssociations", identities === undefined ? undefined : JSON.stringify(identities)],
  ];
  return params.flatMap(([type, value]) => (value === undefined ? [] : [[type, value] as const]));
}

/** Puts an add-on's own pod identity associations in place of those it had; absent: they stay. */
function withIdentities(
  before: ClusterRecord,
  addon: AddonRecord,
  wanted: readonly AddonIdentityInput[] | undefined,
  { call, place }: { readonly call: EksCall; readonly place: EksPlace },
): EksResult<{ readonly cluster: ClusterRecord; readonly addon: AddonRecord }> {
  if (wanted === undefined) return ok({ cluster: before, addon });
  const kept = Object.entries(before.associations).filter(([, one]) => one.ownerArn !== addon.arn);
  let cluster: ClusterRecord = { ...before, associations: Object.fromEntries(kept) };
  const ids: string[] = [];
  for (const { serviceAccount, roleArn } of wanted) {
    if (parsePrincipal(roleArn)?.kind !== "role") return refuse(invalidParameter(`Role ARN ${roleArn} is invalid`));
    const other = associationOf(cluster, addon.namespace, serviceAccount);
    if (other !== undefined)
      return refuse(inUse(`Association already exists: ${other.id}`, { clusterName: cluster.name, addonName: addon.name }));
    const form = { cluster: cluster.name, namespace: addon.namespace, serviceAccount, roleArn, ownerArn: addon.arn };
    const association = newAssociation(form, call, place);
    cluster = putAssociation(cluster, association);
    ids.push(association.id);
  }
  return ok({ cluster, addon: { ...addon, associationIds: ids } });
}
