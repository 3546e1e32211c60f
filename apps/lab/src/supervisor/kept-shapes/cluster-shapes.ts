import { parseAddress } from "@slash28/address";
import { z } from "zod";
import type { ClusterKeys } from "../../kubernetes/api-server/index.ts";
import type { KeptPlaces } from "../eks/cluster-places.ts";

const text = z.string();
const ipAddress = text.refine((address) => parseAddress(address) !== undefined, "not an IP address");
const objectName = { name: text, namespace: text.exactOptional() };

/** The network of the lab's own cluster. */
export const networkShape = z.looseObject({
  vpc: z.looseObject({ id: text }),
  subnets: z.array(z.looseObject({ id: text, zone: text })),
  clusterGroup: text,
});

/** Where clusters that EKS made are reached. */
export const placesShape = z.record(
  text,
  z.looseObject({ address: ipAddress, port: z.int().min(1).max(65_535).exactOptional() }),
) satisfies z.ZodType<KeptPlaces>;

/** A cluster's authority and signing keys. */
export const keysShape = z.looseObject({
  authority: z.looseObject({ certPem: text, keyPem: text }).exactOptional(),
  signing: z.array(z.looseObject({ jwk: z.looseObject({ kty: text }), since: z.number() })).exactOptional(),
}) satisfies z.ZodType<ClusterKeys>;

/** One write to a cluster's objects. */
export const objectShape = z
  .looseObject({
    version: z.int().min(0),
    resource: text,
    object: z.looseObject({ apiVersion: text, kind: text, metadata: z.looseObject(objectName) }).exactOptional(),
    gone: z.looseObject(objectName).exactOptional(),
  })
  .refine((record) => (record.object === undefined) !== (record.gone === undefined), "neither an object nor the removal of one");
