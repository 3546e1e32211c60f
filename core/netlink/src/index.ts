export { errnoName } from "./errno.ts";
