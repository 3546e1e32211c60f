import { formatCidr4, formatIpv4 } from "@slash28/address";
import { keyText, routeTableOf, type Reservation } from "@slash28/ipam";
import { Fault, type Log } from "@slash28/ports";
import type { AgentPhase, CniService } from "../cni/serve-cni.ts";
import {
  addCallOf,
  delCallOf,
  type AddCall,
  type AddressMetadata,
  type DelCall,
  type RpcAnswer,
  type RpcCode,
  type RpcFields,
  type SandboxCall,
} from "./rpc-messages.ts";

export interface RpcBackendOptions {
  readonly phase: () => AgentPhase;
  /** `VPC_CNI_VERSION`: the version that a plugin must have; absent: any plugin is served. */
  readonly version: string | undefined;
  readonly log: Log;
}

/** What the gRPC services do, without gRPC. Never rejects. */
export interface RpcBackend {
  addNetwork(request: RpcFields): Promise<RpcAnswer>;
  delNetwork(request: RpcFields): Promise<RpcAnswer>;
  networkPolicyConfig(): RpcAnswer;
  /** `grpc.health.v1.Health/Check`. */
  health(service: string): RpcAnswer;
}

/** The plugin takes an error with this text for a success: there is nothing to release (VPC CNI, DelNetwork). */
const UNKNOWN_POD = "datastore: unknown pod";
/** The reasons of a DEL; any other counts as one, so that a caller cannot make metrics without end. */
const DEL_REASONS: ReadonlySet<string> = new Set(["PodDeleted", "SetupNSFailed"]);
const HEALTH_SERVICES: ReadonlySet<string> = new Set(["", "grpc.health.v1.aws-node"]);
const HEALTH = { serving: 1, notServing: 2 } as const;

/**
 * The VPC CNI's interface between its plugin and its address daemon (rpc.proto). The plugin makes the links and routes itself: here
 * an address is reserved, and answered once the journal has it.
 */
export function createRpcBackend({ phase, version, log }: RpcBackendOptions): RpcBackend {
  const serve = async <T extends SandboxCall>(call: T, work: (call: T, service: CniService) => Promise<RpcAnswer>): Promise<RpcAnswer> => {
    const refused = versionRefusal(call, version);
    if (refused !== undefined) {
      log.warn("a plugin of another version was refused", { plugin: call.clientVersion, agent: version });
      return refused;
    }
    const now = phase();
    if (now.kind !== "serving") return notServing(now.kind);
    try {
      return await work(call, now.service);
    } catch (cause) {
      log.error("a plugin's request met a bug", { stack: cause instanceof Error ? cause.stack : String(cause), ...podFields(call) });
      return status("INTERNAL", `the agent failed: ${String(cause)}`);
    }
  };
  return {
    addNetwork: (request) => serve(addCallOf(request), add),
    delNetwork: (request) => serve(delCallOf(request), del),
    networkPolicyConfig() {
      const now = phase();
      return now.kind === "serving" ? policyConfig(now.service) : notServing(now.kind);
    },
    health(service) {
      if (!HEALTH_SERVICES.has(service)) return status("NOT_FOUND", `there is no service ${service}`);
      return reply({ status: phase().kind === "serving" ? HEALTH.serving : HEALTH.notServing });
    },
  };
}

async function add(call: AddCall, service: CniService): Promise<RpcAnswer> {
  const { sandboxes, lock, log, metrics, node } = service;
  metrics.add("awscni_add_ip_req_count");
  const { key, owner, netns } = call;
  if (key === undefined || call.wantsEveryCard) {
    const why = key === undefined ? "ContainerID, IfName or NetworkName is empty" : "an address of every network card is not served";
    log.warn("a plugin's request failed", { command: "AddNetwork", cause: why, ...podFields(call) });
    return reply({ Success: false });
  }
  try {
    const held = await lock.run(keyText(key), () => sandboxes.lend({ key, netns, ...(owner === undefined ? {} : { owner }) }));
    log.info("address assigned to pod", { ...podFields(call), address: formatIpv4(held.address), wiredBy: "plugin" });
    const { host } = node.settings;
    return reply({
      Success: true,
      IPAllocationMetadata: [metadataOf(held, service)],
      UseExternalSNAT: host.externalSnat,
      VPCv4CIDRs: [...node.vpcCidrs, ...host.excludeSnatCidrs].map(formatCidr4),
      NetworkPolicyMode: policyModeOf(node),
    });
  } catch (cause) {
    if (!(cause instanceof Fault)) throw cause;
    log.warn("a plugin's request failed", { command: "AddNetwork", cause: cause.message, ...podFields(call) });
    return reply({ Success: false });
  }
}

