export { errnoName, ERRNO } from "./errno.ts";
export { decodeFrames, encodeFrames, FLAG, MESSAGE, type Frame } from "./frame.ts";
export { AttributeReader } from "./attribute-reader.ts";
export { PayloadWriter } from "./payload-writer.ts";
export { decodeLink, decodeLinkAnswer, encodeLink, type LinkKind, type LinkMessage } from "./link.ts";
export { AF_INET, SCOPE, decodeAddress, encodeAddress, type AddressMessage } from "./address.ts";
export { PROTOCOL, ROUTE_TYPE, TABLE, decodeRoute, encodeRoute, type RouteMessage } from "./route.ts";
export { RULE_ACTION, decodeRule, encodeRule, type RuleMessage } from "./rule.ts";
export { NEIGHBOUR_STATE, decodeNeighbour, encodeNeighbour, type NeighbourMessage } from "./neighbour.ts";
export {
  RTM,
  addAddress,
  addLink,
  addRoute,
  addRule,
  deleteAddress,
  deleteLink,
  deleteNeighbour,
  deleteRoute,
  deleteRule,
  dumpAddresses,
  dumpLinks,
  dumpNeighbours,
  dumpRoutes,
  dumpRules,
  getLink,
  putNeighbour,
  setLink,
  type IfPresent,
  type Request,
} from "./request.ts";
export { answerTo, type Answer, type Outcome } from "./answer.ts";
export { batchOf, type Batch } from "./batch.ts";
export {
  AF_INET6,
  addIpv6Address,
  deleteIpv6Address,
  addIpv6Route,
  decodeIpv6Route,
  deleteIpv6Route,
  dumpIpv6Routes,
  putIpv6Neighbour,
  type Ipv6AddressMessage,
  type Ipv6RouteMessage,
} from "./inet6.ts";
