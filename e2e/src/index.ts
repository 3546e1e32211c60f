export { labUnderTest, tracesOf, type LabUnderTest, type UpOptions } from "./lab-under-test.ts";
export { eventually, run, type Ran, type RunOptions } from "./run.ts";
