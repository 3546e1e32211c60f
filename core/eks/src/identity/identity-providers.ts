import { identityProviderArn } from "../arns.ts";
import { findCluster, withCluster, without, type Decide } from "../call.ts";
import { busyFault } from "../clusters/change-cluster.ts";
import { inUse, invalidParameter, unknown } from "../errors.ts";
import { ok, refuse } from "../result.ts";
import type { IdentityProviderRecord, UpdateRecord } from "../state.ts";
import { newUpdate } from "../updates.ts";

export type IdentityProviderForm = Omit<IdentityProviderRecord, "arn" | "status">;

/** At most one OIDC provider besides IAM; its tokens are good once the update has ended. */
export const associateIdentityProvider: Decide<{ readonly cluster: string; readonly form: IdentityProviderForm }, UpdateRecord> = (
  state,
  { cluster: name, form },
  call,
  place,
) => {
  const found = findCluster(state, name);
  if (!found.ok) return found;
  const busy = busyFault(found.value);
  if (busy !== undefined) return refuse(busy);
  if (Object.keys(found.value.identityProviders).length > 0) {
    return refuse(inUse("An identity provider config is already associated with the cluster", { clusterName: name }));
  }
  if (!/^https:\/\/[^?#\s]+$/.test(form.issuerUrl)) {
    return refuse(invalidParameter(`The issuer URL must begin with https:// and have no query: ${form.issuerUrl}`));
  }
  const provider: IdentityProviderRecord = { ...form, arn: identityProviderArn(place, name, form.name, call.newUuid()), status: "ACTIVE" };
  const update = newUpdate(call, "AssociateIdentityProviderConfig", [
    ["IdentityProviderConfig", JSON.stringify([{ type: "oidc", name: form.name }])],
  ]);
  const cluster = {
    ...found.value,
    status: "UPDATING" as const,
    identityProviders: { [provider.name]: provider },
    updates: [...found.value.updates, update],
  };
  return ok({ state: withCluster(state, cluster), value: update });
};

export const disassociateIdentityProvider: Decide<{ readonly cluster: string; readonly name: string }, UpdateRecord> = (
  state,
  input,
  call,
) => {
  const found = findCluster(state, input.cluster);
  if (!found.ok) return found;
  const busy = busyFault(found.value);
  if (busy !== undefined) return refuse(busy);
  if (!Object.hasOwn(found.value.identityProviders, input.name)) return refuse(unknown.identityProvider(input.cluster, input.name));
  const update = newUpdate(call, "DisassociateIdentityProviderConfig", [
    ["IdentityProviderConfig", JSON.stringify([{ type: "oidc", name: input.name }])],
  ]);
  const cluster = {
    ...found.value,
    status: "UPDATING" as const,
    identityProviders: without(found.value.identityProviders, input.name),
    updates: [...found.value.updates, update],
  };
  return ok({ state: withCluster(state, cluster), value: update });
};
