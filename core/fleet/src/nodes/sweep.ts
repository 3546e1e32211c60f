import type { Steps } from "../time/steps.ts";
import type { LeakedEni, World } from "../world.ts";
import { callEc2 } from "./call-ec2.ts";
import { deleteEni } from "./eni-accounts.ts";
import type { FleetNode } from "./node.ts";

/** The agent's, in `agent.ts`: nodes that started together must not ask together. */
const SWEEP_EVERY_MS = 3_600_000;
const SWEEP_SPREAD_MS = 300_000;
/** A younger ENI may be on its way to its instance. */
const LEAST_AGE_MS = 300_000;

/** Each agent looks every hour for ENIs that nodes left behind, and deletes them. */
export function* sweepNowAndThen(world: World, node: FleetNode): Steps<never> {
  for (;;) {
    yield Math.floor(SWEEP_EVERY_MS + world.random.next() * SWEEP_SPREAD_MS);
    if (node.phase !== "serving" || node.settings.enis.leakCleanupDisabled) continue;
    const isOld = ({ at }: LeakedEni): boolean => world.queue.now - at >= LEAST_AGE_MS;
    const seen = yield* callEc2(world, node, { action: "DescribeNetworkInterfaces" }, () => ({
      ok: true,
      value: world.leaked.filter(isOld),
    }));
    if (!seen.ok) continue;
    for (const leaked of seen.value) {
      const { eni } = leaked;
      yield* callEc2(world, node, { action: "DeleteNetworkInterface" }, (call) => deleteEni(world, leaked.node, eni, call));
      if (world.network.cloud.view.eni(eni) === undefined) drop(world.leaked, leaked);
    }
  }
}

function drop<T>(list: T[], item: T): void {
  const index = list.indexOf(item);
  if (index >= 0) list.splice(index, 1);
}
