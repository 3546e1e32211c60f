import type { PlannedSubnet } from "../plan-types.ts";

/** A file made from a plan, by its path in the folder. */
export interface PlanFile {
  readonly path: string;
  readonly text: string;
}

/**
 * Ids that exist only once AWS has made something stand in files as `${name}`: Terraform's `templatefile` fills them in, and so does `envsubst` after
 * `ids.sh`.
 */
export function placeholder(name: string): string {
  return `\${${name}}`;
}

/** `subnet_nodes_us_east_1a`: of a subnet in Terraform, and of its id in the other files. */
export function subnetVariable({ role, zone }: Pick<PlannedSubnet, "role" | "zone">): string {
  return `subnet_${role}_${zone.replaceAll("-", "_")}`;
}
