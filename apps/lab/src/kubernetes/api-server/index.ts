export type {
  ApiServer,
  ApiServerOptions,
  Identity,
  IssuedToken,
  Listening,
  ListenTarget,
  PodEndpoint,
  ServiceAccountName,
  TokenRequest,
} from "./face.ts";
export type { ClusterKeys } from "./authentication/cluster-keys.ts";
export { createApiServer } from "./api-server.ts";
export { createAuthority, type Authority, type KeyPair } from "./certificates/authority.ts";
