import { Fault } from "@slash28/ports";
import type { KubeObject } from "@slash28/ports";
import { createManualClock, createMemoryKube } from "@slash28/testkit";
import { expect, test } from "vitest";
import { RESOURCES, createEventRecorder } from "../src/index.ts";
import type { KubeEvent } from "../src/index.ts";

const pod: KubeObject = { apiVersion: "v1", kind: "Pod", metadata: { name: "web-1", namespace: "shop", uid: "u1" } };
const failed = { type: "Warning", reason: "FailedCreatePodSandBox", message: "no free address" } as const;

test("the same report counts up one event, also after a restart; another report is another event", async () => {
  const clock = createManualClock();
  const kube = createMemoryKube({ clock });
  const recorder = () => createEventRecorder({ kube, clock, source: { component: "kubelet", host: "node-1" } });
  const first = recorder();
  await Promise.all([first.record(pod, failed), first.record(pod, failed), first.record(pod, failed)]);
  await clock.advance(5_000);
  await recorder().record(pod, failed);
  await first.record(pod, { ...failed, message: "another reason" });
  const { items } = await kube.list<KubeEvent>(RESOURCES.events, { namespace: "shop" });
  const counts = items.map(({ message, count, firstTimestamp, lastTimestamp }) => ({ message, count, firstTimestamp, lastTimestamp }));
  expect(counts.sort((a, b) => b.count - a.count)).toEqual([
    { message: "no free address", count: 4, firstTimestamp: "2030-01-01T00:00:00Z", lastTimestamp: "2030-01-01T00:00:05Z" },
    { message: "another reason", count: 1, firstTimestamp: "2030-01-01T00:00:05Z", lastTimestamp: "2030-01-01T00:00:05Z" },
  ]);
  expect(items[0]?.involvedObject).toMatchObject({ kind: "Pod", name: "web-1", namespace: "shop", uid: "u1" });
});

test("an event that cannot be stored stops nothing", async () => {
  const clock = createManualClock();
  const kube = createMemoryKube({ clock });
  kube.failWith(() => new Fault("KUBE_UNREACHABLE", { detail: "away" }));
  const recorder = createEventRecorder({ kube, clock, source: { component: "kubelet" } });
  expect(await recorder.record(pod, failed)).toBe(false);
  kube.failWith(undefined);
  expect(await recorder.record(pod, failed)).toBe(true);
});
