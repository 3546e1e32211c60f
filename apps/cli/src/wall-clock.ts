import { setTimeout as wait } from "node:timers/promises";
import type { Clock } from "@slash28/ports";

/** The machine's clock. Sleeps are not cut short: a command that is to end ends with its process. */
export const wallClock: Clock = { now: Date.now, sleep: (ms) => wait(ms) };
