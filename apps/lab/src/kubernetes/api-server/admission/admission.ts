import type { Result } from "@slash28/kube-store";

import type { Authorizer } from "../authorization/authorizer.ts";
import type { Identity } from "../face.ts";
import type { AdmissionStage } from "../operations/admission-stage.ts";
import type { Cluster } from "../operations/cluster.ts";
import { CallerStage } from "./caller-stage.ts";

/** One write to the cluster. It may be tried more than once, and changes nothing until it succeeds. */
export type Write<T> = (cluster: Cluster, stage: AdmissionStage) => Result<T>;

/** What of a write concerns admission besides the write itself. */
export interface Writer {
  readonly identity: Identity;
  /** Takes what the client should be told besides the answer. */
  readonly warn: (warning: string) => void;
}

/** Has writes pass the admission of whoever makes them. */
export class Admission {
  readonly #cluster: Cluster;
  readonly #authorizer: Authorizer;

  constructor(cluster: Cluster, authorizer: Authorizer) {
    this.#cluster = cluster;
    this.#authorizer = authorizer;
  }

  async carryOut<T>(writer: Writer, write: Write<T>): Promise<Result<T>> {
    return write(this.#cluster, new CallerStage(this.#cluster.store, this.#authorizer, writer.identity));
  }
}
