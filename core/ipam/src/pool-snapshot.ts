import { parseCidr4 } from "@slash28/address";
import { isObject, parseObject, type Json } from "./json.ts";

/** A node's pool as its agent told it at `/v1/enis`: this one, or the VPC CNI's. */
export interface PoolSnapshot {
  readonly blocks: readonly SnapshotBlock[];
}

export interface SnapshotBlock {
  readonly eni: string;
  /** As text: `10.0.1.0/28`, or an address's `/32`. */
  readonly cidr: string;
  readonly isPrefix: boolean;
  /** `false`: no pod gets an address of it any more. */
  readonly takesPods: boolean;
  /** Addresses that pods hold. */
  readonly held: readonly { readonly address: string; readonly pod: string }[];
}

export type SnapshotRead = { readonly ok: true; readonly snapshot: PoolSnapshot } | { readonly ok: false; readonly why: string };

/** Where a holder's pod is not known: taken over from a checkpoint without names. */
const UNNAMED = "(unknown pod)";

/** Reads the body of `/v1/enis`. Every network card counts; older VPC CNIs know one and leave its number out. */
export function readSnapshot(text: string): SnapshotRead {
  const whole = parseObject(text);
  if (whole === undefined) return { ok: false, why: "it is not a JSON object" };
  const cards = "ENIs" in whole ? [whole] : Object.values(whole);
  if (cards.length === 0 || !cards.every((card) => isObject(card) && isObject(card["ENIs"]))) {
    return { ok: false, why: "it has no ENIs; save what the agent answers at /v1/enis" };
  }
  const enis = cards.flatMap((card) => entriesOf(jsonOf(card)["ENIs"]));
  return { ok: true, snapshot: { blocks: enis.flatMap(([id, eni]) => blocksOf(id, eni)) } };
}

function blocksOf(id: string, eni: Json): readonly SnapshotBlock[] {
  return entriesOf(eni["AvailableIPv4Cidrs"]).flatMap(([cidr, block]): readonly SnapshotBlock[] => {
    if (parseCidr4(cidr) === undefined) return [];
    const held = entriesOf(block["IPAddresses"]).flatMap(([address, used]) => (isHeld(used) ? [{ address, pod: podOf(used) }] : []));
    return [{ eni: id, cidr, isPrefix: block["IsPrefix"] === true, takesPods: eni["IsExcludedForPodIPs"] !== true, held }];
  });
}

/** A holder has a network's name; the address of one that left keeps its times alone. */
function isHeld(used: Json): boolean {
  const key = jsonOf(used["IPAMKey"]);
  return [key["networkName"], key["containerID"]].some((value) => typeof value === "string" && value !== "");
}

function podOf(used: Json): string {
  const { k8sPodNamespace: namespace, k8sPodName: name } = jsonOf(used["IPAMMetadata"]);
  return typeof namespace === "string" && typeof name === "string" ? `${namespace}/${name}` : UNNAMED;
}

function jsonOf(value: unknown): Json {
  return isObject(value) ? value : {};
}

function entriesOf(value: unknown): readonly (readonly [string, Json])[] {
  return Object.entries(jsonOf(value)).map(([name, entry]) => [name, jsonOf(entry)] as const);
}
