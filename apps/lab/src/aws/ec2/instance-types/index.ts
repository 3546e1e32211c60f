export { describeInstanceTypes } from "./describe-instance-types.ts";
export { describeInstanceTypeOfferings } from "./describe-offerings.ts";
