import type { ReplaceNodesChange } from "../fleet-change.ts";
import { endNode } from "../groups/end-node.ts";
import { launch } from "../groups/launch.ts";
import type { NodeGroup } from "../groups/node-group.ts";
import type { FleetNode } from "../nodes/node.ts";
import type { Steps } from "../time/steps.ts";
import { groupOf, type World } from "../world.ts";

/** How often it is looked whether new nodes take pods. */
const LOOK_MS = 5_000;
/** A launch that found no address is tried again after this. */
const RETRY_MS = 60_000;

/** Replaces a group's nodes, so many at a time: new ones first, or old ones first. */
export function* replaceNodes(world: World, change: ReplaceNodesChange): Steps<void> {
  const group = groupOf(world, change.group);
  const old = byTurns([...group.nodes]);
  for (const node of old) node.isLeaving = true;
  const total = change.nodes ?? old.length;
  const { instanceType, maxPods, podsPerNodeByCompute } = change;
  group.spec = {
    ...group.spec,
    nodes: total,
    ...(instanceType === undefined ? {} : { instanceType }),
    ...(maxPods === undefined ? {} : { maxPods }),
    ...(podsPerNodeByCompute === undefined ? {} : { podsPerNodeByCompute }),
  };
  const width = Math.max(1, change.maxUnavailable);
  let made = 0;
  for (let gone = 0; gone < old.length; gone += width) {
    const leaving = old.slice(gone, gone + width);
    const due = Math.round((total * Math.min(old.length, gone + width)) / old.length);
    if (!change.launchFirst) yield* endAll(world, leaving);
    if (due > made) yield* launchAll(world, group, due - made, change.nodeReadyAfterMs);
    made = Math.max(made, due);
    if (change.launchFirst) yield* endAll(world, leaving);
  }
}

/** One of each zone after another. */
function byTurns(nodes: readonly FleetNode[]): readonly FleetNode[] {
  const seen = new Map<string, number>();
  const turns = nodes.map((node) => {
    const turn = seen.get(node.zone) ?? 0;
    seen.set(node.zone, turn + 1);
    return { node, turn };
  });
  return turns.sort((a, b) => a.turn - b.turn).map(({ node }) => node);
}

function* endAll(world: World, nodes: readonly FleetNode[]): Steps<void> {
  for (const node of nodes) yield* endNode(world, node);
}

/** Until that many new nodes take pods; one that never does holds the replacement up, as it does in EKS. */
function* launchAll(world: World, group: NodeGroup, count: number, readyAfterMs: number): Steps<void> {
  const fresh: FleetNode[] = [];
  for (;;) {
    if (fresh.length < count) fresh.push(...(yield* launch(world, group, count - fresh.length, readyAfterMs)));
    if (fresh.length >= count && fresh.every((node) => node.hadAddress || node.phase === "gone")) return;
    yield fresh.length < count ? RETRY_MS : LOOK_MS;
  }
}