async function del(call: DelCall, service: CniService): Promise<RpcAnswer> {
  const { sandboxes, lock, log, metrics, node } = service;
  metrics.add("awscni_del_ip_req_count", { reason: DEL_REASONS.has(call.reason) ? call.reason : "other" });
  const { key, owner } = call;
  if (key === undefined) return status("INVALID_ARGUMENT", "ContainerID, IfName or NetworkName is empty");
  try {
    return await lock.run(keyText(key), async () => {
      const held = node.ledger.reservationOf(key);
      const released = held === undefined ? undefined : metadataOf(held, service);
      const address = await sandboxes.remove(key, owner, undefined);
      if (address === undefined) return status("UNKNOWN", UNKNOWN_POD);
      log.info("address released by pod", { ...podFields(call), address: formatIpv4(address), reason: call.reason });
      const allocation = released ?? { IPv4Addr: formatIpv4(address) };
      return reply({ Success: true, IPAllocationMetadata: [allocation], NetworkPolicyMode: policyModeOf(node) });
    });
  } catch (cause) {
    if (!(cause instanceof Fault)) throw cause;
    log.warn("a plugin's request failed", { command: "DelNetwork", cause: cause.message, ...podFields(call) });
    return reply({ Success: false });
  }
}

/** `NETWORK_POLICY_ENFORCING_MODE`, for the plugin and the network policy agent, which restrict pods between them. Empty: nobody wants that. */
function policyModeOf({ settings }: CniService["node"]): string {
  return settings.agent.networkPolicyMode ?? "";
}

/** What the network policy agent asks. */
function policyConfig({ node }: CniService): RpcAnswer {
  const { instanceId, region, primaryAddress } = node.identity;
  return reply({
    NetworkPolicyMode: policyModeOf(node),
    MultiNICEnabled: false,
    NodeIPv4: formatIpv4(primaryAddress),
    InstanceID: instanceId,
    Region: region,
  });
}

function metadataOf(held: Reservation, { node }: CniService): AddressMetadata {
  const facts = node.ledger.eni(held.eni)?.facts;
  if (facts === undefined) throw new Fault("ENI_GONE", { eni: held.eni });
  return { IPv4Addr: formatIpv4(held.address), DeviceNumber: facts.deviceIndex, RouteTableId: routeTableOf(facts) };
}

function versionRefusal({ clientVersion }: SandboxCall, version: string | undefined): RpcAnswer | undefined {
  if (version === undefined || clientVersion === version) return undefined;
  return status(
    "FAILED_PRECONDITION",
    `the plugin is of version ${clientVersion || "none"}, the agent of ${version}; install the agent's plugin`,
  );
}

function notServing(kind: "starting" | "stopping"): RpcAnswer {
  return status("UNAVAILABLE", new Fault(kind === "starting" ? "AGENT_STARTING" : "AGENT_STOPPING").message);
}

function reply(fields: RpcFields): RpcAnswer {
  return { kind: "reply", fields };
}

function status(code: RpcCode, message: string): RpcAnswer {
  return { kind: "status", code, message };
}

function podFields({ key, owner }: SandboxCall): Readonly<Record<string, string | undefined>> {
  return {
    pod: owner === undefined ? undefined : `${owner.namespace}/${owner.name}`,
    container: key?.containerId.slice(0, 13),
    ifName: key?.ifName,
  };
}
