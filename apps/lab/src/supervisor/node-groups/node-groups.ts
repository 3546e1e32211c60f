import { randomUUID } from "node:crypto";
import { asId, type SubnetId } from "@slash28/address";
import {
  createNodegroup,
  findGroup,
  groupsOf,
  type CreateNodegroupInput,
  type Nodegroup,
  type NodegroupCall,
  type NodegroupsState,
} from "@slash28/node-groups";
import type { Clock, Log } from "@slash28/ports";
import type { Cloud, LaunchTemplateId } from "@slash28/vpc";
import { nodegroupOperations, wireUpdate, type NodeGroupSide } from "../../aws/eks/index.ts";
import { RestError, type AnyRestOperation } from "../../aws/rest-json/index.ts";
import type { KeptDocument } from "../../state/index.ts";
import type { ClusterSite } from "./cluster-site.ts";
import { startGroupDriver, type GroupDriver } from "./group-driver.ts";
import type { NodeRoles } from "./node-roles.ts";
import { createGroupBook, type GroupBook } from "./group-book.ts";

export interface NodeGroupsOptions {
  readonly cloud: Cloud;
  readonly clock: Clock;
  readonly log: Log;
  readonly kept: KeptDocument<NodegroupsState>;
  /** A cluster whose API answers; `undefined` for one that is not there, or not yet. */
  readonly siteOf: (cluster: string) => ClusterSite | undefined;
  /** How long a group at rest has to lack a node before another is launched: an Auto Scaling group takes its time to notice. 10 s when absent. */
  readonly replaceAfterMs?: number;
  /** The account's roles; asked once there are clusters. */
  readonly roles: () => NodeRoles;
}

export interface GroupParts {
  /** Why an instance will never join; empty as long as it may. */
  readonly problemsOf: (instanceId: string) => readonly string[];
  /** Called after instances were launched or ended: whatever must follow EC2 catches up. */
  readonly changed: () => void;
  /** Told of a group, `cluster/name`, that cannot be made, and why. */
  readonly failed?: (group: string, why: string) => void;
}

/** The managed node groups of a lab: what EKS answers of them, and what makes it true. */
export interface NodeGroups {
  readonly side: NodeGroupSide;
  readonly operations: readonly AnyRestOperation[];
  /** Makes a group as if it had been asked for; one of that name stays as it is. */
  ensure(cluster: string, input: CreateNodegroupInput): Nodegroup;
  find(cluster: string, name: string): Nodegroup | undefined;
  /** Begins to carry out what the groups say. */
  start(parts: GroupParts): GroupDriver;
}

const ROLE_ARN = /^arn:aws(?:-[a-z]+)*:iam::\d{12}:role\/[\w+=,.@/-]+$/;

export function createNodeGroups(options: NodeGroupsOptions): NodeGroups {
  const book = createGroupBook(options.kept);
  const call = callOf(options);
  return {
    side: sideOf(book),
    operations: nodegroupOperations({ state: () => book.state, act: (decide) => book.act(decide), call: async (cluster) => call(cluster) }),
    ensure(cluster, input) {
      const present = book.find(cluster, input.name);
      if (present !== undefined) return present;
      const made = book.act((state) => createNodegroup(state, input, call(cluster)));
      if (made.ok) return made.value;
      throw new Error(`node group ${input.name}: ${made.error.message}`);
    },
    find: (cluster, name) => book.find(cluster, name),
    start: (parts) => startGroupDriver({ ...options, ...parts, book }),
  };
}

function callOf({ cloud, clock, siteOf, roles }: NodeGroupsOptions): (cluster: string) => NodegroupCall {
  return (cluster) => {
    const site = siteOf(cluster);
    if (site === undefined) {
      throw new RestError("ResourceNotFoundException", `No cluster found for name: ${cluster}.`, 404, { clusterName: cluster });
    }
    return {
      now: clock.now(),
      place: { region: cloud.region, accountId: cloud.accountId },
      newUuid: randomUUID,
      cluster: { name: cluster, version: site.version, vpcId: site.vpcId },
      subnet: (id) => cloud.view.subnet(asId<SubnetId>(id)),
      template: ({ id, name, version = "$Default" }) => {
        const ref = { ...(id === undefined ? {} : { id: asId<LaunchTemplateId>(id) }), ...(name === undefined ? {} : { name }) };
        const found = cloud.describeLaunchTemplateVersions({ ...ref, versions: [version] }, { now: clock.now() });
        const [first] = found.ok ? found.value : [];
        if (!found.ok || first === undefined) return found.ok ? "The launch template has no such version." : found.error.message;
        return { id: first.templateId, name: first.templateName, version: first.version, data: first.data };
      },
      nodeRoleFault: (roleArn) => (ROLE_ARN.test(roleArn) ? roles().fault(roleArn) : notARole(roleArn)),
    };
  };
}

function notARole(roleArn: string): string {
  return `The role ${JSON.stringify(roleArn)} is not the ARN of an IAM role (arn:aws:iam::<account>:role/<name>).`;
}

function sideOf(book: GroupBook): NodeGroupSide {
  const byArn = (arn: string): Nodegroup | undefined => Object.values(book.state.groups).find((group) => group.arn === arn);
  return {
    names: (cluster) => groupsOf(book.state, cluster).map(({ name }) => name),
    updates: (cluster, name) => findGroup(book.state, cluster, name)?.updates.toReversed().map(wireUpdate),
    tags: (arn) => byArn(arn)?.tags,
    changeTags(arn, { put, remove }) {
      const group = byArn(arn);
      if (group === undefined) return;
      const tags = Object.fromEntries(Object.entries({ ...group.tags, ...put }).filter(([key]) => !remove.includes(key)));
      book.put({ ...group, tags });
    },
  };
}
