export { limitsOf, instanceTypes, type InstanceLimits, type NetworkCard } from "./instance-types.ts";
