import iamJson from "../generated/iam.json" with { type: "json" };
import type { ServiceSchema } from "../wire/schema.ts";

export const IAM_SCHEMA = iamJson as unknown as ServiceSchema;
