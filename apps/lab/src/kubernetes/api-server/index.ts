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
