import type {
  AssociateIdentityProviderConfigRequest,
  AssociateIdentityProviderConfigResponse,
  DescribeIdentityProviderConfigRequest,
  DescribeIdentityProviderConfigResponse,
  DisassociateIdentityProviderConfigRequest,
  DisassociateIdentityProviderConfigResponse,
  ListIdentityProviderConfigsRequest,
  ListIdentityProviderConfigsResponse,
  OidcIdentityProviderConfig,
} from "@aws-sdk/client-eks";
import { page, type IdentityProviderRecord } from "@slash28/eks";
import { restOperation, RestError, type AnyRestOperation } from "../../rest-json/index.ts";
import { act, answer, clusterOf, type EksContext } from "../context.ts";
import { wireUpdate } from "../updates/wire-update.ts";

export function identityProviderOperations(context: EksContext): readonly AnyRestOperation[] {
  return [
    restOperation<AssociateIdentityProviderConfigRequest, AssociateIdentityProviderConfigResponse>(
      "AssociateIdentityProviderConfig",
      (input, call) => {
        const form = formOf(input);
        const update = act(context, "associateIdentityProvider", { cluster: input.clusterName ?? "", form }, call);
        return { update: wireUpdate(update), tags: { ...form.tags } };
      },
    ),
    restOperation<DisassociateIdentityProviderConfigRequest, DisassociateIdentityProviderConfigResponse>(
      "DisassociateIdentityProviderConfig",
      (input, call) => {
        const form = { cluster: input.clusterName ?? "", name: input.identityProviderConfig?.name ?? "" };
        return { update: wireUpdate(act(context, "disassociateIdentityProvider", form, call)) };
      },
    ),
    restOperation<DescribeIdentityProviderConfigRequest, DescribeIdentityProviderConfigResponse>(
      "DescribeIdentityProviderConfig",
      (input) => {
        const cluster = clusterOf(context, input.clusterName);
        const name = input.identityProviderConfig?.name ?? "";
        const provider = Object.hasOwn(cluster.identityProviders, name) ? cluster.identityProviders[name] : undefined;
        if (provider === undefined) {
          const message = `Identity provider config not found: ${name}`;
          throw new RestError("ResourceNotFoundException", message, 404, { clusterName: cluster.name });
        }
        return { identityProviderConfig: { oidc: wireProvider(cluster.name, provider) } };
      },
    ),
    restOperation<ListIdentityProviderConfigsRequest, ListIdentityProviderConfigsResponse>("ListIdentityProviderConfigs", (input) => {
      const names = Object.keys(clusterOf(context, input.clusterName).identityProviders);
      const { items, ...rest } = answer(page(names, (name) => name, input));
      return { identityProviderConfigs: items.map((name) => ({ type: "oidc", name })), ...rest };
    }),
  ];
}

function formOf({ oidc, tags = {} }: AssociateIdentityProviderConfigRequest): Omit<IdentityProviderRecord, "arn" | "status"> {
  const { usernameClaim, usernamePrefix, groupsClaim, groupsPrefix, requiredClaims = {} } = oidc ?? {};
  return {
    name: oidc?.identityProviderConfigName ?? "",
    issuerUrl: oidc?.issuerUrl ?? "",
    clientId: oidc?.clientId ?? "",
    ...(usernameClaim === undefined ? {} : { usernameClaim }),
    ...(usernamePrefix === undefined ? {} : { usernamePrefix }),
    ...(groupsClaim === undefined ? {} : { groupsClaim }),
    ...(groupsPrefix === undefined ? {} : { groupsPrefix }),
    requiredClaims,
    tags,
  };
}

function wireProvider(clusterName: string, provider: IdentityProviderRecord): OidcIdentityProviderConfig {
  const { name, arn, issuerUrl, clientId, status, tags, requiredClaims, ...claims } = provider;
  return {
    identityProviderConfigName: name,
    identityProviderConfigArn: arn,
    clusterName,
    issuerUrl,
    clientId,
    ...claims,
    requiredClaims: { ...requiredClaims },
    tags: { ...tags },
    status,
  };
}
