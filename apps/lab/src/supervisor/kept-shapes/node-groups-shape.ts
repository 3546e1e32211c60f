import { CAPACITY_TYPES, type Nodegroup, type NodegroupsState } from "@slash28/node-groups";
import { z } from "zod";
import { healthIssue, texts, updateRecord } from "./eks-shape.ts";

const text = z.string();
const list = z.array(text);
const number = z.number();

const taint = z.looseObject({
  key: text,
  value: text.exactOptional(),
  effect: z.enum(["NoSchedule", "PreferNoSchedule", "NoExecute"]),
});
const sourceTemplate = z.looseObject({ id: text, name: text, version: number });
const launchSource = z.looseObject({
  templateId: text,
  version: number,
  current: z.array(number),
  instanceTypes: list,
  maxPods: number.exactOptional(),
});

const work = z.discriminatedUnion("kind", [
  z.looseObject({ kind: z.literal("create") }),
  z.looseObject({ kind: z.literal("config"), updateId: text, removeLabels: list, removeTaints: z.array(taint) }),
  z.looseObject({
    kind: z.literal("roll"),
    updateId: text,
    isForced: z.boolean(),
    isPrepared: z.boolean(),
    before: z.looseObject({
      launch: launchSource.exactOptional(),
      launchTemplate: sourceTemplate.exactOptional(),
      version: text,
      releaseVersion: text,
    }),
  }),
  z.looseObject({ kind: z.literal("delete") }),
]);

const group = z.looseObject({
  cluster: text,
  name: text,
  arn: text,
  uuid: text,
  createdAt: number,
  modifiedAt: number,
  status: z.enum(["CREATING", "ACTIVE", "UPDATING", "DELETING", "CREATE_FAILED", "DELETE_FAILED", "DEGRADED"]),
  version: text,
  releaseVersion: text,
  capacityType: z.enum(CAPACITY_TYPES),
  scaling: z.looseObject({ minSize: number, maxSize: number, desiredSize: number }),
  instanceTypes: list,
  subnets: list,
  remoteAccess: z.looseObject({ ec2SshKey: text.exactOptional(), sourceSecurityGroups: list.exactOptional() }).exactOptional(),
  amiType: text,
  diskSize: number.exactOptional(),
  nodeRole: text,
  labels: texts,
  taints: z.array(taint),
  updateConfig: z.looseObject({
    maxUnavailable: number.exactOptional(),
    maxUnavailablePercentage: number.exactOptional(),
    updateStrategy: z.enum(["DEFAULT", "MINIMAL"]).exactOptional(),
  }),
  launchTemplate: sourceTemplate.exactOptional(),
  tags: texts,
  health: z.array(healthIssue),
  updates: z.array(updateRecord),
  told: z.looseObject({ maxPods: number.exactOptional(), kubeletConfig: z.record(text, z.unknown()).exactOptional() }).exactOptional(),
  launch: launchSource.exactOptional(),
  work: work.exactOptional(),
  draining: z.record(text, z.looseObject({ since: number, why: z.enum(["surplus", "replaced", "deleted"]) })),
  made: z.looseObject({ token: text, parameters: text }).exactOptional(),
}) satisfies z.ZodType<Nodegroup>;

/** Every managed node group. */
export const nodeGroupsShape = z.looseObject({ groups: z.record(text, group) }) satisfies z.ZodType<NodegroupsState>;
