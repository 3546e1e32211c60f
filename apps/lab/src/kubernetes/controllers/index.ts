export { startControllers, type Controllers, type ControllersOptions } from "./start-controllers.ts";
export { DISK_DRIVER, diskHandle } from "./volumes/claim-plan.ts";
export { isReady, type PersistentVolume } from "./objects/index.ts";
