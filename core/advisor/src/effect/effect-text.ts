import type { SecondsInterval, SubnetEffect } from "../effect.ts";
import { counted, named } from "../findings/check.ts";

export function replacementText(isNeeded: boolean): string {
  return `needs node replacement: ${isNeeded ? "yes" : "no"}`;
}

interface Moved {
  readonly addedAddresses: number;
  readonly subnets: readonly SubnetEffect[];
  readonly isExact: boolean;
  readonly withinSeconds?: SecondsInterval;
}

/** `frees 612 addresses in subnet-… and takes 20 in subnet-… within 1 to 6 min`. */
export function movedText({ subnets, addedAddresses, isExact, withinSeconds }: Moved): string {
  const about = isExact ? "" : "about ";
  const listed = (verb: string, moved: readonly SubnetEffect[]): readonly string[] => {
    const where = moved.map(
      ({ id, freeBefore, freeAfter }) => `${about}${counted(Math.abs(freeAfter - freeBefore), "address", "addresses")} in ${id}`,
    );
    return where.length === 0 ? [] : [`${verb} ${named(where)}`];
  };
  const parts = [
    ...listed(
      "frees",
      subnets.filter(({ freeBefore, freeAfter }) => freeAfter > freeBefore),
    ),
    ...listed(
      "takes",
      subnets.filter(({ freeBefore, freeAfter }) => freeAfter < freeBefore),
    ),
  ];
  const added = addedAddresses === 0 ? "" : `; adds ${addedAddresses} by a new subnet`;
  if (parts.length === 0 || withinSeconds === undefined) return `frees no addresses${added}`;
  return `${parts.join(", ")} within ${spanText(withinSeconds)}${added}`;
}

/** `1 to 6 min`, rounded outwards. */
export function spanText({ least, most }: SecondsInterval): string {
  // Nothing is promised of how soon it is at the earliest.
  if (least === 0) return most <= 120 ? `${most} s` : `${Math.ceil(most / 60)} min`;
  if (most <= 120) return least === most ? `${most} s` : `${least} to ${most} s`;
  const minutes = Math.ceil(most / 60);
  if (least < 60) return `${least} s to ${minutes} min`;
  const from = Math.floor(least / 60);
  return from === minutes ? `${minutes} min` : `${from} to ${minutes} min`;
}
