import type { SubnetId } from "@slash28/address";
import type { ObservedEni } from "./observe.ts";

/** Tag that names the instance an ENI was made for. */
export const INSTANCE_TAG = "node.k8s.amazonaws.com/instance_id";
/** Tag by which an operator keeps an ENI from the agent. */
export const NO_MANAGE_TAG = "node.k8s.amazonaws.com/no_manage";

/** Whether an attached ENI is the agent's to use. The primary one always is; a tag decides before MANAGE_UNTAGGED_ENI does. */
export function isManagedEni(
  eni: { readonly tags: Readonly<Record<string, string>>; readonly isPrimary: boolean },
  instanceId: string,
  manageUntagged: boolean,
): boolean {
  if (eni.isPrimary) return true;
  const noManage = eni.tags[NO_MANAGE_TAG];
  if (noManage !== undefined) return noManage !== "true";
  return eni.tags[INSTANCE_TAG] === instanceId || manageUntagged;
}

/** An ENI in the shape EC2 is asked through; only what is needed of it. */
export interface AttachedEniShape extends Omit<ObservedEni, "deviceIndex" | "networkCard"> {
  readonly attachment?: { readonly deviceIndex: number; readonly networkCard: number };
}

/** EC2's ENI as an observation; `undefined` when it is attached to nothing. */
export function observedEni(eni: AttachedEniShape): ObservedEni | undefined {
  const { attachment, id, mac, primaryAddress, addresses, prefixes, kind } = eni;
  if (attachment === undefined) return undefined;
  const subnetId: SubnetId = eni.subnetId;
  const { deviceIndex, networkCard } = attachment;
  return { id, mac, subnetId, deviceIndex, networkCard, primaryAddress, addresses, prefixes, ...(kind === undefined ? {} : { kind }) };
}
