import { associationArn, parsePrincipal } from "../arns.ts";
import { findCluster, withCluster, without, type Decide, type EksCall, type EksPlace } from "../call.ts";
import { inUse, invalidParameter, invalidRequest, limitExceeded, unknown } from "../errors.ts";
import { given } from "../given.ts";
import { earlierReply, rememberReply } from "../replies.ts";
import { ok, refuse, type EksError, type EksResult } from "../result.ts";
import type { AssociationRecord, ClusterRecord, Tags } from "../state.ts";
import { tagFault } from "../tag-rules.ts";

export interface AssociationForm {
  readonly roleArn?: string | undefined;
  readonly targetRoleArn?: string | undefined;
  readonly disableSessionTags?: boolean | undefined;
  readonly policy?: string | undefined;
}

export interface CreateAssociationInput extends AssociationForm {
  readonly cluster: string;
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly roleArn: string;
  readonly tags?: Tags | undefined;
  readonly token?: string | undefined;
  /** The add-on it is made for. */
  readonly ownerArn?: string | undefined;
}

/** EKS User Guide, "EKS Pod Identity considerations". */
const ASSOCIATIONS_MAX = 5000;
const NAME = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/;

/** One role per service account of a namespace; neither has to exist. */
export const createAssociation: Decide<CreateAssociationInput, AssociationRecord> = (state, input, call, place) => {
  const found = findCluster(state, input.cluster);
  if (!found.ok) return found;
  const cluster = found.value;
  const { token, ...parameters } = input;
  const request = { operation: "CreatePodIdentityAssociation", token, parameters };
  const earlier = earlierReply(cluster, request);
  if (!earlier.ok) return earlier;
  const known = associationOf(cluster, input.namespace, input.serviceAccount);
  if (known !== undefined) {
    if (earlier.value === known.id) return ok({ state, value: known });
    return refuse(inUse(`Association already exists: ${known.id}`, { clusterName: cluster.name }));
  }
  if (cluster.status !== "ACTIVE" && cluster.status !== "UPDATING") {
    return refuse(invalidRequest(`Cluster ${cluster.name} is in ${cluster.status} status`, { clusterName: cluster.name }));
  }
  const fault = nameFault(input) ?? roleFault(input.roleArn, place.accountId) ?? formFault(input) ?? tagFault(input.tags ?? {});
  if (fault !== undefined) return refuse(fault);
  if (Object.keys(cluster.associations).length >= ASSOCIATIONS_MAX) {
    return refuse(limitExceeded(`The cluster has ${ASSOCIATIONS_MAX} pod identity associations, which is the maximum`));
  }
  const association = newAssociation(input, call, place);
  return ok({
    state: withCluster(state, rememberReply(putAssociation(cluster, association), request, association.id)),
    value: association,
  });
};

/** An association as it is made, its parameters checked already. */
export function newAssociation(input: CreateAssociationInput, call: EksCall, place: EksPlace): AssociationRecord {
  const { namespace, serviceAccount, roleArn, targetRoleArn, policy, ownerArn } = input;
  const id = `a-${call.newUuid().replaceAll("-", "").slice(0, 17)}`;
  return {
    id,
    arn: associationArn(place, input.cluster, id),
    namespace,
    serviceAccount,
    roleArn,
    ...targetOf(targetRoleArn, [place.region, place.accountId, input.cluster, namespace, serviceAccount]),
    ...given({ ownerArn }),
    ...policyOf(policy),
    disableSessionTags: input.disableSessionTags ?? false,
    tags: input.tags ?? {},
    createdAt: call.now,
    modifiedAt: call.now,
  };
}

/** A role of another account, and the id it may ask for (`sts:ExternalId`). */
function targetOf(targetRoleArn: string | undefined, parts: readonly string[]): Pick<AssociationRecord, "targetRoleArn" | "externalId"> {
  return targetRoleArn === undefined || targetRoleArn === "" ? {} : { targetRoleArn, externalId: parts.join("/") };
}

/** An empty text is no policy, also where one is made: taken as one, it would allow nothing. */
function policyOf(policy: string | undefined): Pick<AssociationRecord, "policy"> {
  return policy === undefined || policy === "" ? {} : { policy };
}

