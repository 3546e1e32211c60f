import { parseQuantity } from "@slash28/kube-store";

/** A Kubernetes quantity (`250m`, `1.5Gi`, `1e3`) as a number of its base unit; what is none counts as 0. */
export function quantity(value: string | number | undefined): number {
  return parseQuantity(value) ?? 0;
}
