import { formatIpv4 } from "@slash28/address";
import { keyText } from "@slash28/ipam";
import { Fault, type Clock, type Log, type Metrics } from "@slash28/ports";
import type { Node } from "../node.ts";
import type { KeyedLock } from "../pods/keyed-lock.ts";
import type { Sandboxes } from "../pods/sandboxes.ts";
import { addAnswer, DONE, failureAnswer, refusalAnswer, type CniAnswer } from "./cni-answer.ts";
import {
  isRefusal,
  parseCniRequest,
  type AddRequest,
  type CheckRequest,
  type CniEnvelope,
  type CniRequest,
  type CniVersion,
  type DelRequest,
  type GcRequest,
} from "./cni-request.ts";

/** A node that is ready to serve pods. */
export interface CniService {
  readonly node: Node;
  readonly sandboxes: Sandboxes;
  readonly lock: KeyedLock;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Where the agent is in its life. */
export type AgentPhase =
  | { readonly kind: "starting" }
  | { readonly kind: "serving"; readonly service: CniService }
  | { readonly kind: "stopping" };

const CANNOT_SERVE = 50;
const MAY_BE_IMPAIRED = 51;

/** Answers one request of the plugin; never rejects. */
export async function serveCni(envelope: CniEnvelope, phase: AgentPhase, log: Log): Promise<CniAnswer> {
  const request = parseCniRequest(envelope);
  if (isRefusal(request)) {
    log.warn("a CNI request was refused", { command: envelope.command, code: request.code, why: request.msg });
    return refusalAnswer(request);
  }
  if (phase.kind !== "serving") return notServing(request, phase.kind);
  try {
    return await serve(request, phase.service);
  } catch (cause) {
    const fields = { command: request.command, cause: cause instanceof Error ? cause.message : String(cause), ...podFields(request) };
    if (cause instanceof Fault) log.warn("a pod's request failed", fields);
    else log.error("a pod's request met a bug", { ...fields, stack: cause instanceof Error ? cause.stack : undefined });
    return failureAnswer(request.version, cause);
  }
}

function notServing(request: CniRequest, phase: "starting" | "stopping"): CniAnswer {
  const fault = new Fault(phase === "starting" ? "AGENT_STARTING" : "AGENT_STOPPING");
  if (request.command !== "STATUS") return failureAnswer(request.version, fault);
  return refusalAnswer({ version: request.version, code: CANNOT_SERVE, msg: fault.message, details: fault.code });
}

function serve(request: CniRequest, service: CniService): Promise<CniAnswer> {
  switch (request.command) {
    case "ADD":
      return service.lock.run(keyText(request.sandbox), () => add(request, service));
    case "DEL":
      return service.lock.run(keyText(request.sandbox), () => del(request, service));
    case "CHECK":
      return service.lock.run(keyText(request.sandbox), () => Promise.resolve(check(request, service)));
    case "STATUS":
      return Promise.resolve(status(request.version, service));
    case "GC":
      return collect(request, service);
    default:
      return request satisfies never;
  }
}

async function add(request: AddRequest, { sandboxes, log, metrics }: CniService): Promise<CniAnswer> {
  metrics.add("awscni_add_ip_req_count");
  const { sandbox: key, owner, netns, version } = request;
  const { wiring, podMac } = await sandboxes.add({ key, netns, ...(owner === undefined ? {} : { owner }) });
  log.info("address assigned to pod", { ...podFields(request), address: formatIpv4(wiring.address), hostLink: wiring.hostLink });
  return addAnswer(version, wiring, netns, podMac);
}

async function del(request: DelRequest, { sandboxes, log, metrics }: CniService): Promise<CniAnswer> {
  metrics.add("awscni_del_ip_req_count", { reason: "PodDeleted" });
  const address = await sandboxes.remove(request.sandbox, request.owner, request.netns);
  if (address === undefined) log.debug("nothing to release for pod", podFields(request));
  else log.info("address released by pod", { ...podFields(request), address: formatIpv4(address) });
  return DONE;
}

/** Routes and rules that others added later are not looked at: chained plugins may add some. */
function check(request: CheckRequest, { sandboxes }: CniService): CniAnswer {
  const found = sandboxes.check(request.sandbox, request.netns);
  if (found === undefined)
    return failureAnswer(request.version, new Fault("BAD_REQUEST", { detail: "the sandbox has no address on this node" }));
  const address = `${formatIpv4(found.address)}/32`;
  const missing = [...found.missing];
  if (request.previousAddresses !== undefined && !request.previousAddresses.includes(address))
    missing.unshift(`the result of ADD names ${request.previousAddresses.join(", ") || "no address"}, the sandbox has ${address}`);
  if (missing.length === 0) return DONE;
  return refusalAnswer({ version: request.version, code: 100, msg: missing.join("; ") });
}

/**
 * Code 51: running pods may suffer. An exhausted pool is told by ADD and by events, not here: a runtime makes the node NotReady on any
 * code, and the pods that run well on it would be evicted.
 */
function status(version: CniVersion, { node }: CniService): CniAnswer {
  const broken = node.hostFault;
  if (broken === undefined) return DONE;
  return refusalAnswer({
    version,
    code: MAY_BE_IMPAIRED,
    msg: `the host's network is incomplete: ${broken.message}`,
    details: broken.code,
  });
}

/** Releases what the runtime no longer lists; without a list nothing is taken for stale. Goes on past errors and reports them. */
async function collect(request: GcRequest, { node, sandboxes, lock, log }: CniService): Promise<CniAnswer> {
  if (request.valid === undefined) {
    log.warn("GC without a list of valid attachments: nothing is released");
    return DONE;
  }
  const valid = new Set(request.valid.map(({ containerId, ifName }) => keyText({ networkName: request.networkName, containerId, ifName })));
  const errors: string[] = [];
  for (const { key, owner, address } of node.ledger.reservations()) {
    if (key.networkName !== request.networkName || valid.has(keyText(key))) continue;
    try {
      await lock.run(keyText(key), () => sandboxes.remove(key, owner, undefined));
      log.info("address released by GC", { address: formatIpv4(address), container: key.containerId });
    } catch (cause) {
      errors.push(`${formatIpv4(address)}: ${cause instanceof Error ? cause.message : String(cause)}`);
    }
  }
  return errors.length === 0 ? DONE : refusalAnswer({ version: request.version, code: 100, msg: errors.join("; ") });
}

function podFields(request: CniRequest): Readonly<Record<string, string | undefined>> {
  if (!("sandbox" in request)) return {};
  const { owner, sandbox } = request;
  return {
    pod: owner === undefined ? undefined : `${owner.namespace}/${owner.name}`,
    container: sandbox.containerId.slice(0, 13),
    ifName: sandbox.ifName,
  };
}
