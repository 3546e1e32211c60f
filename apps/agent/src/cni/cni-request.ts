import type { PodOwner, SandboxKey } from "@slash28/ipam";

/** The CNI versions the agent answers in, oldest first. */
export const CNI_VERSIONS = ["0.3.1", "0.4.0", "1.0.0", "1.1.0"] as const;
export type CniVersion = (typeof CNI_VERSIONS)[number];

/** One request of a container runtime, checked. */
export type CniRequest = AddRequest | DelRequest | CheckRequest | { readonly command: "STATUS"; readonly version: CniVersion } | GcRequest;

interface SandboxRequest {
  readonly version: CniVersion;
  readonly sandbox: SandboxKey;
  /** Absent when the runtime does not say which pod it is (`cnitool`). */
  readonly owner?: PodOwner;
}

export interface AddRequest extends SandboxRequest {
  readonly command: "ADD";
  readonly netns: string;
}

export interface DelRequest extends SandboxRequest {
  readonly command: "DEL";
  /** Absent when the namespace is gone already. */
  readonly netns?: string;
}

export interface CheckRequest extends SandboxRequest {
  readonly command: "CHECK";
  readonly netns: string;
  /** The addresses of the result that ADD gave, `10.0.1.7/32`; absent when the runtime passed none. */
  readonly previousAddresses?: readonly string[];
}

export interface GcRequest {
  readonly command: "GC";
  readonly version: CniVersion;
  readonly networkName: string;
  /** The attachments that are still valid; absent: the runtime did not say, so nothing may be taken for stale. */
  readonly valid?: readonly { readonly containerId: string; readonly ifName: string }[];
}

/** Why a request is not served: a code of the CNI spec ("Error") and a sentence. */
export interface CniRefusal {
  readonly refused: true;
  readonly version: CniVersion;
  readonly code: number;
  readonly msg: string;
  readonly details?: string;
}

/** What came over the socket: header values as text, the network configuration as it was. */
export interface CniEnvelope {
  readonly command: string;
  readonly containerId: string | undefined;
  readonly netns: string | undefined;
  readonly ifName: string | undefined;
  readonly args: string | undefined;
  readonly config: string;
}

type Config = Readonly<Record<string, unknown>>;

/** Since when each verb exists (CNI spec 1.1.0, "CNI operations"). */
const SINCE: Readonly<Record<CniRequest["command"], CniVersion>> = {
  ADD: "0.3.1",
  DEL: "0.3.1",
  CHECK: "0.4.0",
  STATUS: "1.1.0",
  GC: "1.1.0",
};
const CONTAINER_ID = /^[A-Za-z0-9][A-Za-z0-9_.-]*$/;
const IF_NAME = /^(?!\.\.?$)[^/:\s]{1,15}$/;
const NETWORK_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]*$/;

/** Reads a request, in the order of the CNI library: environment (4), JSON (6), version (1), name (7), verb's version (1). */
export function parseCniRequest(envelope: CniEnvelope): CniRequest | CniRefusal {
  const { command } = envelope;
  if (!isCommand(command)) return refuse(4, `CNI_COMMAND ${command} is unknown`);
  const config = parseJsonObject(envelope.config);
  if (config === undefined) return refuse(6, "the network configuration is not a JSON object");
  const version = CNI_VERSIONS.find((each) => each === config["cniVersion"]);
  if (version === undefined)
    return refuse(1, `cniVersion ${JSON.stringify(config["cniVersion"] ?? "")} is not one of ${CNI_VERSIONS.join(", ")}`);
  if (CNI_VERSIONS.indexOf(version) < CNI_VERSIONS.indexOf(SINCE[command]))
    return refuse(1, `${command} needs cniVersion ${SINCE[command]} or later, not ${version}`, version);
  const name = config["name"];
  if (typeof name !== "string" || !NETWORK_NAME.test(name)) return refuse(7, "the network configuration has no valid name", version);
  switch (command) {
    case "STATUS":
      return { command, version };
    case "GC":
      return gcRequest(config, name, version);
    default:
      return sandboxRequest(command, envelope, config, { name, version });
  }
}

