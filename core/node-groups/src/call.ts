import type { EksError, EksErrorCode, EksResult } from "@slash28/eks";
import type { Millis, Nodegroup, NodegroupsState } from "./nodegroup.ts";

/** A launch template's version as EC2 has it. */
export interface TemplateVersion {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  /** EC2's own member names. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** What EKS looks up before it says yes. */
export interface NodegroupCall {
  readonly now: Millis;
  readonly place: { readonly region: string; readonly accountId: string };
  /** A fresh UUID, lower case. */
  readonly newUuid: () => string;
  /** A cluster that is `ACTIVE`; anything else is refused before a node group is looked at. */
  readonly cluster: { readonly name: string; readonly version: string; readonly vpcId: string };
  readonly subnet: (id: string) => { readonly vpcId: string } | undefined;
  /** A template by id or name, at a version (its default when absent); a sentence where there is none. */
  readonly template: (wanted: TemplateWish) => TemplateVersion | string;
  /** What is wrong with a role as a node's role; `undefined` when it serves. */
  readonly nodeRoleFault: (roleArn: string) => string | undefined;
}

export interface TemplateWish {
  readonly id?: string;
  readonly name?: string;
  readonly version?: string;
}

/** The state after a call, and its answer. */
export interface Changed<T> {
  readonly state: NodegroupsState;
  readonly value: T;
}

export type Decided<T> = EksResult<Changed<T>>;

export function refusal(
  code: EksErrorCode,
  message: string,
  fields: EksError["fields"] = {},
): { readonly ok: false; readonly error: EksError } {
  return { ok: false, error: { code, message, fields } };
}

export function unknownGroup(cluster: string, name: string): { readonly ok: false; readonly error: EksError } {
  return refusal("ResourceNotFoundException", `No node group found for name: ${name}.`, { clusterName: cluster, nodegroupName: name });
}

/** Groups that something is being done to take no second change. */
export function busyFault(group: Nodegroup): EksError | undefined {
  if (group.status === "ACTIVE" || group.status === "DEGRADED") return undefined;
  const fields = { clusterName: group.cluster, nodegroupName: group.name };
  return { code: "ResourceInUseException", message: "Nodegroup cannot be updated as it is currently not in Active State", fields };
}
