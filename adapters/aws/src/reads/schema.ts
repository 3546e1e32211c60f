import ec2Json from "./generated/ec2.json" with { type: "json" };
import eksJson from "./generated/eks.json" with { type: "json" };
import iamJson from "./generated/iam.json" with { type: "json" };
import quotasJson from "./generated/service-quotas.json" with { type: "json" };
import { LOAD_BALANCING } from "./load-balancing-schema.ts";

export type ReadScalar = "string" | "number" | "boolean" | "timestamp" | "blob";

/** A type as the published models name it; `item` is the tag that a list's items carry in XML. */
export type ReadType =
  | ReadScalar
  | { readonly struct: string }
  | { readonly list: ReadType; readonly item?: string }
  | { readonly map: ReadType };

export interface ReadShape {
  /** By the name that the AWS CLI prints; `tag` is the XML element where it has another name. */
  readonly members: Readonly<Record<string, { readonly type: ReadType; readonly tag?: string }>>;
}

/** The answers of one service, cut out of its published model by `tools/extract-aws-schemas.mjs`. */
export interface ReadSchema {
  readonly protocol: "ec2" | "query" | "json" | "rest-json";
  readonly version?: string;
  readonly operations: Readonly<Record<string, { readonly output?: string; readonly method?: string; readonly path?: string }>>;
  readonly shapes: Readonly<Record<string, ReadShape>>;
}

export type AwsReadService = "ec2" | "eks" | "iam" | "service-quotas" | "elbv2";

export const READ_SCHEMAS: Readonly<Record<AwsReadService, ReadSchema>> = {
  ec2: ec2Json as unknown as ReadSchema,
  eks: eksJson as unknown as ReadSchema,
  iam: iamJson as unknown as ReadSchema,
  "service-quotas": quotasJson as unknown as ReadSchema,
  elbv2: LOAD_BALANCING,
};
