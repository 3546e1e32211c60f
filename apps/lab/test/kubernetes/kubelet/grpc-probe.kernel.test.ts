import { fileURLToPath } from "node:url";
import { beforeEach, expect, test } from "vitest";
import type { Pod } from "../../../src/kubernetes/kubelet/index.ts";
import type { ContainerStatus } from "../../../src/kubernetes/kubelet/pod.ts";
import { benchesOfTests, describeWithKernel } from "./kernel-benches.ts";
import type { Bench } from "./kubelet-bench.ts";

const SERVER = fileURLToPath(new URL("../../../../agent/test/grpc-health-server.mjs", import.meta.url));
const PORT = 50_051;

describeWithKernel("gRPC probes of a real gRPC server", () => {
  const openBench = benchesOfTests();
  let bench: Bench;
  beforeEach(async () => {
    bench = await openBench();
  });

  const probe = (service?: string) => ({
    grpc: { port: PORT, ...(service === undefined ? {} : { service }) },
    periodSeconds: 1,
    failureThreshold: 1,
    timeoutSeconds: 5,
  });
  const start = (probes: Partial<Pod["spec"]["containers"][number]>): Promise<void> =>
    bench.startPod("shop", {
      terminationGracePeriodSeconds: 1,
      containers: [{ name: "main", image: "node", command: [process.execPath, SERVER, String(PORT), "/tmp/sick"], ...probes }],
    });
  const until = async (what: string, holds: (status: ContainerStatus) => boolean): Promise<void> => {
    await bench.kube.until<Pod>("pods", what, ([pod]) => pod?.status?.containerStatuses?.some(holds) === true);
  };
  const untilEvent = async (pattern: RegExp): Promise<void> => {
    await bench.kube.until("events", `an event says ${pattern}`, (events) => events.some(({ message }) => pattern.test(String(message))));
  };

  test("a pod is ready while its service serves", async () => {
    await start({ readinessProbe: probe("shop.Orders") });
    await until("it is ready", ({ ready }) => ready);
    await bench.exec("shop", ["touch", "/tmp/sick"]);
    await until("it is not ready", ({ ready, state }) => !ready && state.running !== undefined);
    await untilEvent(/^Readiness probe failed: service unhealthy \(responded with "NOT_SERVING"\)$/);
    await bench.exec("shop", ["rm", "/tmp/sick"]);
    await until("it is ready again", ({ ready }) => ready);
  });

  test("a sick one is started anew, and one that does not know the service never starts", async () => {
    await start({ livenessProbe: { ...probe(), initialDelaySeconds: 3 }, startupProbe: { ...probe(), failureThreshold: 30 } });
    await until("it has started", ({ started }) => started);
    await bench.exec("shop", ["touch", "/tmp/sick"]);
    await until("it is restarted", ({ restartCount, started }) => restartCount === 1 && started);
    await untilEvent(/^Liveness probe failed: service unhealthy/);
    await bench.startPod("other", {
      terminationGracePeriodSeconds: 0,
      containers: [
        { name: "main", image: "node", command: [process.execPath, SERVER, String(PORT), "/tmp/sick"], readinessProbe: probe("none") },
      ],
    });
    await untilEvent(/^Readiness probe failed: health rpc failed: there is no such service/);
    expect(bench.kube.all<Pod>("pods").find(({ metadata }) => metadata.name === "other")?.status?.containerStatuses?.[0]?.ready).toBe(
      false,
    );
  });
});
