import { given, newUpdate, type UpdateRecord } from "@slash28/eks";
import { busyFault, refusal, unknownGroup, type Decided, type NodegroupCall, type TemplateVersion, type TemplateWish } from "../call.ts";
import {
  findGroup,
  withGroup,
  type GroupTaint,
  type Nodegroup,
  type NodegroupsState,
  type Scaling,
  type UpdateConfig,
} from "../nodegroup.ts";
import { instanceTypeFault, labelFault, scalingFault, taintFault, updateConfigFault } from "./check-group.ts";
import { conflictFault, templateFault } from "./check-template.ts";

export interface UpdateConfigInput {
  readonly name: string;
  readonly scaling?: Partial<Scaling> | undefined;
  readonly addLabels?: Readonly<Record<string, string>> | undefined;
  readonly removeLabels?: readonly string[] | undefined;
  readonly addTaints?: readonly GroupTaint[] | undefined;
  readonly removeTaints?: readonly GroupTaint[] | undefined;
  readonly updateConfig?: UpdateConfig | undefined;
}

type Param = readonly [type: string, value: string];

/** Sizes, labels, taints and the pace of updates; nodes that are there get the labels and taints, too. */
export function updateNodegroupConfig(state: NodegroupsState, input: UpdateConfigInput, call: NodegroupCall): Decided<UpdateRecord> {
  const cluster = call.cluster.name;
  const group = findGroup(state, cluster, input.name);
  if (group === undefined) return unknownGroup(cluster, input.name);
  const busy = busyFault(group);
  if (busy !== undefined) return { ok: false, error: busy };
  const params = configParams(input);
  const fields = { clusterName: cluster, nodegroupName: input.name };
  if (params.length === 0)
    return refusal(
      "InvalidParameterException",
      "The request changes nothing: no sizes, labels, taints or update settings are given.",
      fields,
    );
  const removeTaints = input.removeTaints ?? [];
  const isSame = (a: GroupTaint, b: GroupTaint): boolean => a.key === b.key && a.effect === b.effect;
  const added = input.addTaints ?? [];
  const after: Nodegroup = {
    ...group,
    modifiedAt: call.now,
    scaling: { ...group.scaling, ...given(input.scaling ?? {}) },
    labels: Object.fromEntries(
      Object.entries({ ...group.labels, ...input.addLabels }).filter(([key]) => !(input.removeLabels ?? []).includes(key)),
    ),
    taints: [...group.taints.filter((taint) => ![...added, ...removeTaints].some((other) => isSame(taint, other))), ...added],
    updateConfig: input.updateConfig ?? group.updateConfig,
  };
  const fault =
    scalingFault(after.scaling) ?? labelFault(after.labels) ?? taintFault(after.taints) ?? updateConfigFault(after.updateConfig);
  if (fault !== undefined) return refusal("InvalidParameterException", fault, fields);
  const update = newUpdate(call, "ConfigUpdate", params);
  const work = { kind: "config", updateId: update.id, removeLabels: input.removeLabels ?? [], removeTaints } as const;
  const updated: Nodegroup = { ...after, status: "UPDATING", updates: [...after.updates, update], work };
  return { ok: true, value: { state: withGroup(state, updated), value: update } };
}

function configParams(input: UpdateConfigInput): readonly Param[] {
  const { scaling = {}, updateConfig = {}, addLabels = {}, removeLabels = [], addTaints = [], removeTaints = [] } = input;
  const taints = (list: readonly GroupTaint[]): string => JSON.stringify(list);
  const all: readonly (readonly [string, string | number | undefined])[] = [
    ["MinSize", scaling.minSize],
    ["MaxSize", scaling.maxSize],
    ["DesiredSize", scaling.desiredSize],
    ["LabelsToAdd", Object.keys(addLabels).length === 0 ? undefined : JSON.stringify(addLabels)],
    ["LabelsToRemove", removeLabels.length === 0 ? undefined : JSON.stringify(removeLabels)],
    ["TaintsToAdd", addTaints.length === 0 ? undefined : taints(addTaints)],
    ["TaintsToRemove", removeTaints.length === 0 ? undefined : taints(removeTaints)],
    ["MaxUnavailable", updateConfig.maxUnavailable],
    ["MaxUnavailablePercentage", updateConfig.maxUnavailablePercentage],
    ["UpdateStrategy", updateConfig.updateStrategy],
  ];
  return all.flatMap(([name, value]): Param[] => (value === undefined ? [] : [[name, String(value)]]));
}

export interface UpdateVersionInput {
  readonly name: string;
  readonly version?: string | undefined;
  readonly releaseVersion?: string | undefined;
  readonly launchTemplate?: TemplateWish | undefined;
  readonly isForced: boolean;
}

