import type { Kube, KubeObject, PatchRequest } from "@slash28/ports";
import { quietLog } from "@slash28/testkit";
import { expect, test } from "vitest";
import type { Pod, PodStatus } from "../../../src/kubernetes/kubelet/pod.ts";
import { createStatusWriter } from "../../../src/kubernetes/kubelet/status-writer.ts";
import { realClock } from "../cluster.ts";

const POD: Pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "web", namespace: "default", uid: "u" }, spec: { containers: [] } };

/** However many steps of the event loop lie between the end of one write and the next status, that one is written. */
test.each(Array.from({ length: 12 }, (_, steps) => steps))(
  "a status that comes %i microtasks after another was written is written too",
  async (steps) => {
    const written: unknown[] = [];
    let afterWrite = (): void => undefined;
    const kube: Partial<Kube> = {
      patch: async <T extends KubeObject>(_resource: unknown, _name: string, _namespace: string | undefined, { body }: PatchRequest) => {
        written.push((body as { readonly status: PodStatus }).status.phase);
        afterWrite();
        return await Promise.resolve({ ...POD, metadata: { ...POD.metadata, resourceVersion: "2" } } as KubeObject as T);
      },
    };
    const writer = createStatusWriter({ kube: kube as Kube, clock: realClock, log: quietLog, pod: POD });
    const told = new Promise<void>((resolve) => {
      afterWrite = () => {
        afterWrite = () => undefined;
        const tell = async (): Promise<void> => {
          for (let step = 0; step < steps; step++) await Promise.resolve();
          writer.write({ phase: "Succeeded" }, 0);
          resolve();
        };
        void tell();
      };
    });
    writer.write({ phase: "Running" }, 0);
    await told;
    await writer.flush();
    expect(written).toEqual(["Running", "Succeeded"]);
  },
);
