export type { LoggedCall } from "./logged-call.ts";
export { recordCalls } from "./record-calls.ts";
export { replayCalls, type ReplayFailure } from "./replay-calls.ts";
