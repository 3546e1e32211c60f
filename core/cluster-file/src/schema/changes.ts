import { z } from "zod";
import { cidr, envValue, name } from "./basics.ts";
import { duration } from "./duration.ts";
import { subnet } from "./subnet.ts";

const nodeReadyAfter = duration.default("60s");

/** New variables for `aws-node`, whose agents restart with them; `null` takes one away. */
const setEnv = z.record(
  z.string(),
  z.union([z.null(), envValue], { error: "must be text, a number, true or false, or null to take it away" }),
);

/** Every node of a group is replaced by a new one: drained, its pods start elsewhere, and it goes. */
const replaceNodes = z.strictObject({
  group: z.string().min(1),
  maxUnavailable: z.int().min(1).default(1),
  launchFirst: z
    .boolean()
    .default(true)
    .describe("A managed node group launches new nodes first; false lets old ones make room, as a full subnet needs it."),
  nodes: z.int().min(0).max(100_000).optional().describe("How many the group has afterwards; absent, as many as before."),
  instanceType: z.string().min(1).optional(),
  maxPods: z.int().min(1).max(1000).optional(),
  podsPerNode: z.int().min(1).max(1000).optional(),
  nodeReadyAfter,
});

const scaleGroup = z.strictObject({ group: z.string().min(1), nodes: z.int().min(0).max(100_000), nodeReadyAfter });

/** What somebody does to the cluster while it runs: one thing or several at the same time, in this order. */
export const change = z
  .strictObject({
    at: duration.describe("Since the start."),
    addCidrs: z.array(cidr).min(1).optional(),
    addSubnets: z.array(subnet).min(1).optional(),
    eniConfigs: z.record(z.string(), name).optional().describe("Zones whose ENIConfig names another subnet from now on."),
    setEnv: setEnv.optional(),
    replaceNodes: replaceNodes.optional(),
    scaleGroup: scaleGroup.optional(),
  })
  .refine(({ at: _at, ...actions }) => Object.values(actions).some((action) => action !== undefined), {
    error: "does nothing: give it setEnv, replaceNodes, scaleGroup, addCidrs, addSubnets or eniConfigs",
  });
