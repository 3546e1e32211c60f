export { describeAccountAttributes } from "./account-attributes.ts";
