import { callsBootstrap } from "./al2/bootstrap-call.ts";
import { isDocument } from "./kubelet/configuration.ts";
import { parseSettings } from "./bottlerocket/settings.ts";
import type { NodeOs } from "./node-image.ts";
import { isMultipart, multipartParts, NODE_CONFIG, SHELL_SCRIPT } from "./user-data/mime.ts";

/** The system that user data is written for; `undefined` when nothing in it joins a node to a cluster. */
export function userDataOs(userData: string): NodeOs | undefined {
  if (isMultipart(userData)) {
    const parts = multipartParts(userData);
    if (!parts.ok) return undefined;
    if (parts.value.some(({ type }) => type === NODE_CONFIG)) return "al2023";
    return parts.value.some(({ type, body }) => type === SHELL_SCRIPT && callsBootstrap(body)) ? "al2" : undefined;
  }
  if (userData.startsWith("#!")) return callsBootstrap(userData) ? "al2" : undefined;
  if (/^kind:[ \t]*["']?NodeConfig\b/m.test(userData)) return "al2023";
  const toml = parseSettings(userData);
  return toml.ok && isDocument(toml.value["settings"]) ? "bottlerocket" : undefined;
}
