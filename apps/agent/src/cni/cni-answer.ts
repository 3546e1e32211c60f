import { formatIpv4, type Mac } from "@slash28/address";
import type { PodWiring } from "@slash28/host-network";
import { Fault } from "@slash28/ports";
import type { CniRefusal, CniVersion } from "./cni-request.ts";

/** What the plugin prints, and its exit code. */
export interface CniAnswer {
  readonly exitCode: 0 | 1;
  readonly body: string;
}

/** A success that says nothing: DEL, CHECK, STATUS and GC. */
export const DONE: CniAnswer = { exitCode: 0, body: "" };

/** Code of the first plugin-specific error, for what no retry mends (CNI spec, "Error"). */
const OWN_CODE = 100;
const UNKNOWN_CONTAINER = 3;
const TRY_AGAIN = 11;
const BAD_CONFIG = 7;
/** What the CNI library gives an error without a type. */
const UNTYPED = 999;

/**
 * The result of ADD in the asked version: host link and pod link, and the address on the latter. Before 1.0.0 each address names its
 * family; from 1.1.0 links tell their MTU.
 */
export function addAnswer(version: CniVersion, wiring: PodWiring, netns: string, podMac: Mac): CniAnswer {
  const mtu = version === "1.1.0" ? { mtu: wiring.mtu } : {};
  const family = version === "0.3.1" || version === "0.4.0" ? { version: "4" } : {};
  const gateway = formatIpv4(wiring.gateway);
  return success({
    cniVersion: version,
    interfaces: [
      { name: wiring.hostLink, mac: wiring.hostMac, ...mtu },
      { name: wiring.podLink, mac: podMac, ...mtu, sandbox: netns },
    ],
    ips: [{ ...family, address: `${formatIpv4(wiring.address)}/32`, gateway, interface: 1 }],
    routes: [{ dst: "0.0.0.0/0", gw: gateway }],
    dns: {},
  });
}

/** A refusal as the CNI spec prints it. */
export function refusalAnswer({ version, code, msg, details }: Omit<CniRefusal, "refused">): CniAnswer {
  return { exitCode: 1, body: print({ cniVersion: version, code, msg, ...(details === undefined ? {} : { details }) }) };
}

/** The answer to a request that ran into a fault, or into a bug of ours. */
export function failureAnswer(version: CniVersion, cause: unknown): CniAnswer {
  if (!(cause instanceof Fault)) return refusalAnswer({ version, code: UNTYPED, msg: `the agent failed: ${String(cause)}` });
  return refusalAnswer({ version, code: codeOf(cause), msg: cause.message, details: cause.code });
}

function codeOf(fault: Fault): number {
  if (fault.code === "POD_NAMESPACE_GONE") return UNKNOWN_CONTAINER;
  if (fault.code === "BAD_REQUEST") return BAD_CONFIG;
  return fault.retryAfterMs === undefined ? OWN_CODE : TRY_AGAIN;
}

function success(result: Readonly<Record<string, unknown>>): CniAnswer {
  return { exitCode: 0, body: print(result) };
}

function print(document: Readonly<Record<string, unknown>>): string {
  return `${JSON.stringify(document)}\n`;
}
