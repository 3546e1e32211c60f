export { describeNetworkInterfaces, describeNetworkInterfaceAttribute } from "./describe-enis.ts";
export { createNetworkInterface, deleteNetworkInterface } from "./create-eni.ts";
export { attachNetworkInterface, detachNetworkInterface } from "./attach-eni.ts";
export { assignPrivateIpAddresses, unassignPrivateIpAddresses } from "./assign-addresses.ts";
export { modifyNetworkInterfaceAttribute, resetNetworkInterfaceAttribute } from "./modify-eni.ts";
export { assignIpv6Addresses, unassignIpv6Addresses } from "./assign-ipv6.ts";
