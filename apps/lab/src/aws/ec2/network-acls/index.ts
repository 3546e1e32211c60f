export { describeNetworkAcls } from "./network-acls.ts";
