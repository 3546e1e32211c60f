import cloudwatchJson from "../generated/cloudwatch.json" with { type: "json" };
import type { ServiceSchema } from "../wire/schema.ts";

export const CLOUDWATCH_SCHEMA = cloudwatchJson as unknown as ServiceSchema;
