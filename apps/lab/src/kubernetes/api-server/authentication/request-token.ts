import {
  at,
  badRequest,
  conflict,
  fail,
  invalid,
  invalidValue,
  listOf,
  notFound,
  numberOf,
  succeed,
  textOf,
  type FieldError,
  type KubeObject,
  type Result,
  type Store,
} from "@slash28/kube-store";

import type { IssuedToken, ServiceAccountName } from "../face.ts";
import type { BoundObject } from "./account-claims.ts";
import type { ServiceAccountTokens } from "./service-account-tokens.ts";

const SHORTEST_SECONDS = 600;
const USUAL_SECONDS = 3600;
/** Longer ones are cut, as EKS does. */
const LONGEST_SECONDS = 86_400;
const LARGEST = 2 ** 32;

/** Carries out a TokenRequest: checks its spec and what it is bound to, and signs. */
export async function requestToken(
  store: Store,
  tokens: ServiceAccountTokens,
  { namespace, name }: ServiceAccountName,
  spec: unknown,
): Promise<Result<IssuedToken>> {
  const account = store.get("serviceaccounts", { name, namespace });
  if (account === undefined) return fail(notFound("serviceaccounts", name));
  const seconds = numberOf(at(spec, "expirationSeconds")) ?? USUAL_SECONDS;
  const error = durationFault(seconds);
  if (error !== undefined) return fail(invalid("TokenRequest.authentication.k8s.io", name, [error]));
  const bound = boundTo(store, { namespace, name }, at(spec, "boundObjectRef"));
  if (!bound.ok) return bound;
  const asked = listOf(at(spec, "audiences")).filter((one) => typeof one === "string");
  const [usual = tokens.issuer] = tokens.audiences;
  return succeed(
    await tokens.issue({
      namespace,
      account: { name, uid: account.metadata.uid ?? "" },
      audiences: asked.length === 0 ? [usual] : asked,
      seconds: Math.min(seconds, LONGEST_SECONDS),
      ...bound.value,
    }),
  );
}

function durationFault(seconds: number): FieldError | undefined {
  const field = "spec.expirationSeconds";
  if (!Number.isInteger(seconds) || seconds < SHORTEST_SECONDS)
    return invalidValue(field, seconds, "may not specify a duration less than 10 minutes");
  return seconds > LARGEST ? invalidValue(field, seconds, "may not specify a duration larger than 2^32 seconds") : undefined;
}

interface Bound {
  readonly pod?: BoundObject;
  readonly node?: BoundObject;
  readonly secret?: BoundObject;
}

const BINDABLE: Readonly<Record<string, string>> = { Pod: "pods", Node: "nodes", Secret: "secrets" };

/** The object a token ends with. A pod's token names the pod's node as well. */
function boundTo(store: Store, account: ServiceAccountName, ref: unknown): Result<Bound> {
  if (ref === undefined || ref === null) return succeed({});
  const kind = textOf(at(ref, "kind")) ?? "";
  const resource = Object.hasOwn(BINDABLE, kind) ? BINDABLE[kind] : undefined;
  if (resource === undefined) return fail(badRequest(`cannot bind token for serviceaccount ${account.name} to object of kind ${kind}`));
  const found = referred(store, resource, kind === "Node" ? undefined : account.namespace, ref);
  if (!found.ok) return found;
  const { name, uid = "" } = found.value.metadata;
  if (kind === "Node") return succeed({ node: { name, uid } });
  return kind === "Secret" ? succeed({ secret: { name, uid } }) : boundToPod(store, account, found.value);
}

function referred(store: Store, resource: string, namespace: string | undefined, ref: unknown): Result<KubeObject> {
  const name = textOf(at(ref, "name")) ?? "";
  const found = store.get(resource, { name, namespace });
  if (found === undefined) return fail(notFound(resource, name));
  const uid = textOf(at(ref, "uid")) ?? "";
  if (uid === "" || uid === found.metadata.uid) return succeed(found);
  const why = `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`;
  return fail(conflict(resource, name, why));
}

function boundToPod(store: Store, account: ServiceAccountName, pod: KubeObject): Result<Bound> {
  if (at(pod, "spec", "serviceAccountName") !== account.name) {
    return fail(
      badRequest(`cannot bind token for serviceaccount ${JSON.stringify(account.name)} to pod running with different serviceaccount name.`),
    );
  }
  const { name, uid = "" } = pod.metadata;
  const nodeName = textOf(at(pod, "spec", "nodeName")) ?? "";
  const node = nodeName === "" ? undefined : store.get("nodes", { name: nodeName });
  return succeed({ pod: { name, uid }, ...(node === undefined ? {} : { node: { name: nodeName, uid: node.metadata.uid ?? "" } }) });
}
