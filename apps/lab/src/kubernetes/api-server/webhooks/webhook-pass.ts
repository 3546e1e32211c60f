import { fail, sameJson, succeed, type ApiFailure, type KubeObject, type Result } from "@slash28/kube-store";

import type { AdmissionAct, AdmissionStage } from "../operations/admission-stage.ts";
import type { Cluster } from "../operations/cluster.ts";
import { matchedAs, type MatchContext } from "./match-webhook.ts";
import type { Webhook } from "./webhook.ts";

/** Ends a try of a write that has to wait for webhooks; nobody but the pass sees it. */
const NOT_YET: ApiFailure = { code: 500, reason: "InternalError", message: "webhooks have to be asked first" };

export type Waiting =
  | { readonly kind: "mutate"; readonly act: AdmissionAct; readonly webhooks: readonly Webhook[] }
  | { readonly kind: "validate"; readonly act: AdmissionAct; readonly webhooks: readonly Webhook[] };

/**
 * Lets a write, which happens in one turn, wait for webhooks, which do not: the write is tried, stops where webhooks have to be asked,
 * and is tried again with their answers. An answer counts for the very objects it was given for: when somebody else changed the
 * stored object meanwhile, webhooks are asked about the new state, as upstream does.
 */
export class WebhookPass implements AdmissionStage {
  readonly #inner: AdmissionStage;
  readonly #webhooks: { readonly mutating: readonly Webhook[]; readonly validating: readonly Webhook[] };
  readonly #context: MatchContext;
  readonly #mutated: { readonly act: AdmissionAct; readonly object: KubeObject | undefined }[] = [];
  readonly #validated: AdmissionAct[] = [];
  #asked: AdmissionAct | undefined;
  #waiting: Waiting | undefined;

  constructor(
    inner: AdmissionStage,
    webhooks: { readonly mutating: readonly Webhook[]; readonly validating: readonly Webhook[] },
    context: MatchContext,
  ) {
    this.#inner = inner;
    this.#webhooks = webhooks;
    this.#context = context;
  }

  /** What the last try waits for; `undefined` when it came to its end. */
  takeWaiting(): Waiting | undefined {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    return waiting;
  }

  mutate(act: AdmissionAct): Result<KubeObject | undefined> {
    this.#asked = act;
    const known = this.#mutated.find((one) => isSameAct(one.act, act));
    if (known !== undefined) return this.#inner.mutate({ ...act, object: known.object });
    const webhooks = this.#concerned(this.#webhooks.mutating, act);
    if (webhooks.length === 0) return this.#inner.mutate(act);
    this.#waiting = { kind: "mutate", act, webhooks };
    return fail(NOT_YET);
  }

  validate(act: AdmissionAct): Result<undefined> {
    const own = this.#inner.validate(act);
    if (!own.ok || this.#validated.some((one) => isSameAct(one, act))) return own;
    const webhooks = this.#concerned(this.#webhooks.validating, act);
    if (webhooks.length === 0) return succeed(undefined);
    this.#waiting = { kind: "validate", act, webhooks };
    return fail(NOT_YET);
  }

  setMutated(act: AdmissionAct, object: KubeObject | undefined): void {
    this.#mutated.unshift({ act, object });
  }

  /** What was found good is what the next try goes on with: addresses and names given in the last one are kept. */
  setValidated(act: AdmissionAct): void {
    this.#validated.push(act);
    if (this.#asked !== undefined) this.#mutated.unshift({ act: this.#asked, object: act.object });
  }

  #concerned(webhooks: readonly Webhook[], act: AdmissionAct): readonly Webhook[] {
    return isExempt(act) ? [] : webhooks.filter((webhook) => matchedAs(webhook, act, this.#context) !== undefined);
  }
}

const EXEMPT_GROUP = "admissionregistration.k8s.io";

/** Nobody can lock the cluster out of what would let it in again. */
export function isExempt({ definition }: AdmissionAct): boolean {
  return definition.group === EXEMPT_GROUP;
}

function isSameAct(left: AdmissionAct, right: AdmissionAct): boolean {
  return (
    left.operation === right.operation &&
    left.definition === right.definition &&
    left.subresource === right.subresource &&
    (left.before === right.before || sameJson(left.before, right.before)) &&
    sameJson(left.object, right.object)
  );
}

/** The cluster as it was when a write was first tried: the same moment, and the same unique ids in the same order. */
export function steady(cluster: Cluster): { readonly cluster: Cluster; readonly rewind: () => void } {
  const uids: string[] = [];
  let next = 0;
  const now = cluster.now();
  const newUid = (): string => {
    const uid = uids[next] ?? cluster.newUid();
    uids[next++] = uid;
    return uid;
  };
  return { cluster: { ...cluster, now: () => now, newUid }, rewind: () => void (next = 0) };
}
