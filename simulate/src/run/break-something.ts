import type { FaultKind, Random } from "@slash28/simulation";
import type { AgentHost } from "../agent/agent-host.ts";
import type { Kubelet } from "../pods/kubelet.ts";
import type { World } from "../world/world.ts";
import { addEni, changeGroups, deleteEni, detachEni, growVpc, takeAddress } from "../world/hand-made.ts";
import { fillSubnet, fragmentSubnet } from "../world/neighbours.ts";

export interface Stage {
  readonly world: World;
  readonly host: AgentHost;
  readonly kubelet: Kubelet;
}

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const RESTARTS_SOON_MS = [50, 500] as const;
const PODS_COME_MS = [500, 2 * SECOND] as const;

/** Longest that each lasting fault lasts. The metadata service trails EC2 by less than a minute (`METADATA_LAG_MS`). */
const LASTS_MS: Partial<Readonly<Record<FaultKind, number>>> = {
  "journal-broken": 20 * SECOND,
  "kernel-refuses": 20 * SECOND,
  "reply-lost": 60 * SECOND,
  "request-lost": 60 * SECOND,
  "reply-late": 120 * SECOND,
  duplicated: 120 * SECOND,
  throttled: 120 * SECOND,
  unauthorized: 90 * SECOND,
  partial: 120 * SECOND,
  "metadata-stale": 50 * SECOND,
  "metadata-away": 60 * SECOND,
  "kube-away": 300 * SECOND,
  "eni-config-missing": 120 * SECOND,
};

/** Makes one fault happen. */
export function breakSomething(kind: FaultKind, { world, host, kubelet }: Stage, random: Random): void {
  world.note(`fault ${kind}`);
  const lastsMs = LASTS_MS[kind];
  if (lastsMs !== undefined) return world.windows.open(kind, random.between(SECOND, lastsMs));
  switch (kind) {
    case "crash":
      return host.crash(random);
    case "crash-in-call":
      return host.armCrash(random);
    case "crash-in-flight":
      return world.wire.delayNext(() => {
        host.crash(random, RESTARTS_SOON_MS);
        // Pods that come before the request does: they may get what it is about.
        const inMs = random.between(...PODS_COME_MS);
        world.timeline.schedule(inMs, { label: "pods come", fire: () => kubelet.come(random.between(2, 24)) });
      });
    case "cordon":
      return cordon({ world, host }, random);
    case "eni-detached":
      return void detachEni(world, random);
    case "eni-deleted":
      return deleteEni(world, random);
    case "address-taken":
      return takeAddress(world, random);
    case "eni-added":
      return addEni(world, random);
    case "subnet-filled":
      return fillSubnet(world, random);
    case "subnet-fragmented":
      return fragmentSubnet(world, random);
    case "groups-changed":
      return changeGroups(world);
    case "vpc-grown":
      return growVpc(world);
    case "eni-config-changed":
      world.eniConfigSubnet = random.pick(world.side.subnets);
      return world.note(`the ENIConfig names ${world.eniConfigSubnet}`);
    case "clock-jump":
      return jump(world, kubelet, random.pick([HOUR, 30 * SECOND, 5 * SECOND, -5 * SECOND, -30 * SECOND, -HOUR]));
    case "pod-vanished":
      return kubelet.loseNamespace(random);
    case "rollout":
      return host.rollOut(random.pick(world.scenario.settings), random);
    default:
      // The others last, or come with a crash.
      return undefined;
  }
}

function cordon({ world, host }: Pick<Stage, "world" | "host">, random: Random): void {
  if (host.isUnschedulable) return;
  host.isUnschedulable = true;
  host.nodeChanged();
  world.timeline.schedule(random.between(SECOND, 120 * SECOND), { label: "uncordon", fire: () => uncordon(host) });
}

export function uncordon(host: AgentHost): void {
  host.isUnschedulable = false;
  host.nodeChanged();
}

function jump(world: World, kubelet: Kubelet, ms: number): void {
  world.note(`the clock is set ${ms} ms on`);
  world.clockOffsetMs += ms;
  kubelet.clockJumped(ms);
}