export function isRefusal(request: CniRequest | CniRefusal): request is CniRefusal {
  return "refused" in request;
}

function sandboxRequest(
  command: "ADD" | "DEL" | "CHECK",
  envelope: CniEnvelope,
  config: Config,
  { name, version }: { readonly name: string; readonly version: CniVersion },
): CniRequest | CniRefusal {
  const { containerId, ifName, netns } = envelope;
  if (containerId === undefined || !CONTAINER_ID.test(containerId)) return refuse(4, "CNI_CONTAINERID is not a container id", version);
  if (ifName === undefined || !IF_NAME.test(ifName)) return refuse(4, "CNI_IFNAME is not a link name", version);
  const args = parseArgs(envelope.args ?? "");
  if (args === undefined) return refuse(4, "CNI_ARGS is not a list of KEY=VALUE pairs separated by ;", version);
  const owner = ownerOf(args);
  const common = { version, sandbox: { networkName: name, containerId, ifName }, ...(owner === undefined ? {} : { owner }) };
  if (command === "DEL") return { command, ...common, ...(netns === undefined ? {} : { netns }) };
  if (netns === undefined) return refuse(4, `${command} needs CNI_NETNS`, version);
  if (command === "ADD") return { command, ...common, netns };
  const previousAddresses = previousAddressesOf(config["prevResult"]);
  return { command, ...common, netns, ...(previousAddresses === undefined ? {} : { previousAddresses }) };
}

/** A missing list and `null` both mean "not told": the CNI library sends `null` for a list that the runtime did not fill. */
function gcRequest(config: Config, networkName: string, version: CniVersion): CniRequest | CniRefusal {
  const listed = config["cni.dev/valid-attachments"] ?? config["cni.dev/attachments"];
  if (listed === undefined || listed === null) return { command: "GC", version, networkName };
  if (!Array.isArray(listed)) return refuse(7, "cni.dev/valid-attachments is not a list", version);
  const valid = listed.map((entry: unknown) => {
    const { containerID: containerId, ifname: ifName } = asConfig(entry) ?? {};
    return typeof containerId === "string" && typeof ifName === "string" ? { containerId, ifName } : undefined;
  });
  if (valid.includes(undefined)) return refuse(7, "cni.dev/valid-attachments has an entry without containerID or ifname", version);
  return { command: "GC", version, networkName, valid: valid.filter((each) => each !== undefined) };
}

function ownerOf(args: ReadonlyMap<string, string>): PodOwner | undefined {
  const name = args.get("K8S_POD_NAME");
  const namespace = args.get("K8S_POD_NAMESPACE");
  return name && namespace ? { namespace, name } : undefined;
}

/** Keys that are not known are let pass: runtimes add their own. `undefined` when a pair has no or two `=`. */
function parseArgs(text: string): ReadonlyMap<string, string> | undefined {
  const pairs = text
    .split(";")
    .filter((pair) => pair !== "")
    .map((pair) => pair.split("="));
  return pairs.every((pair) => pair.length === 2) ? new Map(pairs.map(([key = "", value = ""]) => [key, value])) : undefined;
}

function previousAddressesOf(result: unknown): readonly string[] | undefined {
  const ips = asConfig(result)?.["ips"];
  if (!Array.isArray(ips)) return undefined;
  return ips.map((ip: unknown) => asConfig(ip)?.["address"]).filter((address) => typeof address === "string");
}

function parseJsonObject(text: string): Config | undefined {
  try {
    return asConfig(JSON.parse(text) as unknown);
  } catch {
    return undefined;
  }
}

function asConfig(value: unknown): Config | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
}

function isCommand(text: string): text is CniRequest["command"] {
  return Object.hasOwn(SINCE, text);
}

function refuse(code: number, msg: string, version: CniVersion = "1.1.0"): CniRefusal {
  return { refused: true, version, code, msg };
}
