export { hasPath, matchRoute, type MatchedRoute } from "./match-route.ts";
export { RestError } from "./rest-error.ts";
export {
  createRestService,
  restOperation,
  type AnyRestOperation,
  type RestCall,
  type RestOperation,
  type RestServiceOptions,
} from "./rest-service.ts";
export type { RestSchema } from "./schema.ts";