function nameFault({ namespace, serviceAccount }: CreateAssociationInput): EksError | undefined {
  if (!NAME.test(namespace) || namespace.length > 63) return invalidParameter(`The namespace name '${namespace}' is invalid`);
  if (!NAME.test(serviceAccount) || serviceAccount.length > 253)
    return invalidParameter(`The service account name '${serviceAccount}' is invalid`);
  return undefined;
}

function roleFault(roleArn: string, accountId: string): EksError | undefined {
  const role = parsePrincipal(roleArn);
  if (role === undefined || role.kind !== "role") return invalidParameter(`Role ARN ${roleArn} is invalid`);
  if (role.accountId !== accountId) return invalidParameter("Cross-account pass role is not allowed.");
  return undefined;
}

function formFault({ policy, disableSessionTags, targetRoleArn }: AssociationForm): EksError | undefined {
  if (targetRoleArn !== undefined && targetRoleArn !== "" && parsePrincipal(targetRoleArn)?.kind !== "role") {
    return invalidParameter(`Target role ARN ${targetRoleArn} is invalid`);
  }
  if (policy === undefined || policy === "") return undefined;
  if (disableSessionTags !== true) return invalidParameter("disableSessionTags must be true when a policy is specified");
  try {
    JSON.parse(policy);
    return undefined;
  } catch {
    return invalidParameter("The policy is not valid JSON");
  }
}

export const updateAssociation: Decide<AssociationForm & { readonly cluster: string; readonly id: string }, AssociationRecord> = (
  state,
  input,
  call,
  place,
) => {
  const found = findAssociation(findCluster(state, input.cluster), input.id);
  if (!found.ok) return found;
  const { cluster, association: before } = found.value;
  const disableSessionTags = input.disableSessionTags ?? before.disableSessionTags;
  const policy = input.policy ?? before.policy;
  const fault =
    (input.roleArn === undefined ? undefined : roleFault(input.roleArn, place.accountId)) ??
    formFault({ policy, disableSessionTags, targetRoleArn: input.targetRoleArn });
  if (fault !== undefined) return refuse(fault);
  const { targetRoleArn: oldTarget, externalId, policy: _, ...rest } = before;
  const target =
    input.targetRoleArn === undefined
      ? { ...(oldTarget === undefined ? {} : { targetRoleArn: oldTarget }), ...(externalId === undefined ? {} : { externalId }) }
      : targetOf(input.targetRoleArn, [place.region, place.accountId, cluster.name, before.namespace, before.serviceAccount]);
  const after: AssociationRecord = {
    ...rest,
    ...target,
    ...policyOf(policy),
    roleArn: input.roleArn ?? before.roleArn,
    disableSessionTags,
    modifiedAt: call.now,
  };
  return ok({ state: withCluster(state, putAssociation(cluster, after)), value: after });
};

export const deleteAssociation: Decide<{ readonly cluster: string; readonly id: string }, AssociationRecord> = (state, input) => {
  const found = findAssociation(findCluster(state, input.cluster), input.id);
  if (!found.ok) return found;
  const { cluster, association } = found.value;
  if (association.ownerArn !== undefined) {
    return refuse(
      invalidRequest(`The association is owned by ${association.ownerArn}; change it with the add-on`, { clusterName: cluster.name }),
    );
  }
  return ok({ state: withCluster(state, { ...cluster, associations: without(cluster.associations, input.id) }), value: association });
};

export function findAssociation(
  found: EksResult<ClusterRecord>,
  id: string,
): EksResult<{ readonly cluster: ClusterRecord; readonly association: AssociationRecord }> {
  if (!found.ok) return found;
  const association = Object.hasOwn(found.value.associations, id) ? found.value.associations[id] : undefined;
  return association === undefined ? refuse(unknown.association(found.value.name, id)) : ok({ cluster: found.value, association });
}

/** The association that a pod of this service account goes by. */
export function associationOf(cluster: ClusterRecord, namespace: string, serviceAccount: string): AssociationRecord | undefined {
  return Object.values(cluster.associations).find((one) => one.namespace === namespace && one.serviceAccount === serviceAccount);
}

export function putAssociation(cluster: ClusterRecord, association: AssociationRecord): ClusterRecord {
  return { ...cluster, associations: { ...cluster.associations, [association.id]: association } };
}
