export { createMemoryKube, type MemoryKube, type MemoryKubeOptions } from "./memory-kube.ts";
export { createManualClock, settle, type ManualClock } from "./manual-clock.ts";
export { quietLog } from "./quiet-log.ts";
export { eventually } from "./eventually.ts";
export { createMemoryEc2, createMemoryMetadata, type MemoryEc2 } from "./memory-ec2.ts";
export { createMemoryJournal, type MemoryJournal } from "./memory-journal.ts";
