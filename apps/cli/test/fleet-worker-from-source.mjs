// The worker of `slash28 simulate` in tests, which run from the sources.
import { register } from "tsx/esm/api";

register();
await import("../src/simulate/fleet-worker.ts");
