import eksJson from "../generated/eks.json" with { type: "json" };
import type { RestSchema } from "../rest-json/index.ts";

export const EKS_SCHEMA = eksJson as unknown as RestSchema;
