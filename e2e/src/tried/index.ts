import { ACCESS } from "./access.ts";
import { DEBUG } from "./debug.ts";
import { EKS } from "./eks.ts";
import { FAULTS } from "./faults.ts";
import { IDENTITY } from "./identity.ts";
import { INSPECT } from "./inspect.ts";
import { NETWORK } from "./network.ts";
import { NODE_GROUPS } from "./node-groups.ts";
import { OBJECTS } from "./objects.ts";
import { SERVICES } from "./services.ts";
import { WORKLOADS } from "./workloads.ts";
import type { TriedChapter } from "./tried.ts";

export type { TriedChapter, TriedCommand } from "./tried.ts";

/** Every chapter, in the order of the page. */
export const TRIED: readonly TriedChapter[] = [
  INSPECT,
  NETWORK,
  SERVICES,
  ACCESS,
  OBJECTS,
  EKS,
  WORKLOADS,
  DEBUG,
  NODE_GROUPS,
  IDENTITY,
  FAULTS,
];
