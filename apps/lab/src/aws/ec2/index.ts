import type { AnyAction } from "../action.ts";
import * as account from "./account/index.ts";
import * as addresses from "./addresses/index.ts";
import * as egressOnlyGateways from "./egress-only-gateways/index.ts";
import * as endpoints from "./endpoints/index.ts";
import * as enis from "./enis/index.ts";
import * as images from "./images/index.ts";
import * as fleets from "./fleets/index.ts";
import * as instanceTypes from "./instance-types/index.ts";
import * as instances from "./instances/index.ts";
import * as internetGateways from "./internet-gateways/index.ts";
import * as launchTemplates from "./launch-templates/index.ts";
import * as natGateways from "./nat-gateways/index.ts";
import * as networkAcls from "./network-acls/index.ts";
import * as routeTables from "./route-tables/index.ts";
import * as securityGroups from "./security-groups/index.ts";
import * as subnets from "./subnets/index.ts";
import * as tags from "./tags/index.ts";
import * as trunks from "./trunks/index.ts";
import * as vpcs from "./vpcs/index.ts";
import * as zones from "./zones/index.ts";

const NOUNS = [
  account,
  addresses,
  egressOnlyGateways,
  endpoints,
  enis,
  images,
  fleets,
  instanceTypes,
  instances,
  internetGateways,
  launchTemplates,
  natGateways,
  networkAcls,
  routeTables,
  securityGroups,
  subnets,
  tags,
  trunks,
  vpcs,
  zones,
];

/** Every EC2 action the lab has: whatever the faces of the nouns' folders export. */
export const EC2_ACTIONS: readonly AnyAction[] = NOUNS.flatMap((noun): AnyAction[] => Object.values(noun));
