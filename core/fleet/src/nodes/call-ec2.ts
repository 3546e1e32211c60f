import { afterAnswer, afterSending, afterThrottling, maySendAt, type FaultCode } from "@slash28/ports";
import type { Call, Ec2Error, Ec2Result } from "@slash28/vpc";
import type { Ec2Request } from "../cloud/ec2-side.ts";
import type { Steps } from "../time/steps.ts";
import type { World } from "../world.ts";
import type { FleetNode } from "./node.ts";

/** As the agent's EC2 client has it: how long a throttled call is tried. */
const PATIENCE_MS = 3_000;

/** What a node's call came to. */
export type NodeAnswer<T> =
  | { readonly ok: true; readonly value: T }
  /** `error` is absent where the node did not get through: it was throttled. */
  | { readonly ok: false; readonly fault: FaultCode; readonly error?: Ec2Error };

const THROTTLED = { ok: false, fault: "EC2_THROTTLED" } as const;

/**
 * Sends one call of a node within its budget, again at the budget's pace while EC2 throttles it: `createBudgetedCalls` of the agent's client, in
 * virtual time.
 */
export function* callEc2<T>(
  world: World,
  node: FleetNode,
  request: Ec2Request,
  work: (call: Call) => Ec2Result<T>,
  patienceMs: number = PATIENCE_MS,
): Steps<NodeAnswer<T>> {
  const { queue, ec2 } = world;
  const { action } = request;
  const deadline = queue.now + patienceMs;
  for (;;) {
    for (let at = maySendAt(node.budget, action, queue.now); at > queue.now; at = maySendAt(node.budget, action, queue.now)) {
      if (at > deadline) return THROTTLED;
      yield at - queue.now;
    }
    node.budget = afterSending(node.budget, queue.now);
    // As `ec2.send` has it, without a generator more for each of millions of calls.
    const latencyMs = ec2.latencyMs(action);
    yield Math.floor(latencyMs / 2);
    const answer = ec2.serve(request, work);
    yield Math.ceil(latencyMs / 2);
    if (answer.kind === "throttled") {
      node.budget = afterThrottling(node.budget, action, queue.now, world.random.next());
      continue;
    }
    node.budget = afterAnswer(node.budget, action);
    if (answer.kind === "done") return { ok: true, value: answer.value };
    return { ok: false, fault: answer.fault, error: answer.error };
  }
}
