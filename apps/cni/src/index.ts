export { CNI_VERSIONS, COMMANDS, DEFAULT_SOCKET, HEADERS, INPUT_MAX, PluginError, type CniCommand, type CniVersion } from "./contract.ts";
export { runPlugin, type PluginIo } from "./run-plugin.ts";
