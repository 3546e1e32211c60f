import type { Ec2InstanceType } from "@slash28/ports";
import { need, smallNumber, UnexpectedAnswer } from "./eni-decoder.ts";
import type { XmlNode } from "./xml-answer.ts";

/** One `<item>` of `instanceTypeSet`. EC2 tells each network card's own ENIs beside the sum of all cards; only the former are of use. */
export function decodeInstanceType(node: XmlNode): Ec2InstanceType {
  const network = node.child("networkInfo");
  if (network === undefined) throw new UnexpectedAnswer("networkInfo", undefined);
  const hypervisor = node.text("hypervisor");
  const vcpus = node.child("vCpuInfo")?.text("defaultVCpus");
  const memoryMiB = node.child("memoryInfo")?.text("sizeInMiB");
  const cards = network.items("networkCards").map((card) => ({
    index: need(card, "networkCardIndex", smallNumber),
    maxEnis: need(card, "maximumNetworkInterfaces", smallNumber),
  }));
  return {
    type: need(node, "instanceType", (text) => text || undefined),
    hypervisor: hypervisor === "nitro" || hypervisor === "xen" ? hypervisor : "unknown",
    bareMetal: node.text("bareMetal") === "true",
    ipv4PerEni: need(network, "ipv4AddressesPerInterface", smallNumber),
    networkCards: cards.length > 0 ? cards : [{ index: 0, maxEnis: need(network, "maximumNetworkInterfaces", smallNumber) }],
    defaultNetworkCard: network.text("defaultNetworkCardIndex") === undefined ? 0 : need(network, "defaultNetworkCardIndex", smallNumber),
    ...(vcpus ? { vcpus: Number(vcpus) } : {}),
    ...(memoryMiB ? { memoryMiB: Number(memoryMiB) } : {}),
  };
}
