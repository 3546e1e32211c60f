import { AGENT_PACE } from "@slash28/ipam";
import type { Steps } from "../time/steps.ts";
import type { LeakedEni, World } from "../world.ts";
import { callEc2 } from "./call-ec2.ts";
import { deleteEni } from "./eni-accounts.ts";
import type { FleetNode } from "./node.ts";

/** Each agent looks every hour for ENIs that nodes left behind, and deletes them. */
export function* sweepNowAndThen(world: World, node: FleetNode): Steps<never> {
  for (;;) {
    yield Math.floor(AGENT_PACE.sweepEveryMs + world.random.next() * AGENT_PACE.sweepSpreadMs);
    if (node.phase !== "serving" || node.settings.enis.leakCleanupDisabled) continue;
    const isOld = ({ at }: LeakedEni): boolean => world.queue.now - at >= AGENT_PACE.leakedAfterMs;
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
