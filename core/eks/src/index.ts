export { EKS_ERROR_STATUS, type EksError, type EksErrorCode, type EksResult } from "./result.ts";
export type { EksCall, EksNetwork, EksPlace } from "./call.ts";
export { canonicalArn, parsePrincipal, type Principal } from "./arns.ts";
export { page, type Page, type PageRequest } from "./paging.ts";
export type * from "./state.ts";
export { DEFAULT_VERSION, KUBERNETES_VERSIONS, kubernetesVersion, millisOf, supportOf, type KubernetesVersion } from "./versions.ts";
