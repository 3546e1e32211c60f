import type {
  CreateNodegroupRequest,
  CreateNodegroupResponse,
  DeleteNodegroupRequest,
  DeleteNodegroupResponse,
  DescribeNodegroupRequest,
  DescribeNodegroupResponse,
  LaunchTemplateSpecification,
  ListNodegroupsRequest,
  ListNodegroupsResponse,
  UpdateNodegroupConfigRequest,
  UpdateNodegroupConfigResponse,
  UpdateNodegroupVersionRequest,
  UpdateNodegroupVersionResponse,
} from "@aws-sdk/client-eks";
import { given, page, type EksResult } from "@slash28/eks";
import {
  createNodegroup,
  deleteNodegroup,
  findGroup,
  groupsOf,
  unknownGroup,
  updateNodegroupConfig,
  updateNodegroupVersion,
  type CreateNodegroupInput,
  type Decided,
  type NodegroupCall,
  type NodegroupsState,
  type TemplateWish,
  type UpdateConfig,
} from "@slash28/node-groups";
import { restOperation, type AnyRestOperation } from "../../rest-json/index.ts";
import { answer } from "../context.ts";
import { wireUpdate } from "../updates/wire-update.ts";
import { groupTaint, wireNodegroup } from "./wire-nodegroup.ts";

/** What the operations on node groups work on. */
export interface NodegroupContext {
  readonly state: () => NodegroupsState;
  /** Carries a decision out, or refuses and changes nothing. */
  readonly act: <T>(decide: (state: NodegroupsState) => Decided<T>) => EksResult<T>;
  /** What a call about this cluster is told; rejects when the cluster is not there. */
  readonly call: (cluster: string) => Promise<NodegroupCall>;
}

export function nodegroupOperations({ state, act, call }: NodegroupContext): readonly AnyRestOperation[] {
  return [
    restOperation<CreateNodegroupRequest, CreateNodegroupResponse>("CreateNodegroup", async (input) => {
      const context = await call(input.clusterName ?? "");
      return { nodegroup: wireNodegroup(answer(act((before) => createNodegroup(before, createInput(input), context)))) };
    }),
    restOperation<DescribeNodegroupRequest, DescribeNodegroupResponse>(
      "DescribeNodegroup",
      async ({ clusterName = "", nodegroupName = "" }) => {
        await call(clusterName);
        const found = findGroup(state(), clusterName, nodegroupName);
        return {
          nodegroup: wireNodegroup(answer(found === undefined ? unknownGroup(clusterName, nodegroupName) : { ok: true, value: found })),
        };
      },
    ),
    restOperation<ListNodegroupsRequest, ListNodegroupsResponse>("ListNodegroups", async (input) => {
      await call(input.clusterName ?? "");
      const names = groupsOf(state(), input.clusterName ?? "").map(({ name }) => name);
      const { items, ...rest } = answer(page(names, (name) => name, input));
      return { nodegroups: [...items], ...rest };
    }),
    restOperation<UpdateNodegroupConfigRequest, UpdateNodegroupConfigResponse>("UpdateNodegroupConfig", async (input) => {
      const context = await call(input.clusterName ?? "");
      return { update: wireUpdate(answer(act((before) => updateNodegroupConfig(before, configInput(input), context)))) };
    }),
    restOperation<UpdateNodegroupVersionRequest, UpdateNodegroupVersionResponse>("UpdateNodegroupVersion", async (input) => {
      const context = await call(input.clusterName ?? "");
      const { version, releaseVersion, force = false } = input;
      const wish = {
        name: input.nodegroupName ?? "",
        version,
        releaseVersion,
        launchTemplate: templateWish(input.launchTemplate),
        isForced: force,
      };
      return { update: wireUpdate(answer(act((before) => updateNodegroupVersion(before, wish, context)))) };
    }),
    restOperation<DeleteNodegroupRequest, DeleteNodegroupResponse>("DeleteNodegroup", async ({ clusterName = "", nodegroupName = "" }) => {
      const context = await call(clusterName);
      return { nodegroup: wireNodegroup(answer(act((before) => deleteNodegroup(before, { name: nodegroupName }, context)))) };
    }),
  ];
}

function createInput(input: CreateNodegroupRequest): CreateNodegroupInput {
  const { ec2SshKey, sourceSecurityGroups } = input.remoteAccess ?? {};
  return {
    name: input.nodegroupName ?? "",
    subnets: input.subnets ?? [],
    nodeRole: input.nodeRole ?? "",
    scaling: given(input.scalingConfig ?? {}),
    instanceTypes: input.instanceTypes,
    amiType: input.amiType,
    diskSize: input.diskSize,
    capacityType: input.capacityType,
    remoteAccess: input.remoteAccess === undefined ? undefined : given({ ec2SshKey, sourceSecurityGroups }),
    labels: input.labels,
    taints: input.taints?.map(groupTaint),
    updateConfig: updateConfig(input.updateConfig),
    launchTemplate: templateWish(input.launchTemplate),
    version: input.version,
    releaseVersion: input.releaseVersion,
    tags: input.tags,
    token: input.clientRequestToken,
  };
}

function configInput(input: UpdateNodegroupConfigRequest): Parameters<typeof updateNodegroupConfig>[1] {
  return {
    name: input.nodegroupName ?? "",
    scaling: given(input.scalingConfig ?? {}),
    addLabels: input.labels?.addOrUpdateLabels,
    removeLabels: input.labels?.removeLabels,
    addTaints: input.taints?.addOrUpdateTaints?.map(groupTaint),
    removeTaints: input.taints?.removeTaints?.map(groupTaint),
    updateConfig: updateConfig(input.updateConfig),
  };
}

function updateConfig(config: CreateNodegroupRequest["updateConfig"]): UpdateConfig | undefined {
  if (config === undefined) return undefined;
  const { maxUnavailable, maxUnavailablePercentage, updateStrategy } = config;
  return given({ maxUnavailable, maxUnavailablePercentage, updateStrategy });
}

function templateWish(named: LaunchTemplateSpecification | undefined): TemplateWish | undefined {
  if (named === undefined) return undefined;
  const { id, name, version } = named;
  return given({ id, name, version });
}
