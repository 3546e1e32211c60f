export { describeInstanceTypes } from "./describe-instance-types.ts";
