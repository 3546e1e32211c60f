export { createFleet } from "./create-fleet.ts";
