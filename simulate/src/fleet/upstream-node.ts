import { parseSettings } from "@slash28/ipam";
import { limitsOf } from "@slash28/limits";
import { Fault } from "@slash28/ports";
import { sdkStandardRetry, type AwsCall } from "../upstream/sdk-retry.ts";
import { UpstreamDaemon } from "../upstream/upstream-daemon.ts";
import type { NodeStart } from "./agent-node.ts";

const FIRST_RESTART_MS = 10_000;
const LAST_RESTART_MS = 300_000;

/** Starts upstream's daemon on a node of the fleet, and again with kubelet's back-off whenever it exits; tells whether it has an address. */
export function startUpstream({ fleet, node, env, clock, random, onBug }: NodeStart): () => boolean {
  const { identity } = node;
  const { settings } = parseSettings(env);
  const limits = limitsOf(identity.instanceType);
  if (limits === undefined) throw new TypeError(`${identity.instanceType} is not in the table of limits`);
  const retry = sdkStandardRetry(clock, random);
  const call: AwsCall = (action, work) => retry(action, () => fleet.send(action, clock, work));
  const { customNetworking } = settings.pool;
  let daemon: UpstreamDaemon | undefined;
  const live = async (): Promise<void> => {
    for (let restartInMs = FIRST_RESTART_MS; ; restartInMs = Math.min(LAST_RESTART_MS, restartInMs * 2)) {
      daemon = new UpstreamDaemon({
        ports: { clock, random, ec2: fleet.ec2, metadata: node.metadata, call },
        identity: {
          instanceId: identity.instanceId,
          vpcId: identity.vpcId,
          zone: identity.zone,
          subnetId: identity.subnetId,
          primaryEni: identity.primaryEni,
          eniConfigSubnet: customNetworking ? fleet.podSubnet : undefined,
          hasDiscovery: settings.enis.subnetDiscovery,
        },
        facts: { settings: settings.pool, maxEnis: limits.maxEnis, slotsPerEni: limits.ipv4PerEni - 1, maxPods: 29 },
        checkpoint: { held: new Map() },
      });
      try {
        await daemon.start();
        await daemon.run();
      } catch (cause) {
        if (!(cause instanceof Fault)) throw cause;
        await clock.sleep(restartInMs);
      }
    }
  };
  live().catch(onBug);
  return () => daemon !== undefined && daemon.memory.store.counts(clock.now()).total > 0;
}
