export { labUnderTest, tracesOf, type LabUnderTest, type UpOptions } from "./lab-under-test.ts";
export { eventually, run, type Ran, type RunOptions } from "./run.ts";
export { disagreements, type NodeBooks, type PodEntry } from "./address-books.ts";
export { agentBook, booksAgree, instanceNamespace, podLinks, readBooks, strayEnis } from "./read-books.ts";
export { agentPid, agentPids } from "./agent-process.ts";
export { talker, talkOf, type Talk } from "./traffic.ts";
export { webDeployment, webPod, workloadsOf, type NodeSelector, type PodItem, type Workloads } from "./workloads.ts";
export { soakKills, type SoakOptions } from "./soak/soak-kills.ts";
export type { SoakReport } from "./soak/tally.ts";