/** Another version of the template, or of the image: every node is replaced. */
export function updateNodegroupVersion(state: NodegroupsState, input: UpdateVersionInput, call: NodegroupCall): Decided<UpdateRecord> {
  const cluster = call.cluster.name;
  const group = findGroup(state, cluster, input.name);
  if (group === undefined) return unknownGroup(cluster, input.name);
  const busy = busyFault(group);
  if (busy !== undefined) return { ok: false, error: busy };
  const fields = { clusterName: cluster, nodegroupName: input.name };
  const template = nextTemplate(group, input, call);
  if (typeof template === "string") return refusal("InvalidParameterException", template, fields);
  const fault = versionFault(group, input, call);
  if (fault !== undefined) return refusal("InvalidParameterException", fault, fields);
  const { version = group.version, releaseVersion = group.releaseVersion } = input;
  const params: Param[] = [
    ["Version", version],
    ["ReleaseVersion", releaseVersion],
    ...(template === undefined
      ? []
      : [["LaunchTemplateName", template.name] as const, ["LaunchTemplateVersion", String(template.version)] as const]),
  ];
  const update = newUpdate(call, "VersionUpdate", params);
  const { launch, launchTemplate } = group;
  const before = { version: group.version, releaseVersion: group.releaseVersion, ...given({ launch, launchTemplate }) };
  const custom = typeof template?.data["ImageId"] === "string" ? template.data["ImageId"] : undefined;
  const updated: Nodegroup = {
    ...group,
    modifiedAt: call.now,
    status: "UPDATING",
    version,
    releaseVersion: custom ?? releaseVersion,
    ...(template === undefined ? {} : { launchTemplate: { id: template.id, name: template.name, version: template.version } }),
    updates: [...group.updates, update],
    work: { kind: "roll", updateId: update.id, isForced: input.isForced, isPrepared: false, before },
  };
  return { ok: true, value: { state: withGroup(state, updated), value: update } };
}

/** The template's version the nodes shall come from; a sentence when it cannot be. */
function nextTemplate(group: Nodegroup, { launchTemplate }: UpdateVersionInput, call: NodegroupCall): TemplateVersion | string | undefined {
  if (launchTemplate === undefined) return undefined;
  if (group.launchTemplate === undefined) {
    return "The node group was created without a launch template and cannot be given one; create a new node group with it.";
  }
  const found = call.template(launchTemplate);
  if (typeof found === "string") return found;
  if (found.id !== group.launchTemplate.id) {
    return `The node group's launch template is ${group.launchTemplate.id} and cannot be changed to ${found.id}; only its version can.`;
  }
  const hasImage = found.data["ImageId"] !== undefined;
  if (hasImage !== (group.amiType === "CUSTOM")) {
    return hasImage
      ? "The launch template's version names an image, and the node group was created without one; a node group cannot change to an image of one's own."
      : "The launch template's version names no image, and the node group was created with one; a node group cannot change from an image of one's own.";
  }
  const type = found.data["InstanceType"];
  const types = typeof type === "string" ? [type] : group.instanceTypes;
  return (
    templateFault(found.data) ??
    conflictFault(found.data, { instanceTypes: group.instanceTypes, hasRemoteAccess: false, hasVersion: false }) ??
    instanceTypeFault(types, group.amiType) ??
    found
  );
}

function versionFault(group: Nodegroup, { version, releaseVersion }: UpdateVersionInput, { cluster }: NodegroupCall): string | undefined {
  if (version === undefined && releaseVersion === undefined) return undefined;
  if (group.amiType === "CUSTOM") {
    return "A node group on an image of one's own has no kubernetes version or release version of EKS's; give a launch template version with another image.";
  }
  if (version !== undefined && version !== cluster.version) {
    return `Requested nodegroup version ${version} is not the cluster's, ${cluster.version}; nodes are brought to the cluster's version.`;
  }
  if (releaseVersion !== undefined && releaseVersion !== group.releaseVersion) {
    return `Requested release version ${releaseVersion} is not one the lab has an image of; it has ${group.releaseVersion}.`;
  }
  return undefined;
}

/** Its nodes are drained and ended, then it is gone. */
export function deleteNodegroup(
  state: NodegroupsState,
  { name }: { readonly name: string },
  call: Pick<NodegroupCall, "cluster" | "now">,
): Decided<Nodegroup> {
  const cluster = call.cluster.name;
  const group = findGroup(state, cluster, name);
  if (group === undefined) return unknownGroup(cluster, name);
  if (group.status === "DELETING") return { ok: true, value: { state, value: group } };
  const updates = group.updates.map((update): UpdateRecord =>
    update.status === "InProgress" ? { ...update, status: "Cancelled" } : update,
  );
  const deleting: Nodegroup = { ...group, status: "DELETING", modifiedAt: call.now, updates, work: { kind: "delete" } };
  return { ok: true, value: { state: withGroup(state, deleting), value: deleting } };
}
