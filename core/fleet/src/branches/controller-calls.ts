import type { Call, Ec2Error, Ec2Result } from "@slash28/vpc";
import type { Steps } from "../time/steps.ts";
import type { World } from "../world.ts";
import { ClientPace } from "./client-pace.ts";

/** How the controller waits after EC2 throttled it, on average: its SDK's back-off and its queue's together. */
const THROTTLED_MS = 2_000;
/** Its defaults for each of its two clients (`--user-client-qps`, `--instance-client-qps`). */
const PACE = { perSecond: 12, burst: 18 };

export type ControllerAnswer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: Ec2Error };

/** EC2 as the VPC resource controller calls it: one for the whole cluster, in the control plane, at a pace of its own. */
export class ControllerCalls {
  readonly #user = new ClientPace(PACE);
  readonly #instance = new ClientPace(PACE);

  /** Throttled calls are tried again for as long as it takes. Trunk associations go by a client of their own. */
  *call<T>(world: World, action: string, work: (call: Call) => Ec2Result<T>): Steps<ControllerAnswer<T>> {
    const { queue, ec2, random } = world;
    const pace = action.endsWith("TrunkInterface") ? this.#instance : this.#user;
    for (;;) {
      yield Math.ceil(pace.book(queue.now));
      const answer = yield* ec2.send({ action }, work);
      if (answer.kind === "done") return { ok: true, value: answer.value };
      if (answer.kind === "refused") return { ok: false, error: answer.error };
      yield Math.ceil(THROTTLED_MS * (0.5 + random.next()));
    }
  }
}
