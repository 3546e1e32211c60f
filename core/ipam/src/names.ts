import type { PodOwner } from "./reservation.ts";
import { sha1Hex } from "./sha1.ts";

/** The kernel's main route table. */
export const MAIN_TABLE = 254;

/**
 * A pod's link on the host: the prefix and 11 hex digits that depend on the pod's name alone, so that nodes and tools find it again. Further links of the
 * same pod (`index` above 0) hash their index too. Same names as the VPC CNI gives.
 */
export function hostLinkName(prefix: string, pod: PodOwner, index = 0): string {
  const name = index === 0 ? `${pod.namespace}.${pod.name}` : `${pod.namespace}.${pod.name}.${index}`;
  return `${prefix}${sha1Hex(utf8(name)).slice(0, 11)}`;
}

/** The route table of an ENI: main for the primary one, device index + 1 on network card 0, else 10000 + 100 × card + device index. */
export function routeTableOf(eni: { readonly networkCard: number; readonly deviceIndex: number }): number {
  if (eni.networkCard > 0) return 10_000 + 100 * eni.networkCard + eni.deviceIndex;
  return eni.deviceIndex === 0 ? MAIN_TABLE : eni.deviceIndex + 1;
}

const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** UTF-8 bytes; core has no TextEncoder, and percent-encoding is part of the language. */
function utf8(text: string): Uint8Array {
  const bytes: number[] = [];
  const encoded = encodeURIComponent(text.replace(LONE_SURROGATE, "\ufffd"));
  for (let i = 0; i < encoded.length; i++) {
    if (encoded[i] !== "%") {
      bytes.push(encoded.charCodeAt(i));
    } else {
      bytes.push(Number.parseInt(encoded.slice(i + 1, i + 3), 16));
      i += 2;
    }
  }
  return Uint8Array.from(bytes);
}
