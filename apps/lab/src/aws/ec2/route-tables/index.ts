export { describeRouteTables } from "./describe-route-tables.ts";
export {
  associateRouteTable,
  createRoute,
  createRouteTable,
  deleteRoute,
  deleteRouteTable,
  disassociateRouteTable,
  replaceRoute,
  replaceRouteTableAssociation,
} from "./change-route-tables.ts";
