export { allocateAddress, associateAddress, disassociateAddress, releaseAddress } from "./change-addresses.ts";
export { describeAddresses } from "./describe-addresses.ts";
