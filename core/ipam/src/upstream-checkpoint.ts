import { formatIpv4, parseIpv4 } from "@slash28/address";
import type { CheckpointError, Decoded } from "./book.ts";
import { isObject, parseObject } from "./json.ts";
import type { BookedReservation } from "./reservation.ts";

/** The only version upstream writes and reads. */
const VERSION = "vpc-cni-ipam/1";
const NS_PER_MS = 1_000_000;

/** Reads the VPC CNI's own checkpoint, to take a node over with its pods running. IPv6 allocations are passed over. */
export function decodeUpstreamCheckpoint(text: string): Decoded<readonly BookedReservation[]> {
  const json = parseObject(text);
  if (json === undefined) return fail("NOT_JSON", "is not a JSON object");
  if (json["version"] !== VERSION) return fail("VERSION_UNKNOWN", `has version ${JSON.stringify(json["version"])}, not ${VERSION}`);
  const allocations = json["allocations"] ?? [];
  if (!Array.isArray(allocations)) return fail("ENTRY_INVALID", "has allocations that are no list");
  const found: BookedReservation[] = [];
  const taken = new Set<number>();
  for (const [index, item] of (allocations as unknown[]).entries()) {
    const reservation = readAllocation(item);
    if (reservation === "wrong")
      return fail("ENTRY_INVALID", `has an allocation, number ${index}, that lacks a field or has one of the wrong form`);
    if (reservation === undefined) continue;
    if (taken.has(reservation.address)) return fail("ADDRESS_HELD_TWICE", `gives ${formatIpv4(reservation.address)} to two sandboxes`);
    taken.add(reservation.address);
    found.push(reservation);
  }
  return { ok: true, value: found };
}

/** The document upstream would write for these reservations, so that a node can go back to it. */
export function encodeUpstreamCheckpoint(reservations: readonly BookedReservation[]): string {
  const allocations = reservations.map(({ key, address, owner, reservedAt }) => ({
    networkName: key.networkName,
    containerID: key.containerId,
    ifName: key.ifName,
    ipv4: formatIpv4(address),
    allocationTimestamp: reservedAt * NS_PER_MS,
    metadata: owner === undefined ? {} : { k8sPodNamespace: owner.namespace, k8sPodName: owner.name, interfacesCount: 1 },
  }));
  return `${JSON.stringify({ version: VERSION, allocations })}\n`;
}

function readAllocation(json: unknown): BookedReservation | "wrong" | undefined {
  if (!isObject(json)) return "wrong";
  const { networkName, containerID, ifName, ipv4, allocationTimestamp, metadata } = json;
  if (typeof networkName !== "string" || typeof containerID !== "string" || typeof ifName !== "string") return "wrong";
  if (ipv4 === undefined || ipv4 === "") return undefined;
  const address = typeof ipv4 === "string" ? parseIpv4(ipv4) : undefined;
  if (address === undefined) return "wrong";
  const at = typeof allocationTimestamp === "number" ? Math.round(allocationTimestamp / NS_PER_MS) : 0;
  const { k8sPodNamespace: namespace, k8sPodName: name } = isObject(metadata) ? metadata : {};
  const owner = typeof namespace === "string" && typeof name === "string" ? { owner: { namespace, name } } : {};
  return { key: { networkName, containerId: containerID, ifName }, address, ...owner, reservedAt: at };
}

function fail(code: CheckpointError["code"], why: string): { readonly ok: false; readonly error: CheckpointError } {
  return { ok: false, error: { code, message: `the checkpoint ${why}; move it away to start without it` } };
}
