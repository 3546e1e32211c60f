import type { Clock } from "@slash28/ports";
import { createIdentities, type Identities, type IdentitiesOptions } from "./identity/index.ts";
import { iamService } from "./iam/index.ts";
import type { FormService } from "./service.ts";
import { createIssuerKeys, stsService, type IssuerDocuments, type IssuerKeys } from "./sts/index.ts";

export interface IdentityServicesOptions extends IdentitiesOptions {
  readonly clock: Clock;
  /** Where identity providers are asked for their keys; none can be reached when absent. */
  readonly issuerDocuments?: IssuerDocuments;
}

/** IAM and STS, and what other services need of them. */
export interface IdentityServices {
  readonly identities: Identities;
  readonly issuerKeys: IssuerKeys;
  readonly formServices: readonly FormService[];
}

const UNREACHABLE: IssuerDocuments = { read: (url) => Promise.reject(new Error(`nothing in the lab serves ${url}`)) };

/** IAM and STS over one account. Their rule (`identities.authorizer.rule`) does nothing until it is added to a gate. */
export function createIdentityServices(options: IdentityServicesOptions): IdentityServices {
  const { clock, issuerDocuments = UNREACHABLE } = options;
  const identities = createIdentities(options);
  const issuerKeys = createIssuerKeys(issuerDocuments, () => clock.now());
  return { identities, issuerKeys, formServices: [stsService({ identities, issuerKeys }), iamService(identities)] };
}
