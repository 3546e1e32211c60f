import { given, type EksResult } from "@slash28/eks";
import { NODE_IMAGES } from "@slash28/node-bootstrap";
import { refusal, type Decided, type NodegroupCall, type TemplateVersion, type TemplateWish } from "../call.ts";
import {
  CAPACITY_TYPES,
  findGroup,
  groupsOf,
  withGroup,
  type CapacityType,
  type GroupTaint,
  type Nodegroup,
  type NodegroupsState,
  type Scaling,
  type UpdateConfig,
} from "../nodegroup.ts";
import { instanceTypeFault, labelFault, scalingFault, taintFault, updateConfigFault } from "./check-group.ts";
import { conflictFault, templateFault } from "./check-template.ts";

export interface CreateNodegroupInput {
  readonly name: string;
  readonly subnets: readonly string[];
  readonly nodeRole: string;
  readonly scaling?: Partial<Scaling> | undefined;
  readonly instanceTypes?: readonly string[] | undefined;
  readonly amiType?: string | undefined;
  readonly diskSize?: number | undefined;
  readonly capacityType?: string | undefined;
  readonly remoteAccess?: Nodegroup["remoteAccess"] | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly taints?: readonly GroupTaint[] | undefined;
  readonly updateConfig?: UpdateConfig | undefined;
  readonly launchTemplate?: TemplateWish | undefined;
  readonly version?: string | undefined;
  readonly releaseVersion?: string | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
  readonly token?: string | undefined;
  /** From a cluster file; EKS's API has no word for it. */
  readonly told?: Nodegroup["told"] | undefined;
}

const NAME = /^[0-9A-Za-z][A-Za-z0-9_-]{0,62}$/;
/** AWS: "Amazon EKS service quotas". */
const GROUPS_PER_CLUSTER_MAX = 30;
const DEFAULT_TYPE = "t3.medium";
const DEFAULT_AMI_TYPE = "AL2023_x86_64_STANDARD";
const DEFAULT_SCALING: Scaling = { minSize: 1, maxSize: 2, desiredSize: 2 };

/** A new node group, `CREATING`. */
export function createNodegroup(state: NodegroupsState, input: CreateNodegroupInput, call: NodegroupCall): Decided<Nodegroup> {
  const cluster = call.cluster.name;
  const fields = { clusterName: cluster, nodegroupName: input.name };
  const present = findGroup(state, cluster, input.name);
  const parameters = JSON.stringify({ ...input, token: undefined });
  if (present !== undefined) {
    const isRepeat = input.token !== undefined && present.made?.token === input.token && present.made.parameters === parameters;
    if (isRepeat) return { ok: true, value: { state, value: present } };
    return refusal("ResourceInUseException", `NodeGroup already exists with name ${input.name} and cluster name ${cluster}`, fields);
  }
  if (groupsOf(state, cluster).length >= GROUPS_PER_CLUSTER_MAX) {
    return refusal("ResourceLimitExceededException", `A cluster may have ${GROUPS_PER_CLUSTER_MAX} managed node groups.`, fields);
  }
  const scaling = { ...DEFAULT_SCALING, ...given(input.scaling ?? {}) };
  const simple = placeFault(input, call) ?? formFault(input, scaling);
  if (simple !== undefined) return refusal("InvalidParameterException", simple, fields);
  const template = readTemplate(input, call);
  if (!template.ok) return template;
  const kind = kindOf(input, template.value);
  if (!kind.ok) return kind;
  const group = newGroup(input, call, { ...kind.value, scaling, template: template.value });
  const made = input.token === undefined ? group : { ...group, made: { token: input.token, parameters } };
  return { ok: true, value: { state: withGroup(state, made), value: made } };
}

function placeFault({ name, subnets, nodeRole }: CreateNodegroupInput, call: NodegroupCall): string | undefined {
  if (!NAME.test(name))
    return `The node group's name ${JSON.stringify(name)} must be letters, digits, '-' and '_', beginning with a letter or digit, at most 63.`;
  if (subnets.length === 0) return "Subnets must be given: at least one.";
  for (const id of subnets) {
    const subnet = call.subnet(id);
    if (subnet === undefined) return `The subnet ID '${id}' does not exist`;
    if (subnet.vpcId !== call.cluster.vpcId) return `Subnet ${id} is not in the cluster's VPC ${call.cluster.vpcId}.`;
  }
  return call.nodeRoleFault(nodeRole);
}

