/**
 * Route tables and rule priorities on a node, the ones of the Amazon VPC CNI, so that a node's `ip rule` reads as people know it.
 */
export const MAIN_TABLE = 254;

export const PRIORITY = {
  /** To a pod: the main table knows its host link. */
  toPod: 512,
  /** Connections marked at the primary ENI are answered through it. */
  marked: 1024,
  /** Destinations that must leave through the primary ENI whatever the source. */
  externalService: 1535,
  /** From a pod on a secondary ENI: that ENI's table. */
  fromPod: 1536,
  /** From a secondary ENI's own primary address: that ENI's table. */
  fromEni: 32765,
} as const;
