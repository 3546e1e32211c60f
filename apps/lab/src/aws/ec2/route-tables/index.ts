export { describeRouteTables } from "./describe-route-tables.ts";
export {
  associateRouteTable,
  createRoute,
  createRouteTable,
  deleteRoute,
  deleteRouteTable,
  disassociateRouteTable,
  replaceRoute,
} from "./change-route-tables.ts";
