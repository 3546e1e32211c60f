export { describeAvailabilityZones, describeRegions } from "./describe-zones.ts";
