export { createCniRuntime, type CniOutcome, type CniRuntime } from "./cni-runtime.ts";
export { firstNetwork } from "./network-directory.ts";
export {
  RUNTIME_VERSIONS,
  isAtLeast,
  readNetwork,
  type CniVersion,
  type NetworkList,
  type PluginConfig,
  type ReadNetwork,
} from "./network-list.ts";
export { addressesOf, readAnswer, type CniError, type CniResult, type PluginAnswer } from "./plugin-answer.ts";
export { runPlugin, type PluginPlace } from "./plugin-process.ts";
export { requestConfig, requestEnvironment, type Attachment, type CniCommand, type ValidAttachment } from "./plugin-request.ts";
export { createResultCache, type CachedAttachment, type ResultCache } from "./result-cache.ts";
