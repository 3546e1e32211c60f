export { openFileState } from "./file-state.ts";
export { NO_STATE, type KeptDocument, type KeptLog, type StateStore } from "./kept-document.ts";
export { KEPT_LAB, readKeptLab, type KeptLab } from "./kept-lab.ts";
export { keptObjects, type KeptObjects, type ObjectRecord } from "./kept-objects.ts";
export { DamagedLog } from "./log-file.ts";
