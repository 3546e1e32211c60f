import { cidr4, cidr4Contains, cidr4Overlaps, formatCidr4, type Cidr4 } from "@slash28/address";
import { badVpcRange } from "../errors.ts";
import type { Ec2Error } from "../result.ts";

/** Address families that EC2 keeps apart in one VPC (AWS: "VPC CIDR blocks", IPv4 CIDR block association restrictions). */
type Family = "10" | "172" | "192" | "198.19" | "public";

const FAMILIES: readonly (readonly [Family, Cidr4])[] = [
  ["10", cidr4("10.0.0.0/8")],
  ["172", cidr4("172.16.0.0/12")],
  ["192", cidr4("192.168.0.0/16")],
  ["198.19", cidr4("198.19.0.0/16")],
];

/** By the primary block's family: the families a further block may not be of. 100.64.0.0/10 counts as public here and goes with all. */
const REFUSED: Readonly<Record<Family, readonly Family[]>> = {
  "10": ["172", "192", "198.19"],
  "172": ["10", "192", "198.19"],
  "192": ["10", "172", "198.19"],
  "198.19": ["10", "172", "192"],
  public: ["10", "172", "192", "198.19"],
};

/** Link-local, this-network, loopback, multicast and class E: no VPC has them. */
const NEVER = ["169.254.0.0/16", "0.0.0.0/8", "127.0.0.0/8", "224.0.0.0/3"].map(cidr4);

const LOWEST_TEN = cidr4("10.0.0.0/15");
const FIRST_TEN = cidr4("10.0.0.0/16");
/** The block of default VPCs; it is not added to others of its family. */
const DEFAULT_VPC = cidr4("172.31.0.0/16");

const LENGTH_MIN = 16;
const LENGTH_MAX = 28;

/** Whether a block has a size that VPCs and subnets may have. */
export function hasAllowedSize(range: Cidr4): boolean {
  return range.length >= LENGTH_MIN && range.length <= LENGTH_MAX;
}

/** Why a VPC may not have this block at all, if so. */
export function blockFault(range: Cidr4): Ec2Error | undefined {
  const isBad = !hasAllowedSize(range) || NEVER.some((never) => cidr4Overlaps(never, range));
  return isBad ? badVpcRange(`The CIDR '${formatCidr4(range)}' is invalid.`) : undefined;
}

/** Why a VPC with these blocks, primary first, may not have this further one, if so. */
export function furtherBlockFault(present: readonly Cidr4[], range: Cidr4): Ec2Error | undefined {
  const fault = blockFault(range);
  if (fault !== undefined) return fault;
  const text = formatCidr4(range);
  if (present.some((block) => cidr4Overlaps(block, range))) {
    return badVpcRange(`The CIDR '${text}' conflicts with a CIDR block of the VPC.`);
  }
  if (!isRestricted(present, range)) return undefined;
  return badVpcRange(
    `The CIDR '${text}' is restricted. Use a CIDR from the same private address range as the current VPC CIDR, ` +
      `or use a publicly-routable CIDR.`,
  );
}

function isRestricted(present: readonly Cidr4[], range: Cidr4): boolean {
  const [primary] = present;
  if (primary === undefined) return false;
  const family = familyOf(primary);
  if (REFUSED[family].includes(familyOf(range))) return true;
  if (family === "172") return cidr4Contains(DEFAULT_VPC, range);
  return family === "10" && cidr4Contains(FIRST_TEN, range) && present.some((block) => cidr4Contains(LOWEST_TEN, block));
}

function familyOf(range: Cidr4): Family {
  return FAMILIES.find(([, all]) => cidr4Contains(all, range))?.[0] ?? "public";
}
