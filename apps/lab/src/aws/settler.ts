import { asId, type AttachmentId, type EniId, type InstanceId } from "@slash28/address";
import type { Clock, Log } from "@slash28/ports";
import type { Cloud, NatGatewayId } from "@slash28/vpc";
import { settleMs, type Ec2Profile } from "./throttle/profile.ts";

export interface SettlerOptions {
  readonly cloud: Cloud;
  readonly clock: Clock;
  readonly profile: Ec2Profile;
  readonly random: () => number;
  readonly log: Log;
  readonly afterMutation: () => Promise<void> | void;
}

/** Ends passing states (attaching, pending, …) when their time has come. Does nothing over a cloud that settles at once. */
export interface Settler {
  /** Settles what the profile gives no time, so that a call's own effects are there before it is answered. */
  settleDue(): void;
  close(): void;
}

type Passing =
  | { readonly kind: "attachment"; readonly id: AttachmentId; readonly state: string }
  | { readonly kind: "instance"; readonly id: InstanceId; readonly state: string }
  | { readonly kind: "nat-gateway"; readonly id: NatGatewayId; readonly state: string };

export function createSettler({ cloud, clock, profile, random, log, afterMutation }: SettlerOptions): Settler {
  const stop = new AbortController();
  /** Passing states of which the end is already planned, each with the time it takes. */
  const planned = new Map<string, { readonly passing: Passing; readonly delayMs: number }>();

  const settle = (key: string, passing: Passing): void => {
    if (!planned.delete(key)) return;
    const call = { now: clock.now() };
    switch (passing.kind) {
      case "attachment":
        cloud.settleAttachment({ attachmentId: passing.id }, call);
        return;
      case "instance":
        cloud.settleInstance({ instanceId: passing.id }, call);
        return;
      case "nat-gateway":
        cloud.settleNatGateway({ natGatewayId: passing.id }, call);
        return;
      default:
        passing satisfies never;
    }
  };

  const settleLater = async (key: string, passing: Passing, delayMs: number): Promise<void> => {
    await clock.sleep(delayMs, stop.signal);
    if (stop.signal.aborted || !planned.has(key)) return;
    settle(key, passing);
    await afterMutation();
  };

  const plan = (ids: readonly string[]): void => {
    for (const passing of passingStates(cloud, ids)) {
      const key = `${passing.id} ${passing.state}`;
      if (planned.has(key)) continue;
      const delayMs = settleMs(profile, passing.state, random());
      planned.set(key, { passing, delayMs });
      settleLater(key, passing, delayMs).catch((cause: unknown) => {
        log.error("following a settled change failed", { object: passing.id, detail: String(cause) });
      });
    }
  };
  const unsubscribe = cloud.subscribe(({ touched }) => plan(touched));
  // A cloud that was kept may have been left in the middle of something.
  plan([...cloud.view.enis(), ...cloud.view.instances(), ...cloud.view.natGateways()].map(({ id }) => id));

  return {
    settleDue() {
      for (const [key, { passing, delayMs }] of planned) if (delayMs === 0) settle(key, passing);
    },
    close() {
      unsubscribe();
      stop.abort();
    },
  };
}

const PASSING_NAT = new Set(["pending", "deleting"]);
const PASSING_INSTANCE = new Set(["pending", "stopping", "shutting-down"]);

function passingStates(cloud: Cloud, ids: readonly string[]): readonly Passing[] {
  return ids.flatMap((id): Passing[] => {
    const attachment = cloud.view.eni(asId<EniId>(id))?.attachment;
    if (attachment !== undefined && attachment.status !== "attached") {
      return [{ kind: "attachment", id: attachment.id, state: attachment.status }];
    }
    const nat = cloud.view.natGateway(asId<NatGatewayId>(id));
    if (nat !== undefined) {
      return PASSING_NAT.has(nat.state) ? [{ kind: "nat-gateway", id: nat.id, state: `nat-gateway-${nat.state}` }] : [];
    }
    const instance = cloud.view.instance(asId<InstanceId>(id));
    return instance !== undefined && PASSING_INSTANCE.has(instance.state)
      ? [{ kind: "instance", id: instance.id, state: instance.state }]
      : [];
  });
}
