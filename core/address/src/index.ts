export { parseIpv4, ipv4, formatIpv4, ipv4FromNumber, offsetIpv4, ipv4ToBytes, ipv4FromBytes, type Ipv4 } from "./ipv4.ts";
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
export { parseMac, macFromBytes, macToBytes, localMac, type Mac } from "./mac.ts";
export { asId, type Id, type VpcId, type SubnetId, type EniId, type AttachmentId, type InstanceId, type SecurityGroupId } from "./ids.ts";
