import type { Authorizer } from "../authorization/authorizer.ts";
import type { ApiServerOptions } from "../face.ts";
import type { Cluster } from "../operations/cluster.ts";
import { dialDirectly } from "../webhooks/call-webhook.ts";
import { WebhookBook } from "../webhooks/webhook-book.ts";
import { Admission } from "./admission.ts";

/** The admission of a cluster's writes, with the webhooks and policies that its store holds. */
export function admissionOf(
  cluster: Cluster,
  authorizer: Authorizer,
  { log, dialPod = dialDirectly, podIdentity }: ApiServerOptions,
): Admission {
  const { store, registry, newUid } = cluster;
  const run = { store, definitions: () => registry.all(), calls: { store, dial: dialPod }, newUid, log };
  return new Admission({ cluster, authorizer, book: new WebhookBook(store), run, podIdentity });
}
