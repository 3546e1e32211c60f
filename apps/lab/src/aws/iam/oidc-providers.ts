import type {
  AddClientIDToOpenIDConnectProviderRequest,
  CreateOpenIDConnectProviderRequest,
  CreateOpenIDConnectProviderResponse,
  DeleteOpenIDConnectProviderRequest,
  GetOpenIDConnectProviderRequest,
  GetOpenIDConnectProviderResponse,
  ListOpenIDConnectProvidersRequest,
  ListOpenIDConnectProvidersResponse,
  RemoveClientIDFromOpenIDConnectProviderRequest,
  UpdateOpenIDConnectProviderThumbprintRequest,
} from "@aws-sdk/client-iam";
import { addClientId, createOidcProvider, deleteOidcProvider, oidcProviderByArn, removeClientId, setThumbprints } from "@slash28/iam";
import { DONE, mutation, need, read, type AnyAction } from "../action.ts";
import { present } from "../present.ts";
import { accountOf, given, type IamPlace } from "./iam-action.ts";
import { tagPairs, wireTags } from "./wire-iam.ts";

const ARN = "OpenIDConnectProviderArn";

export function oidcProviderActions(place: IamPlace): readonly AnyAction[] {
  return [
    mutation<CreateOpenIDConnectProviderRequest, CreateOpenIDConnectProviderResponse>("CreateOpenIDConnectProvider", (input) => {
      const fields = present({ clientIds: input.ClientIDList, thumbprints: input.ThumbprintList });
      const wanted = { url: need(input.Url, "Url"), tags: tagPairs(input.Tags), ...fields };
      const made = place.account.change((account, { now }) => createOidcProvider(account, wanted, now));
      return { OpenIDConnectProviderArn: made.arn, ...(input.Tags === undefined ? {} : { Tags: wireTags(made.tags) }) };
    }),
    read<GetOpenIDConnectProviderRequest, GetOpenIDConnectProviderResponse>("GetOpenIDConnectProvider", (input) => {
      const found = given(oidcProviderByArn(accountOf(place), need(input.OpenIDConnectProviderArn, ARN)));
      return {
        Url: found.url,
        ClientIDList: [...found.clientIds],
        ThumbprintList: [...found.thumbprints],
        CreateDate: new Date(found.createdAt),
        Tags: wireTags(found.tags),
      };
    }),
    read<ListOpenIDConnectProvidersRequest, ListOpenIDConnectProvidersResponse>("ListOpenIDConnectProviders", () => ({
      OpenIDConnectProviderList: accountOf(place).oidcProviders.map(({ arn }) => ({ Arn: arn })),
    })),
    mutation<DeleteOpenIDConnectProviderRequest, object>("DeleteOpenIDConnectProvider", (input) => {
      place.account.change((account) => deleteOidcProvider(account, need(input.OpenIDConnectProviderArn, ARN)));
      return DONE;
    }),
    mutation<UpdateOpenIDConnectProviderThumbprintRequest, object>("UpdateOpenIDConnectProviderThumbprint", (input) => {
      const thumbprints = need(input.ThumbprintList, "ThumbprintList");
      place.account.change((account) => setThumbprints(account, need(input.OpenIDConnectProviderArn, ARN), thumbprints));
      return DONE;
    }),
    mutation<AddClientIDToOpenIDConnectProviderRequest, object>("AddClientIDToOpenIDConnectProvider", (input) => {
      const clientId = need(input.ClientID, "ClientID");
      place.account.change((account) => addClientId(account, need(input.OpenIDConnectProviderArn, ARN), clientId));
      return DONE;
    }),
    mutation<RemoveClientIDFromOpenIDConnectProviderRequest, object>("RemoveClientIDFromOpenIDConnectProvider", (input) => {
      const clientId = need(input.ClientID, "ClientID");
      place.account.change((account) => removeClientId(account, need(input.OpenIDConnectProviderArn, ARN), clientId));
      return DONE;
    }),
  ];
}
