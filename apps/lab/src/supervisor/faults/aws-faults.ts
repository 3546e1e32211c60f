import { AwsError, type Attempt, type Gate, type Hindrance } from "../../aws/index.ts";
import type { FaultOrder } from "../../control/index.ts";
import type { Begun } from "./fault-book.ts";

type Order<Kind extends FaultOrder["kind"]> = Extract<FaultOrder, { readonly kind: Kind }>;

/** Faults of AWS's answers: each is a rule at the gate that every request passes. */
export function beginAwsFault(gate: Gate, order: Order<"throttle" | "latency" | "fail" | "deny-permission">): Begun {
  const matches = actionMatcher(order.actions);
  let met = 0;
  const hinder = hindranceOf(order);
  const end = gate.add((attempt) => {
    if (!matches(attempt)) return undefined;
    const hindrance = hinder(attempt);
    if (hindrance !== undefined) met++;
    return hindrance;
  });
  return { detail: detailOf(order), end, outcome: () => `${met} call${met === 1 ? "" : "s"} met it` };
}

function hindranceOf(order: Order<"throttle" | "latency" | "fail" | "deny-permission">): (attempt: Attempt) => Hindrance | undefined {
  switch (order.kind) {
    case "throttle":
      return throttled;
    case "latency":
      return () => ({ delayMs: order.delayMs });
    case "deny-permission":
      return denied;
    case "fail":
      return share(order.percent, new AwsError(order.code, `An ordered fault of the lab: ${order.code}.`, order.status));
    default:
      return order satisfies never;
  }
}

function throttled({ service }: Attempt): AwsError {
  return service === "ec2" ? new AwsError("RequestLimitExceeded", "Request limit exceeded.") : new AwsError("Throttling", "Rate exceeded");
}

/** EC2 says no more than that; other services name the action. */
function denied({ service, action }: Attempt): AwsError {
  return service === "ec2"
    ? new AwsError(
        "UnauthorizedOperation",
        `You are not authorized to perform this operation. User is not authorized to perform: ec2:${action}`,
      )
    : new AwsError("AccessDenied", `User is not authorized to perform: ${service}:${action}`, 403);
}

/** So many of a hundred, evenly: the same calls in every run. */
function share(percent: number, error: AwsError): () => AwsError | undefined {
  let owed = 0;
  return () => {
    owed += percent;
    if (owed < 100) return undefined;
    owed -= 100;
    return error;
  };
}

/** Whether an attempt is one of `ec2:Describe*`; a pattern without a service means that action of any. Case does not count, as in IAM. */
export function actionMatcher(pattern: string): (attempt: Pick<Attempt, "service" | "action">) => boolean {
  const whole = pattern.includes(":") ? pattern : `*:${pattern}`;
  const escaped = whole
    .replaceAll(/[-\\^$+.()|[\]{}]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  const expression = new RegExp(`^${escaped}$`, "i");
  return ({ service, action }) => expression.test(`${service}:${action}`);
}

function detailOf(order: Order<"throttle" | "latency" | "fail" | "deny-permission">): string {
  switch (order.kind) {
    case "throttle":
      return `${order.actions} refused for being too many`;
    case "latency":
      return `${order.actions} answered ${order.delayMs} ms later`;
    case "fail":
      return `${order.percent} % of ${order.actions} answered with ${order.code}`;
    case "deny-permission":
      return `${order.actions} denied to everyone`;
    default:
      return order satisfies never;
  }
}
