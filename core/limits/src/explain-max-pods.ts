import type { MaxPods } from "./max-pods.ts";

/** Why the number is what it is, as lines for people. */
export function explainMaxPods(value: MaxPods): readonly string[] {
  const { enis } = value;
  const lines: string[] = [];
  if (value.mode !== "ipv6") {
    const less = [
      enis.bounded < enis.limit ? `bounded to ${enis.bounded}` : "",
      enis.forCustomNetworking > 0 ? "1 left out by custom networking (the primary one)" : "",
      enis.forTrunk > 0 ? "1 is the trunk" : "",
      enis.reserved > 0 ? `${enis.reserved} reserved` : "",
    ].filter((part) => part !== "");
    lines.push(`ENIs on the default network card: ${enis.limit}${less.length === 0 ? "" : ` (${less.join(", ")})`}, usable ${enis.usable}`);
    const each = value.mode === "prefixes" ? `${value.addressesPerEni / 16} prefixes × 16` : "one per slot, without the primary address";
    lines.push(`addresses for pods per ENI: ${value.addressesPerEni} (${each})`);
    lines.push(`${enis.usable} × ${value.addressesPerEni} + ${value.hostNetworkPods} pods on the host's network = ${value.uncapped}`);
  }
  const size = value.vcpus === undefined ? "vCPUs unknown" : `${value.vcpus} vCPUs`;
  lines.push(`cap for ${size}: ${value.cap}${value.isCapped ? ", applied" : ", not applied"}`);
  if (value.branchPods > 0)
    lines.push(`pods with branch ENIs: up to ${value.branchPods} of these pods, without an address of the node's own ENIs`);
  lines.push(...value.notes);
  return lines;
}
