import type { NetworkList, PluginConfig } from "./network-list.ts";

export type CniCommand = "ADD" | "DEL" | "CHECK" | "GC" | "STATUS" | "VERSION";

/** One attachment of one sandbox. */
export interface Attachment {
  readonly containerId: string;
  /** The sandbox's network namespace; empty when it is gone. */
  readonly netns: string;
  readonly ifName: string;
  /** `CNI_ARGS`, in order. */
  readonly args: Readonly<Record<string, string>>;
  /** What the runtime offers; a plugin gets what it declares. */
  readonly capabilities: Readonly<Record<string, unknown>>;
}

export interface ValidAttachment {
  readonly containerID: string;
  readonly ifname: string;
}

/** The configuration as one plugin gets it on stdin. CNI spec 1.1.0, "Deriving request configuration from plugin configuration". */
export function requestConfig(
  list: NetworkList,
  plugin: PluginConfig,
  more: {
    readonly offered?: Readonly<Record<string, unknown>>;
    readonly prevResult?: unknown;
    readonly valid?: readonly ValidAttachment[];
  },
): Readonly<Record<string, unknown>> {
  const { capabilities, ...own } = plugin;
  const wanted = Object.entries(more.offered ?? {}).filter(([name]) => capabilities?.[name] === true);
  return {
    ...own,
    cniVersion: list.cniVersion,
    name: list.name,
    ...(wanted.length === 0 ? {} : { runtimeConfig: Object.fromEntries(wanted) }),
    ...(more.prevResult === undefined ? {} : { prevResult: more.prevResult }),
    // Both spellings: an early text of the specification had the second.
    ...(more.valid === undefined ? {} : { "cni.dev/valid-attachments": more.valid, "cni.dev/attachments": more.valid }),
  };
}

/** A plugin's whole environment. CNI spec 1.1.0, "Parameters". */
export function requestEnvironment(command: CniCommand, pluginDir: string, attachment?: Attachment): Record<string, string> {
  const env: Record<string, string> = {
    CNI_COMMAND: command,
    CNI_PATH: pluginDir,
    PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  };
  if (attachment === undefined) return env;
  const args = Object.entries(attachment.args).map(([key, value]) => `${key}=${value}`);
  return {
    ...env,
    CNI_CONTAINERID: attachment.containerId,
    CNI_NETNS: attachment.netns,
    CNI_IFNAME: attachment.ifName,
    ...(args.length === 0 ? {} : { CNI_ARGS: args.join(";") }),
  };
}
