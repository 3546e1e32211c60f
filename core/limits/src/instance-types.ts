import { INSTANCE_TYPES } from "./generated/instance-types.ts";

/** What EC2 allows an instance of one type, as `DescribeInstanceTypes` tells it. */
export interface InstanceLimits {
  /** The type's name, `m5.large`. */
  readonly type: string;
  /** ENIs on the default network card: the number that counts for pods. `networkCards` has the rest. */
  readonly maxEnis: number;
  /** IPv4 slots of one ENI; its primary address takes one of them. */
  readonly ipv4PerEni: number;
  /** EC2 names no hypervisor for bare metal: `unknown` there. */
  readonly hypervisor: "nitro" | "xen" | "unknown";
  readonly bareMetal: boolean;
  /** Default vCPUs; `undefined` when no source tells. */
  readonly vcpus: number | undefined;
  /** `undefined` when no source tells. */
  readonly memoryMiB: number | undefined;
  readonly networkCards: readonly NetworkCard[];
  /** Index of the card that holds the primary ENI. */
  readonly defaultNetworkCard: number;
  /** Branch ENIs for security groups for pods; 0 when the type cannot trunk, `undefined` when no source tells. */
  readonly branchInterfaces: number | undefined;
  readonly trunkingCompatible: boolean;
}

export interface NetworkCard {
  readonly index: number;
  readonly maxEnis: number;
}

const HYPERVISORS: Readonly<Record<string, InstanceLimits["hypervisor"]>> = { n: "nitro", x: "xen", u: "unknown" };

let table: ReadonlyMap<string, string> | undefined;
const parsed = new Map<string, InstanceLimits>();

/** The limits of an instance type by its full name; `undefined` for a type the table does not have. */
export function limitsOf(instanceType: string): InstanceLimits | undefined {
  const known = parsed.get(instanceType);
  if (known !== undefined) return known;
  const row = rows().get(instanceType);
  if (row === undefined) return undefined;
  const limits = readRow(instanceType, row);
  parsed.set(instanceType, limits);
  return limits;
}

/** The name of every type in the table, sorted within its family as the source has it. */
export function instanceTypes(): readonly string[] {
  return [...rows().keys()];
}

/** Type name → its unread fields; split on first use, so a program that never asks does not pay. */
function rows(): ReadonlyMap<string, string> {
  if (table !== undefined) return table;
  const found = new Map<string, string>();
  for (const line of INSTANCE_TYPES.trim().split("\n")) {
    const [family = "", ...sizes] = line.split(" ");
    for (const size of sizes) {
      const comma = size.indexOf(",");
      found.set(`${family}.${size.slice(0, comma)}`, size.slice(comma + 1));
    }
  }
  table = found;
  return found;
}

function readRow(type: string, row: string): InstanceLimits {
  const [enis = "", addresses = "", virtualization = "", vcpus = "", memory = "", cards = "", branches = ""] = row.split(",");
  const maxEnis = Number(enis);
  const branchInterfaces = numberOrUnknown(branches);
  return {
    type,
    maxEnis,
    ipv4PerEni: Number(addresses),
    hypervisor: HYPERVISORS[virtualization.charAt(0)] ?? "unknown",
    bareMetal: virtualization.endsWith("m"),
    vcpus: numberOrUnknown(vcpus),
    memoryMiB: numberOrUnknown(memory),
    networkCards: Array.from({ length: cards === "" ? 1 : Number(cards) }, (_, index) => ({ index, maxEnis })),
    defaultNetworkCard: 0,
    branchInterfaces,
    trunkingCompatible: (branchInterfaces ?? 0) > 0,
  };
}

function numberOrUnknown(field: string): number | undefined {
  return field === "" ? undefined : Number(field);
}
