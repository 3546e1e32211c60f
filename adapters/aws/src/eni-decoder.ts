import { asId, parseCidr4, parseIpv4, parseMac } from "@slash28/address";
import type { ConnectionTracking, Ec2Attachment, Ec2Eni, Ec2Subnet, Tags } from "@slash28/ports";
import type { XmlNode } from "./xml-answer.ts";

/** An answer that lacks what EC2 always sends, or sends it in another form. The caller turns it into a fault. */
export class UnexpectedAnswer extends Error {
  constructor(what: string, value: string | undefined) {
    super(`${what} is ${value === undefined ? "missing" : JSON.stringify(value.slice(0, 80))}`);
    this.name = "UnexpectedAnswer";
  }
}

/** A required value of an answer, read and checked. */
export function need<T>(node: XmlNode, name: string, parse: (text: string) => T | undefined): T {
  const text = node.text(name);
  const value = text === undefined ? undefined : parse(text);
  if (value === undefined) throw new UnexpectedAnswer(name, text);
  return value;
}

/** Reads text of this form. */
export function ofForm(form: RegExp): (text: string) => string | undefined {
  return (text) => (form.test(text) ? text : undefined);
}

const ENI_ID = ofForm(/^eni-[0-9a-f]+$/);
const SUBNET_ID = ofForm(/^subnet-[0-9a-f]+$/);
const VPC_ID = ofForm(/^vpc-[0-9a-f]+$/);
const KINDS = ["interface", "trunk", "branch", "efa", "efa-only"] as const;
const STATES = ["available", "attaching", "in-use", "detaching", "pending"] as const;

/** One `<item>` of `networkInterfaceSet`, or the `networkInterface` of a create. */
export function decodeEni(node: XmlNode): Ec2Eni {
  const kind = node.text("interfaceType");
  const addresses = node.items("privateIpAddressesSet");
  const attachment = decodeAttachment(node.child("attachment"));
  const connectionTracking = decodeConnectionTracking(node.child("connectionTrackingConfiguration"));
  return {
    id: asId(need(node, "networkInterfaceId", ENI_ID)),
    mac: need(node, "macAddress", parseMac),
    subnetId: asId(need(node, "subnetId", SUBNET_ID)),
    vpcId: asId(need(node, "vpcId", VPC_ID)),
    description: node.text("description") ?? "",
    kind: kind === undefined ? "interface" : (KINDS.find((each) => each === kind) ?? "other"),
    status: need(node, "status", (text) => STATES.find((each) => each === (text === "associated" ? "in-use" : text))),
    primaryAddress: need(node, "privateIpAddress", parseIpv4),
    addresses: addresses.filter((each) => each.text("primary") !== "true").map((each) => need(each, "privateIpAddress", parseIpv4)),
    prefixes: node.items("ipv4PrefixSet").map((each) => need(each, "ipv4Prefix", parseCidr4)),
    groups: node.items("groupSet").map((each) => asId(need(each, "groupId", ofForm(/^sg-[0-9a-f]+$/)))),
    tags: decodeTags(node),
    ...(attachment === undefined ? {} : { attachment }),
    ...(connectionTracking === undefined ? {} : { connectionTracking }),
  };
}

/** The fields that are set; `undefined` when none is. */
function decodeConnectionTracking(node: XmlNode | undefined): ConnectionTracking | undefined {
  const fields = ["tcpEstablishedTimeout", "udpStreamTimeout", "udpTimeout"] as const;
  const given = fields.filter((field) => Boolean(node?.text(field)));
  if (node === undefined || given.length === 0) return undefined;
  return Object.fromEntries(given.map((field) => [field, need(node, field, smallNumber)]));
}

function decodeAttachment(node: XmlNode | undefined): Ec2Attachment | undefined {
  // An ENI of another account or service is attached to no instance of ours.
  if (node === undefined || node.text("instanceId") === undefined) return undefined;
  return {
    id: asId(need(node, "attachmentId", ofForm(/^[a-z-]+attach-[0-9a-f]+$/))),
    instanceId: asId(need(node, "instanceId", ofForm(/^i-[0-9a-f]+$/))),
    deviceIndex: need(node, "deviceIndex", smallNumber),
    networkCard: node.text("networkCardIndex") === undefined ? 0 : need(node, "networkCardIndex", smallNumber),
    deleteOnTermination: node.text("deleteOnTermination") === "true",
  };
}

/** One `<item>` of `subnetSet`. */
export function decodeSubnet(node: XmlNode): Ec2Subnet {
  return {
    id: asId(need(node, "subnetId", SUBNET_ID)),
    vpcId: asId(need(node, "vpcId", VPC_ID)),
    zone: need(node, "availabilityZone", (text) => text || undefined),
    cidr: need(node, "cidrBlock", parseCidr4),
    freeAddresses: need(node, "availableIpAddressCount", smallNumber),
    tags: decodeTags(node),
  };
}

function decodeTags(node: XmlNode): Tags {
  return Object.fromEntries(node.items("tagSet").map((tag) => [need(tag, "key", (text) => text), tag.text("value") ?? ""]));
}

export function smallNumber(text: string): number | undefined {
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}
