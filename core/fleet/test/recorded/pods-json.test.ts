import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { readPodsJson, type PodsFromJson } from "../../src/index.ts";
import { parseIsoTime } from "../../src/recorded/time-text.ts";

const at = (minute: number): string => new Date(Date.UTC(2026, 2, 1, 12, minute)).toISOString().replace(".000", "");
const ended = (minute: number): object => ({ state: { terminated: { exitCode: 0, finishedAt: at(minute) } } });

interface PodParts {
  readonly made?: number;
  readonly metadata?: object;
  readonly spec?: object;
  readonly status?: object;
}
const pod = (name: string, { made = 0, metadata, spec, status }: PodParts = {}): object => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace: "default", creationTimestamp: at(made), ...metadata },
  spec: { nodeName: "ip-10-0-0-1", containers: [{ name: "c", image: "i" }], ...spec },
  status: { phase: "Running", startTime: at(made), ...status },
});
const list = (...items: object[]): object => ({ apiVersion: "v1", kind: "List", items });
const daemon = { ownerReferences: [{ kind: "DaemonSet", name: "logs" }] };

const lives = (read: PodsFromJson): unknown =>
  read.ok
    ? read.workload.pods.map(({ startMs, endMs }) => [startMs / 60_000, endMs === undefined ? undefined : endMs / 60_000])
    : read.problems;
const problems = (document: unknown): unknown => {
  const read = readPodsJson(document);
  return read.ok ? [] : read.problems.map(({ path, message }) => `${path}: ${message}`);
};

describe("pods as kubectl prints them", () => {
  test("live from kubelet's start to the end of their last container, or to the end of the record", () => {
    const read = readPodsJson(
      list(
        pod("late", { made: 30, status: { startTime: at(31) } }),
        pod("pending", { made: 40, status: { phase: "Pending", startTime: null } }),
        pod("job", {
          made: 10,
          status: { phase: "Succeeded", initContainerStatuses: [ended(11)], containerStatuses: [ended(14), ended(12)] },
        }),
        pod("restarted", { made: 12, status: { containerStatuses: [ended(13)] } }),
        pod("leaving", { made: 15, metadata: { deletionTimestamp: at(50) } }),
        pod("evicted", { made: 16, status: { phase: "Failed", conditions: [{ lastTransitionTime: at(20) }] } }),
      ),
    );
    expect(lives(read)).toEqual([
      [0, 4],
      [2, undefined],
      [5, 40],
      [6, 10],
      [21, undefined],
      [30, undefined],
    ]);
    expect(read).toMatchObject({ durationMs: 40 * 60_000 });
  });

  test("of DaemonSets and on the host's network are counted for each node, those on Fargate left out", () => {
    const onNode = (nodeName: string): object[] => [
      pod(`logs-${nodeName}`, { metadata: daemon, spec: { nodeName } }),
      pod(`metrics-${nodeName}`, { metadata: daemon, spec: { nodeName } }),
      pod(`proxy-${nodeName}`, { metadata: daemon, spec: { nodeName, hostNetwork: true } }),
      pod(`web-${nodeName}`, { metadata: { ownerReferences: [{ kind: "ReplicaSet" }] }, spec: { nodeName } }),
    ];
    const fargate = pod("f", { spec: { nodeName: "fargate-ip-10-0-0-9", schedulerName: "fargate-scheduler" } });
    expect(readPodsJson(list(...onNode("a"), ...onNode("b"), ...onNode("c"), fargate))).toMatchObject({
      daemonPods: 2,
      hostNetworkPods: 1,
      leftOut: { ofDaemonSets: 6, onHostNetwork: 3, onFargate: 1 },
      workload: { pods: { length: 3 } },
    });
  });

  test.each([
    ["text", "the document: ", "kubectl get pods -A -o json"],
    [{ kind: "List" }, "items: ", "kubectl get pods -A -o json"],
    [list(), "items: none of its 0 pods takes an address", "kubectl get pods"],
    [list(pod("a", { spec: { hostNetwork: true } })), "items: none of its 1 pods takes an address", "kubectl get pods"],
    [list({ kind: "Node" }), "items[0].metadata: ", ""],
    [list(pod("a"), pod("b", { status: { startTime: "yesterday" } })), 'items[1].status.startTime: "yesterday" is no time', ""],
    [list(pod("a"), pod("b", { made: 5, metadata: { deletionTimestamp: at(4) } })), "items[1].status: the pod ends before it starts", ""],
  ])("%j is refused with the place", (document, path, hint) => {
    expect(problems(document)).toContainEqual(expect.stringContaining(path));
    expect(JSON.stringify(problems(document))).toContain(hint);
  });

  property.prop([
    fc.array(fc.record({ made: fc.nat(1_000), lives: fc.option(fc.nat(1_000)), isDaemon: fc.boolean(), isHost: fc.boolean() }), {
      minLength: 1,
    }),
  ])("none is lost: each is in the workload, or counted as left out", (seen) => {
    const items = seen.map(({ made, lives: minutes, isDaemon, isHost }, index) =>
      pod(`p-${index}`, {
        made,
        metadata: isDaemon ? daemon : {},
        spec: { hostNetwork: isHost },
        status: minutes === null ? {} : { phase: "Succeeded", containerStatuses: [ended(made + minutes)] },
      }),
    );
    const read = readPodsJson(list(...items));
    fc.pre(seen.some(({ isDaemon, isHost }) => !isDaemon && !isHost));
    if (!read.ok) throw new Error(JSON.stringify(read.problems));
    const { ofDaemonSets, onHostNetwork } = read.leftOut;
    expect(read.workload.pods.length + ofDaemonSets + onHostNetwork).toBe(seen.length);
    const wanted = seen.filter(({ isDaemon, isHost }) => !isDaemon && !isHost);
    const lived = (list_: readonly (number | undefined)[]): unknown => list_.toSorted((a, b) => (a ?? -1) - (b ?? -1));
    expect(lived(read.workload.pods.map(({ startMs, endMs }) => (endMs === undefined ? undefined : (endMs - startMs) / 60_000)))).toEqual(
      lived(wanted.map(({ lives: minutes }) => minutes ?? undefined)),
    );
    expect(read.workload.pods.map(({ startMs }) => startMs)).toEqual(
      read.workload.pods.map(({ startMs }) => startMs).toSorted((a, b) => a - b),
    );
  });

  property.prop([fc.jsonValue()])("anything else is refused, never thrown at", (document) => {
    expect(readPodsJson(document)).toMatchObject({ ok: false });
  });
});

property.prop([fc.date({ noInvalidDate: true, min: new Date(0), max: new Date("2199-12-31") })])(
  "a time is read as it is written",
  (date) => {
    expect(parseIsoTime(date.toISOString())).toBe(date.getTime());
  },
);

test.each(["2026-03-01", "2026-03-01 12:00:00", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-03-01T12:00:00", ""])(
  "%j is no time",
  (text) => {
    expect(parseIsoTime(text)).toBeUndefined();
  },
);
