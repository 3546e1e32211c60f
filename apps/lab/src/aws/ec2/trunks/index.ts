export { associateTrunkInterface, describeTrunkInterfaceAssociations, disassociateTrunkInterface } from "./trunk-interfaces.ts";
export {
  createNetworkInterfacePermission,
  deleteNetworkInterfacePermission,
  describeNetworkInterfacePermissions,
} from "./eni-permissions.ts";
