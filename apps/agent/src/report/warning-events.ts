import type { Clock, Fault, FaultCode, FaultFields } from "@slash28/ports";

/** How one fault is told to operators. */
export interface EventSpec {
  /** The event's reason; upstream's where it has such an event. */
  readonly reason: string;
  /** What the fault is about: a state of another object is a state of its own. */
  readonly of: (fields: FaultFields) => string;
  /** Told only when it has lasted this long; absent: at once. */
  readonly afterMs?: number;
  /** What is said when it is over; absent: nobody here notices. */
  readonly over?: (object: string) => string;
}

/** What an operator must act on, or wants to know of when it lasts, told as a Kubernetes event. docs/faults.md has the same list. */
export const EVENTS: Partial<Readonly<Record<FaultCode, EventSpec>>> = {
  EC2_THROTTLED: {
    reason: "EC2Throttled",
    of: field("api"),
    afterMs: 60_000,
    over: (api) => `EC2 takes ${api} again`,
  },
  EC2_UNREACHABLE: { reason: "EC2Unreachable", of: () => "", afterMs: 60_000, over: () => "EC2 answers again" },
  EC2_UNAUTHORIZED: { reason: "MissingIAMPermissions", of: field("api"), over: (api) => `the node's role may call ec2:${api} again` },
  NO_CREDENTIALS: { reason: "MissingCredentials", of: () => "", over: () => "the agent's calls are signed again" },
  EC2_FAILED: { reason: "EC2Refused", of: field("api"), afterMs: 60_000, over: (api) => `EC2 no longer refuses ${api}` },
  SUBNET_FULL: { reason: "InsufficientFreeAddresses", of: field("subnet"), over: (subnet) => `${subnet} gives addresses again` },
  SUBNET_FRAGMENTED: { reason: "InsufficientCidrBlocks", of: field("subnet"), over: (subnet) => `${subnet} gives prefixes again` },
  SUBNETS_UNKNOWN: { reason: "SubnetDiscoveryFailed", of: () => "" },
  INSTANCE_ENI_LIMIT: { reason: "InstanceENILimit", of: field("instance"), over: (instance) => `${instance} got another ENI` },
  METADATA_UNREACHABLE: {
    reason: "MetadataUnreachable",
    of: () => "",
    afterMs: 10_000,
    over: () => "the instance metadata service answers again",
  },
  HOST_TOOL_MISSING: { reason: "HostToolMissing", of: field("tool") },
  JOURNAL_FAILED: { reason: "JournalFailed", of: field("path"), over: (path) => `the journal ${path} can be written again` },
  JOURNAL_DAMAGED: { reason: "JournalDamaged", of: field("path") },
  JOURNAL_UNREADABLE: { reason: "JournalUnreadable", of: field("path") },
  ENI_CONFIG_UNUSABLE: { reason: "ENIConfigUnusable", of: field("name"), over: (name) => `ENIConfig ${name} gave the node an ENI` },
};

/** Behind the reason of an event that says that a state is over. */
const RESOLVED = "Resolved";
/** The same state of the same object is told again after this long. */
const EVERY_MS = 5 * 60_000;
/** A state that nobody spoke of for this long is no longer the same one. */
const FORGOTTEN_MS = 60 * 60_000;

/** What the node's and the agent pod's events say. */
export interface OperatorEvent {
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
  /** The call that was refused: `ec2:CreateTags`. */
  readonly action?: string;
}

/** `false` while there is nowhere to tell it. */
export type TellEvent = (event: OperatorEvent) => boolean;

export interface WarningEvents {
  /** A fault was met. Told when it is one for operators, once per state and object, and again while it lasts. */
  happened(fault: Fault): void;
  /** What the fault spoke of works again; without an object: all of that code. Cheap while nothing is wrong. */
  over(code: FaultCode, object?: string): void;
}

interface State {
  readonly since: number;
  heardAt: number;
  toldAt?: number;
}

export function createWarningEvents(tell: TellEvent, clock: Clock): WarningEvents {
  const states = new Map<FaultCode, Map<string, State>>();
  const stateOf = (code: FaultCode, object: string): State => {
    const ofCode = states.get(code) ?? new Map<string, State>();
    states.set(code, ofCode);
    const now = clock.now();
    for (const [each, { heardAt }] of ofCode) if (now - heardAt >= FORGOTTEN_MS) ofCode.delete(each);
    const state = ofCode.get(object) ?? { since: now, heardAt: now };
    state.heardAt = now;
    ofCode.set(object, state);
    return state;
  };
  return {
    happened(fault) {
      const spec = EVENTS[fault.code];
      if (spec === undefined) return;
      const state = stateOf(fault.code, spec.of(fault.fields));
      const now = clock.now();
      const isDue = state.toldAt === undefined ? now - state.since >= (spec.afterMs ?? 0) : now - state.toldAt >= EVERY_MS;
      if (!isDue) return;
      const action = fault.code === "EC2_UNAUTHORIZED" ? { action: `ec2:${fault.fields["api"]}` } : {};
      if (tell({ type: "Warning", reason: spec.reason, message: fault.message, ...action })) state.toldAt = now;
    },
    over(code, object) {
      const ofCode = states.get(code);
      if (ofCode === undefined || ofCode.size === 0) return;
      const spec = EVENTS[code];
      for (const [each, { toldAt }] of ofCode) {
        if (object !== undefined && object !== each) continue;
        ofCode.delete(each);
        if (toldAt !== undefined && spec?.over !== undefined)
          tell({ type: "Normal", reason: `${spec.reason}${RESOLVED}`, message: spec.over(each) });
      }
    },
  };
}

function field(name: string): (fields: FaultFields) => string {
  return (fields) => String(fields[name] ?? "");
}
