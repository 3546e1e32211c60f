import type { LabUnderTest } from "./lab-under-test.ts";
import { eventually } from "./run.ts";

/** The parts of a Pod that tests look at. */
export interface PodItem {
  readonly metadata: { readonly name: string; readonly deletionTimestamp?: string };
  readonly spec: { readonly nodeName?: string };
  readonly status: { readonly phase: string; readonly podIP?: string };
}

export type NodeSelector = Readonly<Record<string, string>>;

/** Pods of a lab, asked for and waited for through stock kubectl. A selection is what `kubectl get pods` takes: `-l`, `app=web`. */
export interface Workloads {
  readonly apply: (...objects: readonly object[]) => Promise<void>;
  readonly scale: (deployment: string, replicas: number) => Promise<void>;
  readonly pods: (...selection: readonly string[]) => Promise<readonly PodItem[]>;
  /** Waits until there are so many pods, all running with an address. */
  readonly running: (count: number, timeoutMs: number, ...selection: readonly string[]) => Promise<readonly PodItem[]>;
  readonly gone: (timeoutMs: number, ...selection: readonly string[]) => Promise<void>;
}

export function workloadsOf(lab: LabUnderTest): Workloads {
  const pods = async (...selection: readonly string[]): Promise<readonly PodItem[]> =>
    (JSON.parse(await lab.kubectl(["get", "pods", ...selection, "-o", "json"])) as { items: PodItem[] }).items;
  return {
    pods,
    async apply(...objects) {
      await lab.kubectl(["apply", "-f", "-"], { input: objects.map((object) => JSON.stringify(object)).join("\n---\n") });
    },
    async scale(deployment, replicas) {
      await lab.kubectl(["scale", "deployment", deployment, `--replicas=${replicas}`]);
    },
    running: (count, timeoutMs, ...selection) =>
      eventually(
        `${count} running pods of ${selection.join(" ")}`,
        async () => {
          const found = await pods(...selection);
          const ready = found.filter((pod) => pod.status.phase === "Running" && pod.status.podIP !== undefined);
          if (found.length !== count || ready.length !== count) throw new Error(`${ready.length} of ${found.length} pods run`);
          return found;
        },
        timeoutMs,
      ),
    async gone(timeoutMs, ...selection) {
      await eventually(`no pod of ${selection.join(" ")}`, async () => (await pods(...selection)).length === 0, timeoutMs);
    },
  };
}

/** A web server, labelled with an app. */
export function webPod(name: string, app: string, nodeSelector: NodeSelector = {}): object {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, labels: { app } },
    spec: { nodeSelector, containers: [{ name: "web", image: "nginx" }] },
  };
}

/** Web servers; its name is their app. */
export function webDeployment(name: string, replicas: number, nodeSelector: NodeSelector = {}): object {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { nodeSelector, terminationGracePeriodSeconds: 1, containers: [{ name: "web", image: "nginx" }] },
      },
    },
  };
}
