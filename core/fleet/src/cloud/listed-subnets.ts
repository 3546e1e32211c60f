import type { SubnetId } from "@slash28/address";
import type { DescribedSubnet } from "@slash28/ipam";
import type { SubnetOfRun } from "./fleet-subnet.ts";

/** An answer of `DescribeSubnets` as a node keeps it: a number for each subnet, since each of many nodes keeps one of many subnets. */
export class ListedSubnets {
  readonly #subnets: readonly SubnetOfRun[];
  readonly #free: readonly number[];

  /** @param free addresses of each of them. */
  constructor(subnets: readonly SubnetOfRun[], free: readonly number[]) {
    this.#subnets = subnets;
    this.#free = free;
  }

  has(id: SubnetId): boolean {
    return this.#subnets.some((subnet) => subnet.id === id);
  }

  all(): readonly DescribedSubnet[] {
    return this.#subnets.map(({ id, spec: { tags = {} } }, index) => ({ id, tags, freeAddresses: this.#free[index] ?? 0 }));
  }
}
