import { answerKubernetes, bareReply, type DnsReply, type KubernetesSettings } from "@slash28/cluster-dns";
import type { FollowedCluster } from "../cluster/follow-cluster.ts";
import type { Ask, Handler } from "../ask.ts";

export interface KubernetesParts {
  readonly cluster: FollowedCluster;
  readonly ownAddresses: () => readonly string[];
  /** Asks this server anew, for where an alias leads. */
  readonly lookUp: Handler;
}

const ALIASES_MAX = 8;

/** Names of the cluster. Until all of it has been seen nothing is said of it: half a view would deny names that exist. */
export function kubernetesHandler(
  settings: KubernetesSettings,
  { cluster, ownAddresses, lookUp }: KubernetesParts,
  next: Handler,
): Handler {
  return async (ask) => {
    const outcome = answerKubernetes(settings, cluster.names, { ...ask.question, ownAddresses: ownAddresses() });
    if (outcome.kind === "next") return next(ask);
    if (!cluster.isComplete()) return bareReply("SERVFAIL");
    if (outcome.kind === "answer") return outcome.reply;
    const alone: DnsReply = { rcode: "NOERROR", isAuthoritative: true, answers: [outcome.alias], authority: [], additional: [] };
    if (ask.question.type === "CNAME" || ask.depth >= ALIASES_MAX) return alone;
    const followed: Ask = { ...ask, question: { name: outcome.target, type: ask.question.type }, depth: ask.depth + 1 };
    const reply = await lookUp(followed);
    // The code is that of where the alias leads (RFC 6604); the alias itself stands in any case.
    return { ...alone, rcode: reply.rcode === "REFUSED" ? "SERVFAIL" : reply.rcode, answers: [outcome.alias, ...reply.answers] };
  };
}
