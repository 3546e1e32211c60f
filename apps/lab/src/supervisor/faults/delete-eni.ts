import { asId, formatIpv4, type EniId } from "@slash28/address";
import type { Clock } from "@slash28/ports";
import type { Cloud, Eni } from "@slash28/vpc";
import { must } from "../must.ts";
import type { Begun } from "./fault-book.ts";

export interface DeleteEniOptions {
  readonly cloud: Cloud;
  readonly clock: Clock;
  /** Told after each change of the cloud. */
  readonly changed: () => void;
}

const DETACH_TIMEOUT_MS = 30_000;
const POLL_MS = 100;

/** Detaches an ENI by force and deletes it, as somebody in the console would, whatever pods have addresses of it. */
export async function deleteEni({ cloud, clock, changed }: DeleteEniOptions, id: string): Promise<Begun> {
  const eni = eniOf(cloud, id);
  const { attachment } = eni;
  if (attachment?.deviceIndex === 0) throw new Error(`${id} is the primary ENI of ${attachment.instanceId}: EC2 lets nobody detach it`);
  if (attachment !== undefined) {
    must("DetachNetworkInterface", cloud.detachEni({ attachmentId: attachment.id, isForced: true }, { now: clock.now() }));
    changed();
    const end = clock.now() + DETACH_TIMEOUT_MS;
    while (cloud.view.eni(eni.id)?.attachment !== undefined && clock.now() < end) await clock.sleep(POLL_MS);
  }
  must("DeleteNetworkInterface", cloud.deleteEni({ eniId: eni.id }, { now: clock.now() }));
  changed();
  const from = attachment === undefined ? "" : `, taken off ${attachment.instanceId}`;
  const carried = eni.secondaryAddresses.length + eni.prefixes.length * 16;
  return { detail: `${id} (${formatIpv4(eni.primaryAddress)}) deleted with ${carried} addresses for pods${from}` };
}

function eniOf(cloud: Cloud, id: string): Eni {
  const eni = cloud.view.eni(asId<EniId>(id));
  if (eni === undefined) throw new Error(`there is no ENI ${id}; see: aws ec2 describe-network-interfaces`);
  return eni;
}
