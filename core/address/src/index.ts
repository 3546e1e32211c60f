export { parseIpv4, ipv4, formatIpv4, ipv4FromNumber, offsetIpv4, ipv4ToBytes, ipv4FromBytes, type Ipv4 } from "./ipv4.ts";
export { parseIpv6, ipv6, formatIpv6, ipv6FromBigint, offsetIpv6, ipv6ToBytes, ipv6FromBytes, type Ipv6 } from "./ipv6.ts";
export {
  parseCidr4,
  parseCidr4Loose,
  cidr4,
  cidr4Of,
  formatCidr4,
  cidr4Size,
  cidr4Last,
  cidr4Has,
  cidr4Contains,
  cidr4Overlaps,
  cidr4Equal,
  splitCidr4,
  type Cidr4,
} from "./cidr4.ts";
export {
  parseCidr6,
  parseCidr6Loose,
  cidr6,
  cidr6Of,
  formatCidr6,
  cidr6Size,
  cidr6Last,
  cidr6Has,
  cidr6Contains,
  cidr6Overlaps,
  cidr6Equal,
  splitCidr6,
  countCidr6Pieces,
  IPV6_PREFIX_LENGTH,
  type Cidr6,
} from "./cidr6.ts";
export { compareCidr4, aggregateCidrs4, subtractCidrs4, firstFreeCidr4, countFreeCidrs4 } from "./cidr4-set.ts";
export { compareCidr6, aggregateCidrs6, subtractCidrs6, firstFreeCidr6 } from "./cidr6-set.ts";
export {
  parseAddress,
  parseCidr,
  isCidr4,
  isCidr6,
  formatCidrRange,
  cidrRangeContains,
  cidrRangesEqual,
  cidrRangeSize,
  formatAddress,
  addressAt,
  offsetInRange,
  type Address,
  type Cidr,
  type CidrRange,
} from "./family.ts";
export {
  addressBits,
  aggregateCidrRanges,
  cidrRangeLast,
  cidrRangesOverlap,
  countCidrRangePieces,
  splitCidrRange,
  subtractCidrRanges,
} from "./cidr-range-sets.ts";
export { parseMac, macFromBytes, macToBytes, localMac, type Mac } from "./mac.ts";
export { eui64, eui64Ipv6, linkLocalIpv6 } from "./eui64.ts";
export { asId, type Id, type VpcId, type SubnetId, type EniId, type AttachmentId, type InstanceId, type SecurityGroupId } from "./ids.ts";
