import type { AnyAction } from "../action.ts";
import { formService, type FormService } from "../service.ts";
import { holderPolicyActions } from "./holder-policies.ts";
import type { IamPlace } from "./iam-action.ts";
import { instanceProfileActions } from "./instance-profiles.ts";
import { oidcProviderActions } from "./oidc-providers.ts";
import { policyActions } from "./policies.ts";
import { roleActions } from "./roles.ts";
import { IAM_SCHEMA } from "./schema.ts";
import { simulateActions } from "./simulate.ts";
import { tagActions } from "./tags.ts";
import { userActions } from "./users.ts";

/** Every IAM action the lab has. */
export function iamActions(place: IamPlace): readonly AnyAction[] {
  return [
    ...roleActions(place),
    ...holderPolicyActions(place, "role"),
    ...userActions(place),
    ...holderPolicyActions(place, "user"),
    ...policyActions(place),
    ...instanceProfileActions(place),
    ...oidcProviderActions(place),
    ...tagActions(place),
    ...simulateActions(place),
  ];
}

/** IAM over the lab's account. */
export function iamService(place: IamPlace): FormService {
  return formService("iam", IAM_SCHEMA, iamActions(place));
}
