import type { ListRoleTagsResponse, Tag } from "@aws-sdk/client-iam";
import {
  addTags,
  instanceProfileNamed,
  managedPolicy,
  oidcProviderByArn,
  removeTags,
  roleNamed,
  tagsOf,
  userNamed,
  type Account,
  type TaggedKind,
} from "@slash28/iam";
import { DONE, mutation, need, read, type AnyAction } from "../action.ts";
import { accountOf, given, type IamPlace } from "./iam-action.ts";
import { markerPage, type MarkerRequest } from "./pages.ts";
import { tagPairs, wireTags } from "./wire-iam.ts";

/** What can be tagged: the word in the actions' names, the member that names one, and how its ARN is found. */
interface Taggable {
  readonly word: string;
  readonly member: string;
  readonly kind: TaggedKind;
  readonly arnOf: (account: Account, name: string) => string;
}

const TAGGABLE: readonly Taggable[] = [
  { word: "Role", member: "RoleName", kind: "roles", arnOf: (account, name) => given(roleNamed(account, name)).arn },
  { word: "User", member: "UserName", kind: "users", arnOf: (account, name) => given(userNamed(account, name)).arn },
  { word: "Policy", member: "PolicyArn", kind: "policies", arnOf: (account, arn) => given(managedPolicy(account, arn)).arn },
  {
    word: "InstanceProfile",
    member: "InstanceProfileName",
    kind: "instanceProfiles",
    arnOf: (account, name) => given(instanceProfileNamed(account, name)).arn,
  },
  {
    word: "OpenIDConnectProvider",
    member: "OpenIDConnectProviderArn",
    kind: "oidcProviders",
    arnOf: (account, arn) => given(oidcProviderByArn(account, arn)).arn,
  },
];

type TagInput = MarkerRequest & { readonly Tags?: readonly Tag[]; readonly TagKeys?: readonly string[] } & Readonly<
    Record<string, unknown>
  >;

/** `TagRole`, `UntagRole`, `ListRoleTags`, and the same for everything else that has tags. */
export function tagActions(place: IamPlace): readonly AnyAction[] {
  return TAGGABLE.flatMap(({ word, member, kind, arnOf }) => {
    const thing = (input: TagInput): { readonly kind: TaggedKind; readonly arn: string } => ({
      kind,
      arn: arnOf(accountOf(place), need(input[member] as string | undefined, member)),
    });
    return [
      mutation<TagInput, object>(`Tag${word}`, (input) => {
        place.account.change((account) => addTags(account, thing(input), tagPairs(need(input.Tags, "Tags"))));
        return DONE;
      }),
      mutation<TagInput, object>(`Untag${word}`, (input) => {
        place.account.change((account) => removeTags(account, thing(input), need(input.TagKeys, "TagKeys")));
        return DONE;
      }),
      read<TagInput, ListRoleTagsResponse>(`List${word}Tags`, (input) => {
        const tags = wireTags(tagsOf(accountOf(place), thing(input)) ?? {});
        const { items, more } = markerPage(tags, input, ({ Key = "" }) => Key);
        return { Tags: [...items], ...more };
      }),
    ];
  });
}