function formFault(input: CreateNodegroupInput, scaling: Scaling): string | undefined {
  const { capacityType = "ON_DEMAND", amiType } = input;
  if (!CAPACITY_TYPES.some((known) => known === capacityType))
    return `Capacity type ${capacityType} is not one of ${CAPACITY_TYPES.join(", ")}.`;
  if (amiType !== undefined && amiType !== "CUSTOM" && !NODE_IMAGES.some((image) => image.amiType === amiType)) {
    return `The lab has no image of the AMI type ${amiType}; it has ${NODE_IMAGES.map((image) => image.amiType).join(", ")}.`;
  }
  return (
    scalingFault(scaling) ?? labelFault(input.labels ?? {}) ?? taintFault(input.taints ?? []) ?? updateConfigFault(input.updateConfig ?? {})
  );
}

function readTemplate({ launchTemplate }: CreateNodegroupInput, call: NodegroupCall): EksResult<TemplateVersion | undefined> {
  if (launchTemplate === undefined) return { ok: true, value: undefined };
  const found = call.template(launchTemplate);
  return typeof found === "string" ? refusal("InvalidParameterException", found) : { ok: true, value: found };
}

interface Kind {
  readonly amiType: string;
  readonly instanceTypes: readonly string[];
}

/** What the nodes are: by the request, by the template, or EKS's defaults. */
function kindOf(input: CreateNodegroupInput, template: TemplateVersion | undefined): EksResult<Kind> {
  const data = template?.data ?? {};
  const conflict = template === undefined ? undefined : templateConflict(input, data);
  if (conflict !== undefined) return refusal("InvalidParameterException", conflict);
  if (template === undefined && input.amiType === "CUSTOM") {
    return refusal("InvalidParameterException", "An AMI type of CUSTOM needs an image id in a launch template.");
  }
  const asked = input.instanceTypes ?? [];
  const fromTemplate = typeof data["InstanceType"] === "string" ? [data["InstanceType"]] : [];
  const used = asked.length > 0 ? asked : fromTemplate.length > 0 ? fromTemplate : [DEFAULT_TYPE];
  const amiType = data["ImageId"] === undefined ? (input.amiType ?? amiTypeFor(used)) : "CUSTOM";
  const fault = instanceTypeFault(used, amiType);
  if (fault !== undefined) return refusal("InvalidParameterException", fault);
  return { ok: true, value: { amiType, instanceTypes: fromTemplate.length > 0 ? [] : used } };
}

function templateConflict(input: CreateNodegroupInput, data: TemplateVersion["data"]): string | undefined {
  const { instanceTypes, amiType, diskSize, remoteAccess, version, releaseVersion } = input;
  const hasVersion = version !== undefined || releaseVersion !== undefined;
  const request = { instanceTypes, amiType, diskSize, hasRemoteAccess: remoteAccess !== undefined, hasVersion };
  return templateFault(data) ?? conflictFault(data, request);
}

function amiTypeFor(types: readonly string[]): string {
  return instanceTypeFault(types, DEFAULT_AMI_TYPE) !== undefined && instanceTypeFault(types, "AL2023_ARM_64_STANDARD") === undefined
    ? "AL2023_ARM_64_STANDARD"
    : DEFAULT_AMI_TYPE;
}

function newGroup(
  input: CreateNodegroupInput,
  call: NodegroupCall,
  { amiType, instanceTypes, scaling, template }: Kind & { readonly scaling: Scaling; readonly template: TemplateVersion | undefined },
): Nodegroup {
  const uuid = call.newUuid();
  const { region, accountId } = call.place;
  const cluster = call.cluster.name;
  const image = NODE_IMAGES.find((candidate) => candidate.amiType === amiType);
  const custom = typeof template?.data["ImageId"] === "string" ? template.data["ImageId"] : "";
  return {
    cluster,
    name: input.name,
    arn: `arn:aws:eks:${region}:${accountId}:nodegroup/${cluster}/${input.name}/${uuid}`,
    uuid,
    createdAt: call.now,
    modifiedAt: call.now,
    status: "CREATING",
    version: input.version ?? call.cluster.version,
    // A group on an image of one's own shows the image here.
    releaseVersion: image === undefined ? custom : (input.releaseVersion ?? image.releaseVersion),
    capacityType: (input.capacityType ?? "ON_DEMAND") as CapacityType,
    scaling,
    instanceTypes,
    subnets: [...new Set(input.subnets)],
    ...(input.remoteAccess === undefined ? {} : { remoteAccess: input.remoteAccess }),
    amiType,
    ...(template === undefined ? { diskSize: input.diskSize ?? 20 } : {}),
    nodeRole: input.nodeRole,
    labels: input.labels ?? {},
    taints: input.taints ?? [],
    updateConfig: input.updateConfig ?? { maxUnavailable: 1 },
    ...(template === undefined ? {} : { launchTemplate: { id: template.id, name: template.name, version: template.version } }),
    tags: input.tags ?? {},
    health: [],
    updates: [],
    ...(input.told === undefined ? {} : { told: input.told }),
    work: { kind: "create" },
    draining: {},
  };
}
