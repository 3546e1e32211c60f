import { cidr4Size, formatCidr4, type Cidr4 } from "@slash28/address";
import type { PoolSettings } from "@slash28/ipam";
import type { Violation } from "./violation.ts";

/** One slot of an ENI as EC2 has it, and the pods that run on it as the container runtime knows them. */
export interface HeldBlock {
  readonly cidr: Cidr4;
  readonly pods: number;
}

/** An attached ENI that the agent manages. */
export interface HeldEni {
  readonly id: string;
  readonly isPrimary: boolean;
  /** `false` for the primary ENI under custom networking. */
  readonly takesPods: boolean;
  /** It has an empty slot, and its subnet an address for it. */
  readonly canGrow: boolean;
  readonly blocks: readonly HeldBlock[];
  /** A pod of it runs on an address that somebody took: the ENI stays for its sake. */
  readonly isPinned: boolean;
}

/** A node after a quiet time: EC2's and the runtime's view, nothing of the agent's. */
export interface QuietNode {
  readonly enis: readonly HeldEni[];
  readonly settings: PoolSettings;
  readonly usesPrefixes: boolean;
  readonly slotsPerEni: number;
  readonly maxPods: number;
  /** Type and settings allow another ENI, and a subnet has addresses for it. */
  readonly canAddEni: boolean;
  /** A subnet where the node can use it has a free /28. Without one, single addresses stand in for prefixes. */
  readonly canHavePrefix: boolean;
  /** Pods without an address. */
  readonly waiting: number;
}

const PREFIX_SIZE = 16;

interface Sums {
  readonly size: number;
  readonly held: number;
  readonly free: number;
  readonly targetFree: number;
  readonly targetHeld: number;
}

/**
 * Whether something could be handed back without missing a target: the smallest thing that goes back by itself, a block or an ENI. Told from
 * the documented meaning of the settings, not from the planner's code.
 */
export function surplusOf(node: QuietNode): Violation | undefined {
  const sums = sumsOf(node);
  return leftoverFound(node, sums) ?? blockFound(node, sums) ?? eniFound(node, sums);
}

/** Pods wait although the node holds a free address or can get one. */
export function starvationOf(node: QuietNode): Violation | undefined {
  if (node.waiting === 0) return undefined;
  const free = node.enis.reduce((sum, eni) => sum + (eni.takesPods ? freeOf(eni.blocks) : 0), 0);
  const growing = node.enis.find((eni) => eni.takesPods && eni.canGrow);
  if (free === 0 && growing === undefined && !node.canAddEni) return undefined;
  const could =
    free > 0
      ? `${free} addresses are free`
      : growing === undefined
        ? "another ENI can be had"
        : `${growing.id} has room and its subnet too`;
  return { invariant: "pod-starved", text: `${node.waiting} pods wait while ${could}` };
}

function sumsOf(node: QuietNode): Sums {
  const size = node.usesPrefixes ? PREFIX_SIZE : 1;
  const blocks = node.enis.filter((eni) => eni.takesPods).flatMap((eni) => eni.blocks.filter(({ cidr }) => cidr4Size(cidr) === size));
  const { warmIpTarget, minimumIpTarget, warmPrefixTarget, warmEniTarget } = node.settings;
  const byAddress = warmIpTarget !== undefined || minimumIpTarget !== undefined;
  const spare = node.usesPrefixes ? PREFIX_SIZE * warmPrefixTarget : node.slotsPerEni * warmEniTarget;
  return {
    size,
    held: blocks.length * size,
    free: freeOf(blocks),
    targetFree: byAddress ? (warmIpTarget ?? 0) : Math.max(1, spare),
    targetHeld: byAddress ? (minimumIpTarget ?? 0) : 0,
  };
}

/** What no pod gets any more. Single addresses of a node with prefixes are of use where prefixes are missing and cannot be had, or would be more than max pods can use. */
function leftoverFound(node: QuietNode, { size, targetFree, targetHeld }: Sums): Violation | undefined {
  const all = node.enis.flatMap((eni) => (eni.takesPods ? eni.blocks : []));
  const free = freeOf(all);
  const held = free + podsOf(all);
  const isShort = free <= targetFree + node.waiting || held <= targetHeld;
  const standIn = node.usesPrefixes && isShort && (!node.canHavePrefix || held >= node.maxPods);
  for (const eni of node.enis)
    for (const { cidr, pods } of eni.blocks)
      if (pods === 0 && (!eni.takesPods || (cidr4Size(cidr) !== size && !standIn)))
        return above(`${formatCidr4(cidr)} on ${eni.id} serves no pod and never will`);
  return undefined;
}

function blockFound(node: QuietNode, { size, held, free, targetFree, targetHeld }: Sums): Violation | undefined {
  const empty = node.enis.flatMap((eni) => (eni.takesPods ? eni.blocks : [])).find((block) => block.pods === 0);
  if (empty === undefined) return undefined;
  const { warmIpTarget, minimumIpTarget, warmPolicy } = node.settings;
  const goesBack = node.usesPrefixes || warmIpTarget !== undefined || minimumIpTarget !== undefined || warmPolicy === "adaptive";
  if (goesBack && free - size >= targetFree + node.waiting && held - size >= targetHeld)
    return above(`${held} addresses held, ${free} free; without ${formatCidr4(empty.cidr)} every target is still met`);
  const pods = held - free;
  const otherPods = node.enis.reduce((sum, eni) => sum + podsOf(eni.blocks), 0) - pods;
  if (held - size + otherPods >= node.maxPods && free - size >= node.waiting)
    return above(`${held} addresses held for at most ${node.maxPods} pods`);
  return undefined;
}

function eniFound(node: QuietNode, { held, free, targetFree, targetHeld }: Sums): Violation | undefined {
  const spare = node.enis.find((eni) => {
    if (eni.isPrimary || eni.isPinned || podsOf(eni.blocks) > 0) return false;
    if (node.settings.warmPolicy === "adaptive" && eni.takesPods && slotsWithout(node, eni) < node.maxPods) return false;
    const own = eni.takesPods ? freeOf(eni.blocks) : 0;
    return !eni.takesPods || (free - own >= targetFree + node.waiting && held - own >= targetHeld);
  });
  return spare === undefined ? undefined : above(`${spare.id} has no pod, and without it every target is still met`);
}

/** The adaptive policy may keep an ENI for its slots, while the others are too few for max pods. */
function slotsWithout(node: QuietNode, eni: HeldEni): number {
  const size = node.usesPrefixes ? PREFIX_SIZE : 1;
  return node.enis.filter((other) => other !== eni && other.takesPods).length * node.slotsPerEni * size;
}

function freeOf(blocks: readonly HeldBlock[]): number {
  return blocks.reduce((sum, { cidr, pods }) => sum + cidr4Size(cidr) - pods, 0);
}

function podsOf(blocks: readonly HeldBlock[]): number {
  return blocks.reduce((sum, { pods }) => sum + pods, 0);
}

function above(text: string): Violation {
  return { invariant: "held-above-settings", text };
}
