import quotasJson from "../generated/service-quotas.json" with { type: "json" };
import type { ServiceSchema } from "../wire/schema.ts";

export const SERVICE_QUOTAS_SCHEMA = quotasJson as unknown as ServiceSchema;
