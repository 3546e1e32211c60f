import { accessEntryArn, parsePrincipal } from "../arns.ts";
import { findCluster, withCluster, without, type Decide } from "../call.ts";
import { inUse, invalidParameter, invalidRequest, unknown } from "../errors.ts";
import { earlierReply, rememberReply } from "../replies.ts";
import { ok, refuse, type EksError, type EksResult } from "../result.ts";
import type { AccessEntryRecord, AccessEntryType, AccessPolicyAssociation, AccessScope, ClusterRecord, Tags } from "../state.ts";
import { tagFault } from "../tag-rules.ts";
import { accessPolicy } from "./policies.ts";
import { usernameFault, usernameOf } from "./usernames.ts";

const TYPES: readonly AccessEntryType[] = [
  "STANDARD",
  "EC2_LINUX",
  "EC2_WINDOWS",
  "FARGATE_LINUX",
  "EC2",
  "HYBRID_LINUX",
  "HYPERPOD_LINUX",
];

export interface CreateAccessEntryInput {
  readonly cluster: string;
  readonly principalArn: string;
  readonly groups?: readonly string[] | undefined;
  readonly username?: string | undefined;
  readonly type?: string | undefined;
  readonly tags?: Tags | undefined;
  readonly token?: string | undefined;
}

export const createAccessEntry: Decide<CreateAccessEntryInput, AccessEntryRecord> = (state, input, call, place) => {
  const found = withApiMode(findCluster(state, input.cluster));
  if (!found.ok) return found;
  const { token, ...parameters } = input;
  const request = { operation: "CreateAccessEntry", token, parameters };
  const earlier = earlierReply(found.value, request);
  if (!earlier.ok) return earlier;
  const known = entryIn(found.value, input.principalArn);
  if (known !== undefined) {
    if (earlier.value !== undefined) return ok({ state, value: known });
    return refuse(inUse("The specified access entry resource is already in use on this cluster.", { clusterName: input.cluster }));
  }
  const principal = parsePrincipal(input.principalArn);
  if (principal === undefined) return refuse(invalidParameter("The specified principalArn is invalid: invalid principal."));
  const type = TYPES.find((one) => one === (input.type ?? "STANDARD"));
  if (type === undefined) return refuse(invalidParameter(`type must be one of [${TYPES.join(", ")}], and is ${input.type}`));
  const fault = typeFault(type, principal.kind, input) ?? identityFault(input) ?? tagFault(input.tags ?? {});
  if (fault !== undefined) return refuse(fault);
  const entry: AccessEntryRecord = {
    principalArn: input.principalArn,
    arn: accessEntryArn(place, input.cluster, principal, call.newUuid()),
    username: input.username ?? (isOfNodes(type) ? NODE_USERNAME : usernameOf(input.principalArn, principal)),
    groups: isOfNodes(type) ? NODE_GROUPS : [...new Set(input.groups)],
    type,
    policies: {},
    tags: input.tags ?? {},
    createdAt: call.now,
    modifiedAt: call.now,
  };
  const cluster = rememberReply(putEntry(found.value, entry), request, entry.principalArn);
  return ok({ state: withCluster(state, cluster), value: entry });
};

/** What kubelets of an instance role are called, as in the `aws-auth` ConfigMap of old. */
const NODE_USERNAME = "system:node:{{EC2PrivateDNSName}}";
const NODE_GROUPS: readonly string[] = ["system:nodes"];

function isOfNodes(type: AccessEntryType): boolean {
  return type !== "STANDARD" && type !== "EC2";
}

function typeFault(
  type: AccessEntryType,
  kind: "user" | "role",
  { groups, username }: Pick<CreateAccessEntryInput, "groups" | "username">,
): EksError | undefined {
  if (type === "STANDARD") return undefined;
  if (kind !== "role") return invalidParameter(`An access entry of type ${type} must have an IAM role as its principal.`);
  if ((groups ?? []).length > 0) return invalidParameter(`kubernetesGroups cannot be specified for an access entry of type ${type}.`);
  return username === undefined ? undefined : invalidParameter(`username cannot be specified for an access entry of type ${type}.`);
}

function identityFault({
  groups = [],
  username,
}: {
  readonly groups?: readonly string[] | undefined;
  readonly username?: string | undefined;
}): EksError | undefined {
  const reserved = groups.find((group) => /^(?:system|eks|aws|amazon|iam):/.test(group));
  if (reserved !== undefined) {
    return invalidParameter(`The kubernetes group name ${reserved} is invalid: it cannot start with system:, eks:, aws:, amazon: or iam:`);
  }
  return username === undefined ? undefined : usernameFault(username);
}

export const updateAccessEntry: Decide<
  {
    readonly cluster: string;
    readonly principalArn: string;
    readonly groups?: readonly string[] | undefined;
    readonly username?: string | undefined;
  },
  AccessEntryRecord
