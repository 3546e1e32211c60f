export { AGENT_HOSTS, checkRequest, type CheckedRequest, type CredentialsRequest, type PodToken } from "./agent/check-request.ts";
export { cacheFault, CredentialCache, type CacheSettings, type Found, type Swept } from "./agent/credential-cache.ts";
export { credentialsText } from "./agent/credentials-text.ts";
export {
  isWorthRetrying,
  noReply,
  readReply,
  type EksAuthReply,
  type Exchanged,
  type ExchangeFailure,
  type PodCredentials,
} from "./agent/exchange.ts";
export { eksAuthEndpoint } from "./agent/eks-auth-endpoint.ts";
export { fullBucket, takeToken, type BucketRate, type TokenBucket } from "./agent/token-bucket.ts";
export { identityOfPod, type PodIdentity, type PodIdentityFacts } from "./admission/identity-of-pod.ts";
export {
  POD_IDENTITY_LABEL,
  POD_IDENTITY_TOKEN,
  SKIP_LABEL,
  WEB_IDENTITY_TOKEN,
  type IdentitySettings,
  type TokenPlace,
} from "./admission/identity-settings.ts";
export { withIdentity } from "./admission/with-identity.ts";
