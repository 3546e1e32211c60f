import type { ApiFailure, Result } from "@slash28/kube-store";

import type { Authorizer } from "../authorization/authorizer.ts";
import type { Identity } from "../face.ts";
import type { AdmissionStage } from "../operations/admission-stage.ts";
import type { Cluster } from "../operations/cluster.ts";
import { mutateByWebhooks, validateByWebhooks, type WebhookRun } from "../webhooks/run-webhooks.ts";
import type { WebhookBook } from "../webhooks/webhook-book.ts";
import { steady, WebhookPass } from "../webhooks/webhook-pass.ts";
import { CallerStage } from "./caller-stage.ts";
import type { PodIdentitySource } from "./give-identity.ts";

/** One write to the cluster. It may be tried more than once, and changes nothing until it succeeds. */
export type Write<T> = (cluster: Cluster, stage: AdmissionStage) => Result<T>;

/** What of a write concerns admission besides the write itself. */
export interface Writer {
  readonly identity: Identity;
  /** Takes what the client should be told besides the answer. */
  readonly warn: (warning: string) => void;
}

export interface AdmissionOptions {
  readonly cluster: Cluster;
  readonly authorizer: Authorizer;
  readonly book: WebhookBook;
  readonly run: WebhookRun;
  readonly podIdentity?: PodIdentitySource | undefined;
}

/** Each try but the last ends where webhooks are asked: twice for most writes, more when others change the object meanwhile. */
const TRIES_MAX = 16;

/** Has writes pass the admission of whoever makes them. */
export class Admission {
  readonly #options: AdmissionOptions;

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  async carryOut<T>(writer: Writer, write: Write<T>): Promise<Result<T>> {
    const { cluster, authorizer, book, run, podIdentity } = this.#options;
    const stage = new CallerStage({ authorizer, policies: book.policies, context: run, writer, podIdentity });
    if (book.mutating.length === 0 && book.validating.length === 0) return write(cluster, stage);
    const pass = new WebhookPass(stage, book, run);
    const replay = steady(cluster);
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      replay.rewind();
      const result = write(replay.cluster, pass);
      const waiting = pass.takeWaiting();
      if (waiting === undefined) return result;
      const { act, webhooks } = waiting;
      if (waiting.kind === "mutate") {
        const mutated = await mutateByWebhooks(webhooks, act, writer, run);
        if (!mutated.ok) return mutated;
        pass.setMutated(act, mutated.value);
      } else {
        const validated = await validateByWebhooks(webhooks, act, writer, run);
        if (!validated.ok) return validated;
        pass.setValidated(act);
      }
    }
    return { ok: false, failure: BUSY };
  }
}

const BUSY: ApiFailure = {
  code: 409,
  reason: "Conflict",
  message: "the object changed each time its webhooks had answered; please try again",
};
