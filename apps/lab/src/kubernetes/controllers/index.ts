export { startControllers, type Controllers, type ControllersOptions } from "./start-controllers.ts";
export { DISK_DRIVER, diskHandle } from "./volumes/claim-plan.ts";
export type { PersistentVolume } from "./objects/index.ts";
