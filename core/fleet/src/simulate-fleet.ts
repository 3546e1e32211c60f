import type { FleetInput } from "./fleet-input.ts";
import type { FleetResult } from "./fleet-result.ts";
import type { Fleet } from "./fleet.ts";
import { beginWorld, Run } from "./run.ts";
import type { FleetWatch } from "./world.ts";

/** A run at its beginning. Throws a `RangeError` that says what contradicts itself in the input. */
export function createFleet(input: FleetInput, watch?: FleetWatch): Fleet {
  return new Run(beginWorld(input, watch));
}

/** A whole run. */
export function simulateFleet(input: FleetInput, watch?: FleetWatch): FleetResult {
  const fleet = createFleet(input, watch);
  fleet.advance(input.durationMs);
  return fleet.result();
}
