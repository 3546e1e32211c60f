import ec2Json from "../generated/ec2.json" with { type: "json" };
import stsJson from "../generated/sts.json" with { type: "json" };

export type WireScalar = "string" | "number" | "boolean" | "timestamp" | "blob";

/** A type as the published models name it: a scalar, a structure by name, a list with the tag its items carry, or a map from strings. */
export type WireType =
  | WireScalar
  | { readonly struct: string }
  | { readonly list: WireType; readonly item: string }
  | { readonly map: WireType };

export interface WireMember {
  readonly type: WireType;
  /** The member's key in a request, where it is not the member's name. */
  readonly key?: string;
  /** The member's element in a reply, where it is not the member's name. */
  readonly tag?: string;
  readonly required?: true;
}

export interface WireShape {
  readonly members: Readonly<Record<string, WireMember>>;
}

/** One service as `tools/extract-aws-schemas.mjs` cuts it out of the AWS SDK: only what the implemented operations reach. */
export interface ServiceSchema {
  /** `ec2` and `query` are the two form protocols of the Smithy specification (ec2Query and awsQuery), `json` is AWS JSON (awsJson1_0, awsJson1_1). */
  readonly protocol: "ec2" | "query" | "json";
  readonly version: string;
  readonly xmlNamespace: string;
  readonly operations: Readonly<Record<string, { readonly input?: string; readonly output?: string }>>;
  readonly shapes: Readonly<Record<string, WireShape>>;
  /** Actions the service has and this endpoint does not. */
  readonly otherActions: readonly string[];
}

export const EC2_SCHEMA = ec2Json as unknown as ServiceSchema;
export const STS_SCHEMA = stsJson as unknown as ServiceSchema;

/** The structure of that name; a name that is not there means the generated file is broken. */
export function shapeNamed(schema: ServiceSchema, name: string): WireShape {
  const shape = schema.shapes[name];
  if (shape === undefined) throw new TypeError(`the generated schema has no shape ${name}; run tools/extract-aws-schemas.mjs`);
  return shape;
}
