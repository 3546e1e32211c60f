import type { Settings } from "@slash28/ipam";

export interface ConflistOptions {
  readonly settings: Settings;
  readonly agentSocket: string;
  /** Whether the runtime finds this plugin beside ours. */
  readonly hasPlugin: (name: string) => boolean;
}

/** The file name the VPC CNI uses: runtimes take the first by name. */
export const CONFLIST_NAME = "10-aws.conflist";

/** The network configuration a runtime reads. Version 1.1.0, so that it may ask STATUS and GC; chained plugins only where they are installed. */
export function conflist({ settings, agentSocket, hasPlugin }: ConflistOptions): string {
  const { host, agent } = settings;
  const own = {
    name: "aws-cni",
    type: "aws-cni",
    vethPrefix: host.vethPrefix,
    mtu: String(host.podMtu),
    agentSocket,
    pluginLogFile: agent.pluginLogFile,
    pluginLogLevel: agent.pluginLogLevel,
  };
  const portmap = { type: "portmap", capabilities: { portMappings: true }, snat: true };
  const bandwidth = { type: "bandwidth", capabilities: { bandwidth: true } };
  const noIpv6 = {
    name: "tuning",
    type: "tuning",
    sysctl: Object.fromEntries(["all", "default", "lo"].map((scope) => [`net.ipv6.conf.${scope}.disable_ipv6`, "1"])),
  };
  const plugins = [
    own,
    ...(hasPlugin("portmap") ? [portmap] : []),
    ...(agent.bandwidthPlugin && hasPlugin("bandwidth") ? [bandwidth] : []),
    ...(agent.podIpv6Disabled && hasPlugin("tuning") ? [noIpv6] : []),
  ];
  return `${JSON.stringify({ cniVersion: "1.1.0", name: "aws-cni", plugins }, undefined, 2)}\n`;
}
