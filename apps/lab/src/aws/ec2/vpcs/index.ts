export { describeVpcAttribute, describeVpcs } from "./describe-vpcs.ts";
export { associateVpcCidrBlock, createVpc, deleteVpc, disassociateVpcCidrBlock, modifyVpcAttribute } from "./change-vpcs.ts";
export { describeDhcpOptions } from "./dhcp-options.ts";
