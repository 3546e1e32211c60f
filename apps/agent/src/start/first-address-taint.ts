import { isConflict, refusedStatus, RESOURCES } from "@slash28/kube";
import { Fault, type Clock, type Kube, type KubeObject, type Log } from "@slash28/ports";
import type { Node } from "../node.ts";

/** Keeps new pods off a node that has not had an address yet: they start elsewhere instead of waiting here. Its value says what is missing. */
export const NO_ADDRESS_TAINT = "slash28.dev/no-address";

export interface TaintOptions {
  readonly kube: Pick<Kube, "get" | "patch">;
  readonly nodeName: string;
  readonly clock: Clock;
  readonly log: Log;
  /** What the node waits for, as the taint's value; `undefined` once it has an address. */
  readonly whatIsMissing: () => string | undefined;
}

interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
}

const LOOK_MS = 250;
const RETRY_MS = 5_000;
const CONFLICTS_MAX = 5;

/** What a node without any address waits for, in a taint value's characters; `undefined` when it holds one. */
export function whatIsMissing({ ledger, lastFault }: Pick<Node, "ledger" | "lastFault">, now: number): string | undefined {
  if (ledger.counts(now).held > 0) return undefined;
  if (lastFault === undefined) return "first-address";
  const text = lastFault.code === "ENI_CONFIG_UNUSABLE" ? `ENIConfig.${lastFault.fields["name"]}` : lastFault.code;
  return text.replaceAll(/[^\w.-]/g, "-").slice(0, 63);
}

/**
 * Puts the taint on a node that has no address yet, and takes it off with the first one; also one that an earlier agent left. Resolves when
 * it is on, or cannot be put on now: the agent serves pods all the same. Call it before the node shows itself ready for pods.
 */
export async function holdPodsOff(options: TaintOptions): Promise<{ readonly over: Promise<void> }> {
  const first = await tryToShow(options, options.whatIsMissing());
  return { over: follow(options, first) };
}

type Shown = { readonly value: string | undefined } | "not-now" | "not-allowed";

async function follow(options: TaintOptions, first: Shown): Promise<void> {
  const { clock, whatIsMissing } = options;
  let shown = first;
  while (shown !== "not-allowed" && (shown === "not-now" || shown.value !== undefined)) {
    await clock.sleep(shown === "not-now" ? RETRY_MS : LOOK_MS);
    const value = whatIsMissing();
    if (shown === "not-now" || value !== shown.value) shown = await tryToShow(options, value);
  }
}

/** Makes the node's taint say this; `undefined` takes it off. */
async function tryToShow({ kube, nodeName, log }: TaintOptions, value: string | undefined): Promise<Shown> {
  try {
    for (let tries = 0; tries < CONFLICTS_MAX; tries++) if (await show(kube, nodeName, value)) return { value };
    return "not-now";
  } catch (cause) {
    if (!(cause instanceof Fault) || cause.blame === "bug") throw cause;
    if (refusedStatus(cause) !== 403) return "not-now";
    log.warn("the agent may not taint its node while it has no address; let its ClusterRole patch nodes", { why: cause.message });
    return "not-allowed";
  }
}

/** `false`: someone changed the node in between. */
async function show(kube: TaintOptions["kube"], nodeName: string, value: string | undefined): Promise<boolean> {
  const node = await kube.get(RESOURCES.nodes, nodeName);
  const taints = node === undefined ? undefined : taintsWith(node, value);
  if (node === undefined || taints === undefined) return true;
  const body = { metadata: { resourceVersion: node.metadata.resourceVersion }, spec: { taints } };
  try {
    await kube.patch(RESOURCES.nodes, nodeName, undefined, { kind: "merge", body });
    return true;
  } catch (cause) {
    if (isConflict(cause)) return false;
    throw cause;
  }
}

/** The node's taints with ours saying this, others as they are; `undefined` when they are so already. */
function taintsWith(node: KubeObject, value: string | undefined): readonly Taint[] | undefined {
  const { taints = [] } = (node["spec"] ?? {}) as { readonly taints?: readonly Taint[] };
  const ours = taints.find((taint) => taint.key === NO_ADDRESS_TAINT);
  if (ours?.value === value) return undefined;
  const others = taints.filter((taint) => taint.key !== NO_ADDRESS_TAINT);
  return value === undefined ? others : [...others, { key: NO_ADDRESS_TAINT, value, effect: "NoSchedule" }];
}
