import {
  createNodegroup,
  NO_NODEGROUPS,
  type CreateNodegroupInput,
  type Decided,
  type Nodegroup,
  type NodegroupCall,
  type NodegroupsState,
  type TemplateVersion,
} from "../src/index.ts";

export const NOW = 1_700_000_000_000;

let uuids = 0;

export const TEMPLATE: TemplateVersion = {
  id: "lt-0123456789abcdef0",
  name: "nodes",
  version: 1,
  data: {
    UserData: Buffer.from(
      "Content-Type: multipart/mixed; boundary=B\n\n--B\nContent-Type: text/x-shellscript\n\n#!/bin/sh\n--B--\n",
    ).toString("base64"),
  },
};

/** A call by someone whose account has a VPC with two subnets and the template given. */
export function aCall(template: Partial<TemplateVersion> = {}): NodegroupCall {
  return {
    now: NOW,
    place: { region: "us-east-1", accountId: "123456789012" },
    newUuid: () => `00000000-0000-4000-8000-${String(++uuids).padStart(12, "0")}`,
    cluster: { name: "demo", version: "1.35", vpcId: "vpc-1" },
    subnet: (id) => (["subnet-a", "subnet-b"].includes(id) ? { vpcId: "vpc-1" } : id === "subnet-other" ? { vpcId: "vpc-2" } : undefined),
    template: ({ id, name, version }) => {
      const found = { ...TEMPLATE, ...template };
      if ((id ?? found.id) !== found.id || (name ?? found.name) !== found.name) return "The specified launch template does not exist.";
      return version === undefined ? found : { ...found, version: Number(version) };
    },
    nodeRoleFault: (arn) => (arn.endsWith("role/node") ? undefined : `The role with name ${arn} cannot be found.`),
  };
}

export const INPUT: CreateNodegroupInput = {
  name: "workers",
  subnets: ["subnet-a", "subnet-b"],
  nodeRole: "arn:aws:iam::123456789012:role/node",
  instanceTypes: ["m5.large"],
  scaling: { minSize: 1, maxSize: 5, desiredSize: 2 },
};

export function given<T>(decided: Decided<T>): { readonly state: NodegroupsState; readonly value: T } {
  if (decided.ok) return decided.value;
  throw new Error(`${decided.error.code}: ${decided.error.message}`);
}

export function refused(decided: Decided<unknown>): string {
  return decided.ok ? "no refusal" : `${decided.error.code}: ${decided.error.message}`;
}

/** A group that is ACTIVE and launches from version 1 of its template. */
export function anActiveGroup(input: Partial<CreateNodegroupInput> = {}): Nodegroup {
  const { work: _done, ...group } = given(createNodegroup(NO_NODEGROUPS, { ...INPUT, ...input }, aCall())).value;
  return {
    ...group,
    status: "ACTIVE",
    launch: { templateId: "lt-derived", version: 1, current: [1], instanceTypes: ["m5.large"], maxPods: 29 },
  };
}
