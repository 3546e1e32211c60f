export { labUnderTest, tracesOf, type LabUnderTest, type UpOptions } from "./lab-under-test.ts";
export { eventually, run, type Ran, type RunOptions } from "./run.ts";
export { disagreements, type NodeBooks, type PodEntry } from "./address-books.ts";
export { agentBook, booksAgree, instanceNamespace, podLinks, readBooks } from "./read-books.ts";
export { agentPid } from "./agent-process.ts";
export { talker, talkOf, type Talk } from "./traffic.ts";
export { webDeployment, webPod, workloadsOf, type NodeSelector, type PodItem, type Workloads } from "./workloads.ts";
