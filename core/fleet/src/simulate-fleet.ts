import type { FleetInput } from "./fleet-input.ts";
import type { FleetResult } from "./fleet-result.ts";
import type { Fleet } from "./fleet.ts";
import { beginWorld, Run } from "./run.ts";

/** A run at its beginning. Throws a `RangeError` that says what contradicts itself in the input. */
export function createFleet(input: FleetInput): Fleet {
  return new Run(beginWorld(input));
}

/** A whole run. */
export function simulateFleet(input: FleetInput): FleetResult {
  const fleet = createFleet(input);
  fleet.advance(input.durationMs);
  return fleet.result();
}
