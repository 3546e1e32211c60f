import { z } from "zod";

const PERCENT = /^(100|[1-9]?\d)%$/;
const ERROR = "must be a count such as 2, or a share such as 25%";

/** A number of pods, or a share of them, as a Deployment has it for `maxSurge` and `maxUnavailable`. */
export const share = z.union([z.int().min(0), z.string().regex(PERCENT)], { error: ERROR });

/** The count that a share of `of` is; Kubernetes rounds surge up and unavailability down. */
export function countOf(given: number | string, of: number, round: "up" | "down"): number {
  if (typeof given === "number") return given;
  const exact = (Number(given.slice(0, -1)) * of) / 100;
  return round === "up" ? Math.ceil(exact) : Math.floor(exact);
}
