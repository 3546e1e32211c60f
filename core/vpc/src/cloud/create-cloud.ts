import type { Cloud } from "./cloud.ts";
import type { CloudOptions } from "./options.ts";

/** An empty account: no VPC, no default VPC either. */
export declare function createCloud(options: CloudOptions): Cloud;
