import { createManualClock, createMemoryKube, quietLog } from "@slash28/testkit";
import { createInformer, RESOURCES } from "@slash28/kube";
import { expect, test } from "vitest";
import { createApiConnection, overConnection } from "../../src/kubernetes/api-connection.ts";
import { podsOver, type Pod, type PodEvent, type PodSource } from "../../src/kubernetes/kubelet/index.ts";

const node = (name: string) => ({ apiVersion: "v1", kind: "Node", metadata: { name } });

test("calls over a cut way fail as over a network, and work again when it is mended", async () => {
  const connection = createApiConnection();
  const kube = overConnection(createMemoryKube({ clock: createManualClock() }), connection);
  await kube.create(RESOURCES.nodes, node("a"));
  connection.cut();
  await expect(kube.get(RESOURCES.nodes, "a")).rejects.toMatchObject({ code: "KUBE_UNREACHABLE" });
  await expect(kube.list(RESOURCES.nodes)).rejects.toMatchObject({ code: "KUBE_UNREACHABLE" });
  await expect(kube.create(RESOURCES.nodes, node("b"))).rejects.toMatchObject({ code: "KUBE_UNREACHABLE" });
  await expect(kube.delete(RESOURCES.nodes, "a")).rejects.toMatchObject({ code: "KUBE_UNREACHABLE" });
  connection.mend();
  expect((await kube.list(RESOURCES.nodes)).items.map(({ metadata }) => metadata.name)).toEqual(["a"]);
});

test("a watch ends with the cut, and an informer catches up with what it missed", async () => {
  const connection = createApiConnection();
  const clock = createManualClock();
  const real = createMemoryKube({ clock });
  const informer = createInformer(overConnection(real, connection), RESOURCES.nodes, { clock, random: () => 0, log: quietLog });
  await informer.synced;
  connection.cut();
  await real.create(RESOURCES.nodes, node("missed"));
  await clock.advance(1_000);
  expect(informer.get("missed")).toBeUndefined();
  connection.mend();
  await clock.advance(60_000);
  expect(informer.get("missed")).toBeDefined();
  await informer.stop();
});

test("a kubelet that was cut off hears once of each pod, in order, when the way is mended", () => {
  const connection = createApiConnection();
  let tell = (_event: PodEvent): void => undefined;
  const pods: PodSource = { listen: (_, listener) => ((tell = listener), () => undefined), stop: () => Promise.resolve() };
  const heard: string[] = [];
  podsOver(pods, connection).listen(
    "node",
    ({ type, pod }) => void heard.push(`${type} ${pod.metadata.name} ${pod.metadata.resourceVersion}`),
  );
  const pod = (name: string, resourceVersion: string) => ({ metadata: { name, uid: name, resourceVersion }, spec: {} }) as unknown as Pod;
  tell({ type: "seen", pod: pod("a", "1") });
  connection.cut();
  tell({ type: "seen", pod: pod("b", "2") });
  tell({ type: "seen", pod: pod("a", "3") });
  tell({ type: "gone", pod: pod("b", "4") });
  expect(heard).toEqual(["seen a 1"]);
  connection.mend();
  expect(heard).toEqual(["seen a 1", "gone b 4", "seen a 3"]);
});
