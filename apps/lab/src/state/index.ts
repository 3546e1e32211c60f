export { checkState, type StateShapes } from "./check-state.ts";
export { DamagedState } from "./damaged-state.ts";
export { openFileState } from "./file-state.ts";
export { NO_STATE, type KeptDocument, type KeptLog, type StateStore } from "./kept-document.ts";
export { KEPT_LAB, keptLabSchema, readKeptLab, type KeptLab } from "./kept-lab.ts";
export { keptObjects, type KeptObjects, type ObjectRecord } from "./kept-objects.ts";
export { DamagedLog } from "./log-file.ts";
