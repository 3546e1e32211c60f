import type {
  AssociateAccessPolicyRequest,
  AssociateAccessPolicyResponse,
  AssociatedAccessPolicy,
  DisassociateAccessPolicyRequest,
  DisassociateAccessPolicyResponse,
  ListAccessPoliciesRequest,
  ListAccessPoliciesResponse,
  ListAssociatedAccessPoliciesRequest,
  ListAssociatedAccessPoliciesResponse,
} from "@aws-sdk/client-eks";
import { ACCESS_POLICIES, findEntry, page, type AccessPolicyAssociation } from "@slash28/eks";
import { restOperation, type AnyRestOperation } from "../../rest-json/index.ts";
import { act, answer, type EksContext } from "../context.ts";
import { apiCluster } from "./entry-operations.ts";

export function accessPolicyOperations(context: EksContext): readonly AnyRestOperation[] {
  return [
    restOperation<AssociateAccessPolicyRequest, AssociateAccessPolicyResponse>("AssociateAccessPolicy", (input, call) => {
      const { clusterName = "", principalArn = "", policyArn = "", accessScope } = input;
      const scope = { scopeType: accessScope?.type ?? "", namespaces: accessScope?.namespaces ?? [] };
      const association = act(context, "associateAccessPolicy", { cluster: clusterName, principalArn, policyArn, ...scope }, call);
      return { clusterName, principalArn, associatedAccessPolicy: wirePolicy(association) };
    }),
    restOperation<DisassociateAccessPolicyRequest, DisassociateAccessPolicyResponse>(
      "DisassociateAccessPolicy",
      ({ clusterName: cluster = "", principalArn = "", policyArn = "" }, call) => {
        act(context, "disassociateAccessPolicy", { cluster, principalArn, policyArn }, call);
        return {};
      },
    ),
    restOperation<ListAssociatedAccessPoliciesRequest, ListAssociatedAccessPoliciesResponse>("ListAssociatedAccessPolicies", (input) => {
      const { clusterName = "", principalArn = "" } = input;
      const { entry } = answer(findEntry(apiCluster(context, clusterName), principalArn));
      const { items, ...rest } = answer(page(Object.values(entry.policies), ({ policyArn }) => policyArn, input));
      return { clusterName, principalArn, associatedAccessPolicies: items.map(wirePolicy), ...rest };
    }),
    restOperation<ListAccessPoliciesRequest, ListAccessPoliciesResponse>("ListAccessPolicies", (input) => {
      const { items, ...rest } = answer(page(ACCESS_POLICIES, ({ name }) => name, input));
      return { accessPolicies: items.map((policy) => ({ ...policy })), ...rest };
    }),
  ];
}

function wirePolicy({ policyArn, scope, associatedAt, modifiedAt }: AccessPolicyAssociation): AssociatedAccessPolicy {
  return {
    policyArn,
    accessScope: { type: scope.type, namespaces: scope.type === "namespace" ? [...scope.namespaces] : [] },
    associatedAt: new Date(associatedAt),
    modifiedAt: new Date(modifiedAt),
  };
}
