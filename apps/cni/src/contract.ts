/** The CNI versions the plugin speaks, oldest first. */
export const CNI_VERSIONS = ["0.3.1", "0.4.0", "1.0.0", "1.1.0"] as const;
export type CniVersion = (typeof CNI_VERSIONS)[number];

/** The verbs that go to the agent, and the version each exists since (CNI spec 1.1.0, "CNI operations"). */
export const COMMANDS = { ADD: "0.3.1", DEL: "0.3.1", CHECK: "0.4.0", STATUS: "1.1.0", GC: "1.1.0" } as const satisfies Record<
  string,
  CniVersion
>;
export type CniCommand = keyof typeof COMMANDS;

/** Where the agent listens unless the network configuration has `agentSocket`. */
export const DEFAULT_SOCKET = "/var/run/aws-node/slash28.sock";

/** The longest network configuration, in bytes; runtimes pass a few kilobytes. */
export const INPUT_MAX = 1 << 20;
export const ARGS_MAX = 8192;

/** The request to the agent is `POST /cni`: these headers, and the network configuration as it came. */
export const HEADERS = {
  command: "Cni-Command",
  containerId: "Cni-Container-Id",
  netns: "Cni-Netns",
  ifName: "Cni-Ifname",
  args: "Cni-Args",
  /** Of the answer: the plugin's exit code. The body is what the plugin prints. */
  exit: "Cni-Exit",
} as const;

/** Codes of the CNI spec, "Error". */
export const CODES = {
  incompatibleVersion: 1,
  badEnvironment: 4,
  ioFailure: 5,
  badJson: 6,
  badConfig: 7,
  tryAgain: 11,
  cannotServe: 50,
} as const;

/** Ends the plugin with an error of the CNI spec. */
export class PluginError extends Error {
  readonly code: number;
  readonly cniVersion: CniVersion;

  constructor(code: number, message: string, cniVersion: CniVersion = "1.1.0") {
    super(message);
    this.name = "PluginError";
    this.code = code;
    this.cniVersion = cniVersion;
  }

  /** The error document, one line. */
  print(): string {
    // The static plugin cannot tell UTF-8 from noise, so neither prints it.
    const msg = this.message.slice(0, 511).replace(/[^\x20-\x7e]/g, "?");
    return `${JSON.stringify({ cniVersion: this.cniVersion, code: this.code, msg })}\n`;
  }
}
