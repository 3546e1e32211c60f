import { z } from "zod";
import { KEPT_LAB, keptLabSchema, type StateShapes } from "../../state/index.ts";
import { alarmsShape } from "./alarms-shape.ts";
import { keysShape, networkShape, objectShape, placesShape } from "./cluster-shapes.ts";
import { eksShape } from "./eks-shape.ts";
import { accountShape, sessionsShape } from "./iam-shape.ts";
import { nodeGroupsShape } from "./node-groups-shape.ts";

const DOCUMENTS: ReadonlyMap<string, z.ZodType> = new Map<string, z.ZodType>(
  Object.entries({
    [KEPT_LAB]: keptLabSchema,
    network: networkShape,
    eks: eksShape,
    iam: accountShape,
    "sts-sessions": sessionsShape,
    "node-groups": nodeGroupsShape,
    "cloudwatch-alarms": alarmsShape,
    "cluster-endpoints": placesShape,
    "kubernetes-keys": keysShape,
  }),
);

const LOGS: ReadonlyMap<string, z.ZodType> = new Map<string, z.ZodType>(
  Object.entries({
    // What a call's parameters must be, EC2's own model says when the call is made again.
    cloud: z.looseObject({ action: z.string(), now: z.number(), input: z.unknown() }),
    events: z.looseObject({ at: z.string(), kind: z.string(), object: z.string(), message: z.string() }),
  }),
);

/** What the files of `lab up --state` must look like, each kept by a part of the lab under its name. */
export function keptShapes(clusterName: string): StateShapes {
  return {
    document: (name) => DOCUMENTS.get(name) ?? (/^cluster-.+-keys$/.test(name) ? keysShape : undefined),
    log: (name) => LOGS.get(name) ?? (name.startsWith("cluster-") ? objectShape : undefined),
    required: [
      ...["lab", "network", "eks", "iam", "node-groups", "kubernetes-keys"].map((name) => `${name}.json`),
      "cloud.jsonl",
      `cluster-${clusterName}.jsonl`,
    ],
  };
}
