export { describeSubnets } from "./describe-subnets.ts";
export { createSubnet, deleteSubnet, modifySubnetAttribute } from "./change-subnets.ts";
export { createSubnetCidrReservation, deleteSubnetCidrReservation, getSubnetCidrReservations } from "./cidr-reservations.ts";
export { associateSubnetCidrBlock, disassociateSubnetCidrBlock } from "./ipv6-cidr.ts";
