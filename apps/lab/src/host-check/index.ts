export { checkHost, type HostCheck, type HostFacts } from "./host-check.ts";
