import { expect, test } from "vitest";
import { notePod } from "../src/lab/pod-progress.ts";

const pod = (name: string, nodeName?: string, phase?: string) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name },
  spec: nodeName === undefined ? {} : { nodeName },
  ...(phase === undefined ? {} : { status: { phase } }),
});

test("the first sight of each state counts, later ones do not", () => {
  const progress = { scheduled: new Map<string, number>(), running: new Map<string, number>() };
  notePod(progress, { type: "ADDED", object: pod("web-1") }, 10);
  notePod(progress, { type: "MODIFIED", object: pod("web-1", "node-a", "Pending") }, 20);
  notePod(progress, { type: "MODIFIED", object: pod("web-1", "node-a", "Running") }, 30);
  notePod(progress, { type: "MODIFIED", object: pod("web-1", "node-a", "Running") }, 40);
  notePod(progress, { type: "BOOKMARK", resourceVersion: "7" }, 50);
  expect([...progress.scheduled]).toEqual([["web-1", 20]]);
  expect([...progress.running]).toEqual([["web-1", 30]]);
});

test("a pod that is deleted starts nothing", () => {
  const progress = { scheduled: new Map<string, number>(), running: new Map<string, number>() };
  notePod(progress, { type: "DELETED", object: pod("web-1", "node-a", "Running") }, 10);
  expect(progress.running.size).toBe(0);
});
