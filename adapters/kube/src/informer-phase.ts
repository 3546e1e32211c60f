/** Where an informer stands: nothing listed yet (or history lost), or up to date as of a resource version. */
export interface InformerPhase {
  readonly resourceVersion: string | undefined;
  /** Failures since something last worked. */
  readonly failures: number;
}

export const FIRST_PHASE: InformerPhase = { resourceVersion: undefined, failures: 0 };

export type InformerHappening =
  | { readonly kind: "listed"; readonly resourceVersion: string }
  | { readonly kind: "event"; readonly resourceVersion: string | undefined }
  /** The server ended the watch; `events` is what it sent before. */
  | { readonly kind: "closed"; readonly events: number }
  | { readonly kind: "gone" }
  | { readonly kind: "failed" };

/** What comes after something happened. A watch that ends without a word counts as a failure, so that it is not reopened in a hot loop. */
export function nextPhase(phase: InformerPhase, happening: InformerHappening): InformerPhase {
  switch (happening.kind) {
    case "listed":
      return { resourceVersion: happening.resourceVersion, failures: phase.failures };
    case "event":
      return { resourceVersion: happening.resourceVersion ?? phase.resourceVersion, failures: 0 };
    case "closed":
      return happening.events > 0 ? { ...phase, failures: 0 } : { ...phase, failures: phase.failures + 1 };
    case "gone":
      return { resourceVersion: undefined, failures: phase.failures + 1 };
    case "failed":
      return { ...phase, failures: phase.failures + 1 };
    default:
      return happening satisfies never;
  }
}
