import { z } from "zod";

/** The longest a fault may last, in seconds: an hour. */
export const FAULT_SECONDS_MAX = 3_600;

const seconds = z.int().min(1).max(FAULT_SECONDS_MAX);
/** `ec2:CreateNetworkInterface`, `ec2:Describe*`, `*`: `*` stands for anything, `?` for one character. */
const actions = z.string().regex(/^[A-Za-z0-9*?:-]{1,128}$/, "must be such as ec2:CreateNetworkInterface or ec2:Describe*");
const node = z.string().min(1).max(253);
/** The lab's own when absent. */
const cluster = z.string().min(1).max(100).optional();
const subnet = z.string().regex(/^subnet-[0-9a-f]{8,17}$/, "must be a subnet id");

/** A bad day, as an operator orders it. Each kind has what it needs and nothing else. */
export const faultOrderSchema = z.discriminatedUnion("kind", [
  /** AWS refuses the calls for being too many. */
  z.strictObject({ kind: z.literal("throttle"), seconds, actions: actions.default("ec2:*") }),
  /** AWS takes that much longer to answer. */
  z.strictObject({ kind: z.literal("latency"), seconds, actions: actions.default("*"), delayMs: z.int().min(1).max(120_000) }),
  /** AWS answers that share of the calls with an error. */
  z.strictObject({
    kind: z.literal("fail"),
    seconds,
    actions: actions.default("ec2:*"),
    code: z
      .string()
      .regex(/^[A-Za-z][A-Za-z.]{1,63}$/, "must be an AWS error code")
      .default("InternalError"),
    status: z.int().min(400).max(599).optional(),
    percent: z.int().min(1).max(100).default(100),
  }),
  /** IAM denies the calls to whoever it is. */
  z.strictObject({ kind: z.literal("deny-permission"), seconds, actions }),
  /** The metadata service goes on telling what was true when it began. */
  z.strictObject({ kind: z.literal("stale-imds"), seconds, node: node.optional(), cluster }),
  /** Somebody else takes the free addresses of a subnet, but for so many. */
  z.strictObject({ kind: z.literal("fill-subnet"), seconds, subnet, leave: z.int().min(0).max(65_536).default(0) }),
  /** Somebody else takes one address out of every free /28 of a subnet. */
  z.strictObject({ kind: z.literal("fragment-subnet"), seconds, subnet }),
  /** Somebody detaches and deletes an ENI, whatever it carries. Happens once. */
  z.strictObject({ kind: z.literal("delete-eni"), eni: z.string().regex(/^eni-[0-9a-f]{8,17}$/, "must be an ENI id") }),
  /** A node's network is cut: no packet in or out, and its kubelet does not reach the API. */
  z.strictObject({ kind: z.literal("cut-node"), seconds, node, cluster }),
  /** A node's instance is stopped, and started again afterwards. */
  z.strictObject({ kind: z.literal("stop-node"), seconds, node, cluster }),
  /** The cluster's API accepts no connection, and its controllers stand still. */
  z.strictObject({ kind: z.literal("api-server-down"), seconds, cluster }),
]);

export type FaultOrder = z.output<typeof faultOrderSchema>;
export type FaultKind = FaultOrder["kind"];

/** A fault that was ordered, until it ends by itself or is cleared. */
export interface LabFault {
  /** `fault-1`, counted from the lab's start. */
  readonly id: string;
  readonly kind: FaultKind;
  readonly since: string;
  /** Absent for what happens once. */
  readonly until?: string;
  /** What it does to what, for a person. */
  readonly detail: string;
}