> = (state, input, call) => {
  const found = findEntry(withApiMode(findCluster(state, input.cluster)), input.principalArn);
  if (!found.ok) return found;
  const { cluster, entry } = found.value;
  const principal = parsePrincipal(entry.principalArn);
  const fault = typeFault(entry.type, principal?.kind ?? "role", input) ?? identityFault(input);
  if (fault !== undefined) return refuse(fault);
  const after: AccessEntryRecord = {
    ...entry,
    username: input.username ?? entry.username,
    groups: input.groups === undefined ? entry.groups : [...new Set(input.groups)],
    modifiedAt: call.now,
  };
  return ok({ state: withCluster(state, putEntry(cluster, after)), value: after });
};

export const deleteAccessEntry: Decide<{ readonly cluster: string; readonly principalArn: string }, void> = (state, input) => {
  const found = findEntry(withApiMode(findCluster(state, input.cluster)), input.principalArn);
  if (!found.ok) return found;
  const { cluster } = found.value;
  return ok({
    state: withCluster(state, { ...cluster, accessEntries: without(cluster.accessEntries, input.principalArn) }),
    value: undefined,
  });
};

export const associateAccessPolicy: Decide<
  {
    readonly cluster: string;
    readonly principalArn: string;
    readonly policyArn: string;
    readonly scopeType: string;
    readonly namespaces: readonly string[];
  },
  AccessPolicyAssociation
> = (state, input, call) => {
  const found = findEntry(withApiMode(findCluster(state, input.cluster)), input.principalArn);
  if (!found.ok) return found;
  const { cluster, entry } = found.value;
  if (isOfNodes(entry.type)) {
    return refuse(invalidRequest(`Access policies cannot be associated with an access entry of type ${entry.type}.`));
  }
  if (accessPolicy(input.policyArn) === undefined) {
    return refuse(invalidParameter(`The policyArn parameter format is not valid, or there is no such access policy: ${input.policyArn}`));
  }
  const scope = scopeOf(input.scopeType, input.namespaces);
  if (!scope.ok) return scope;
  const association: AccessPolicyAssociation = {
    policyArn: input.policyArn,
    scope: scope.value,
    associatedAt: entry.policies[input.policyArn]?.associatedAt ?? call.now,
    modifiedAt: call.now,
  };
  const after = { ...entry, policies: { ...entry.policies, [input.policyArn]: association }, modifiedAt: call.now };
  return ok({ state: withCluster(state, putEntry(cluster, after)), value: association });
};

function scopeOf(type: string, namespaces: readonly string[]): EksResult<AccessScope> {
  if (type === "cluster") {
    if (namespaces.length > 0) return refuse(invalidParameter("namespaces cannot be specified when the type of accessScope is cluster."));
    return ok({ type });
  }
  if (type !== "namespace") return refuse(invalidParameter(`The type of accessScope must be one of [cluster, namespace], and is ${type}`));
  if (namespaces.length === 0)
    return refuse(invalidParameter("At least one namespace must be specified when the type of accessScope is namespace."));
  return ok({ type, namespaces: [...new Set(namespaces)] });
}

export const disassociateAccessPolicy: Decide<
  { readonly cluster: string; readonly principalArn: string; readonly policyArn: string },
  void
> = (state, input, call) => {
  const found = findEntry(withApiMode(findCluster(state, input.cluster)), input.principalArn);
  if (!found.ok) return found;
  const { cluster, entry } = found.value;
  if (!Object.hasOwn(entry.policies, input.policyArn)) return refuse(unknown.accessPolicy());
  const after = { ...entry, policies: without(entry.policies, input.policyArn), modifiedAt: call.now };
  return ok({ state: withCluster(state, putEntry(cluster, after)), value: undefined });
};

/** Access entries are there only for clusters that authenticate by the API. */
export function withApiMode(found: EksResult<ClusterRecord>): EksResult<ClusterRecord> {
  if (!found.ok || found.value.authenticationMode !== "CONFIG_MAP") return found;
  const message = "The cluster's authentication mode must be set to one of [API, API_AND_CONFIG_MAP] to perform this operation.";
  return refuse(invalidRequest(message, { clusterName: found.value.name }));
}

export function findEntry(
  found: EksResult<ClusterRecord>,
  principalArn: string,
): EksResult<{ readonly cluster: ClusterRecord; readonly entry: AccessEntryRecord }> {
  if (!found.ok) return found;
  const entry = entryIn(found.value, principalArn);
  return entry === undefined ? refuse(unknown.accessEntry()) : ok({ cluster: found.value, entry });
}

function entryIn(cluster: ClusterRecord, principalArn: string): AccessEntryRecord | undefined {
  return Object.hasOwn(cluster.accessEntries, principalArn) ? cluster.accessEntries[principalArn] : undefined;
}

function putEntry(cluster: ClusterRecord, entry: AccessEntryRecord): ClusterRecord {
  return { ...cluster, accessEntries: { ...cluster.accessEntries, [entry.principalArn]: entry } };
}
