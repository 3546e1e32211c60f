export { createNatGateway, deleteNatGateway, describeNatGateways } from "./nat-gateways.ts";
