import {
  afterAnswer,
  afterSending,
  afterThrottling,
  Fault,
  fullBudget,
  maySendAt,
  type CallBudget,
  type Clock,
  type Millis,
} from "@slash28/ports";

export interface BudgetedCallsOptions {
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** How often a call without an answer is sent in all; 3 unless told. */
  readonly tries?: number;
}

/**
 * Sends one call of an action, again where that can help, within the node's budget. Rejects with what the last try did.
 *
 * @param patienceMs how long a throttled call is tried; a few seconds unless told, so that an operator hears of it. The pace outlasts the call.
 */
export type BudgetedCalls = <T>(action: string, send: () => Promise<T>, patienceMs?: number) => Promise<T>;

const PATIENCE_MS = 3_000;

const UNANSWERED_BASE_MS = 200;
const UNANSWERED_CAP_MS = 5_000;

/**
 * The way of every EC2 call of a node: one budget for all of them. A throttled call did nothing and is tried again at the
 * pace that the budget learns; a call without an answer a few times. After a try without an answer a refusal of a later one does not
 * say that nothing was done, so the call fails as unanswered.
 */
export function createBudgetedCalls(options: BudgetedCallsOptions): BudgetedCalls {
  const { clock, random, tries = 3 } = options;
  let budget: CallBudget = fullBudget(clock.now());

  /** `false`: not before the deadline. */
  const admitted = async (action: string, deadline: Millis): Promise<boolean> => {
    for (let at = maySendAt(budget, action, clock.now()); at > clock.now(); at = maySendAt(budget, action, clock.now())) {
      if (at > deadline) return false;
      await clock.sleep(at - clock.now());
    }
    budget = afterSending(budget, clock.now());
    return true;
  };

  return async <T>(action: string, send: () => Promise<T>, patienceMs = PATIENCE_MS): Promise<T> => {
    const deadline = clock.now() + patienceMs;
    let throttled: Fault | undefined;
    let unanswered: Fault | undefined;
    for (let misses = 0; ;) {
      if (!(await admitted(action, deadline))) throw unanswered ?? throttled ?? new Fault("EC2_THROTTLED", { api: action });
      try {
        const answer = await send();
        budget = afterAnswer(budget, action);
        return answer;
      } catch (cause) {
        if (!(cause instanceof Fault)) throw cause;
        if (cause.code === "EC2_THROTTLED") {
          throttled = cause;
          budget = afterThrottling(budget, action, clock.now(), random());
        } else if (cause.code === "EC2_UNREACHABLE") {
          unanswered = cause;
          if (++misses >= tries) throw cause;
          await clock.sleep(random() * Math.min(UNANSWERED_CAP_MS, UNANSWERED_BASE_MS * 2 ** misses));
        } else {
          budget = afterAnswer(budget, action);
          throw didNothing(cause) ? (unanswered ?? cause) : cause;
        }
      }
    }
  };
}

/** EC2 refused this try, or there were no keys to ask with. */
function didNothing({ code }: Fault): boolean {
  return code === "EC2_UNAUTHORIZED" || code === "NO_CREDENTIALS" || code === "METADATA_UNREACHABLE";
}
