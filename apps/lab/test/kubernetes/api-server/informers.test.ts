import { ADD, CoreV1Api, ERROR, KubeConfig, makeInformer, UPDATE, type V1ConfigMap } from "@kubernetes/client-node";
import { USUAL_SERVICE_RANGES } from "@slash28/eks";
import type { KubeObject as StoredObject, SavedStore } from "@slash28/kube-store";
import type { Clock, KubeObject } from "@slash28/ports";
import { createRandom } from "@slash28/simulation";
import { eventually } from "@slash28/testkit";
import { expect, test } from "vitest";

import type { ClusterKeys } from "../../../src/kubernetes/api-server/authentication/cluster-keys.ts";
import { createApiServer, type ApiServer } from "../../../src/kubernetes/api-server/index.ts";
import { RESOURCE } from "./in-process.ts";
import { realClock, recordingLog } from "./lab-cluster.ts";

const HISTORY_MAX = 8;
/** Minutes pass in tenths of a second: watches end, and bookmarks come, many times in a test. */
const hurried: Clock = { now: () => realClock.now(), sleep: (ms, signal) => realClock.sleep(ms / 600, signal) };

/** A server at one place that can be stopped and started again over what it told of its writes. */
class RestartingServer {
  readonly log = recordingLog();
  readonly #objects = new Map<string, { readonly resource: string; readonly after: StoredObject }>();
  #version = 0;
  #keys: ClusterKeys | undefined;
  #port = 0;
  #api: ApiServer | undefined;

  get api(): ApiServer {
    if (this.#api === undefined) throw new Error("the server is not running");
    return this.#api;
  }

  async start(): Promise<string> {
    const saved = this.#version === 0 ? undefined : this.#saved();
    const keep = (value: ClusterKeys): void => void (this.#keys = value);
    this.#api = await createApiServer({
      clock: hurried,
      log: this.log,
      runtimeFor: () => undefined,
      serviceRange: USUAL_SERVICE_RANGES[0],
      historyMax: HISTORY_MAX,
      keys: { saved: this.#keys, keep },
      saved,
      onWrite: ({ resource, version, before, after }) => {
        const { namespace = "", name } = (after ?? before)?.metadata ?? { name: "" };
        this.#version = version;
        if (after === undefined) this.#objects.delete(`${resource} ${namespace} ${name}`);
        else this.#objects.set(`${resource} ${namespace} ${name}`, { resource, after });
      },
    });
    const listening = await this.#api.listen({ host: "127.0.0.1", port: this.#port });
    this.#port = listening.port;
    return this.#api.kubeconfig(listening.url);
  }

  async stop(): Promise<void> {
    await this.#api?.close();
    this.#api = undefined;
  }

  #saved(): SavedStore {
    const objects: Record<string, StoredObject[]> = {};
    for (const { resource, after } of this.#objects.values()) (objects[resource] ??= []).push(after);
    return JSON.parse(JSON.stringify({ version: this.#version, objects })) as SavedStore;
  }
}

function configMap(name: string, turn: number): KubeObject & { readonly data: object } {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: "default" }, data: { turn: String(turn) } };
}

/** What a map is, in a word. */
function shown(map: { readonly metadata?: { readonly name?: string; readonly resourceVersion?: string } }): string {
  return `${map.metadata?.name ?? ""}@${map.metadata?.resourceVersion ?? ""}`;
}

test.each([1, 2, 3, 4])("the Kubernetes client's informer stays in step through 410s and restarts (seed %i)", async (seed) => {
  const random = createRandom(seed);
  const server = new RestartingServer();
  const config = new KubeConfig();
  config.loadFromString(await server.start());
  const core = config.makeApiClient(CoreV1Api);
  const path = "/api/v1/namespaces/default/configmaps";
  const informer = makeInformer<V1ConfigMap>(config, path, () => core.listNamespacedConfigMap({ namespace: "default" }));
  let isOver = false;
  const seen = new Map<string, number>();
  const begin = (): void => void informer.start().catch(again);
  const again = (): void => void (isOver ? undefined : setTimeout(begin, 5));
  for (const verb of [ADD, UPDATE] as const) {
    informer.on(verb, (map) => {
      const name = map.metadata?.name ?? "";
      const version = Number(map.metadata?.resourceVersion);
      expect(version).toBeGreaterThanOrEqual(seen.get(name) ?? 0);
      seen.set(name, version);
    });
  }
  informer.on(ERROR, again);
  begin();
  const inStep = async (): Promise<boolean> => {
    const { items } = await server.api.kube.list(RESOURCE.configMaps, { namespace: "default" });
    return informer.list().map(shown).sort().join() === items.map(shown).sort().join();
  };
  await eventually("the informer's first list", inStep);
  for (let turn = 0; turn < 12; turn++) {
    const kind = random.pick(["one", "one", "burst", "restart", "wait"] as const);
    if (kind === "restart") {
      await server.stop();
      await server.start();
    } else if (kind === "wait") {
      await eventually(`the informer in step, turn ${turn}`, inStep, 20_000);
    } else {
      for (let write = 0; write < (kind === "one" ? 1 : 5 * HISTORY_MAX); write++)
        await change(server.api, random.pick(["a", "b", "c", "d"]), turn);
    }
  }
  await eventually("the informer in step at the end", inStep, 20_000);
  isOver = true;
  await informer.stop();
  expect(server.log.failures).toEqual([]);
  await server.stop();
});

async function change({ kube }: ApiServer, name: string, turn: number): Promise<void> {
  const there = await kube.get(RESOURCE.configMaps, name, "default");
  if (there === undefined) await kube.create(RESOURCE.configMaps, configMap(name, turn));
  else if (turn % 3 === 0) await kube.delete(RESOURCE.configMaps, name, "default");
  else await kube.update(RESOURCE.configMaps, { ...there, data: { turn: `${turn} ${there.metadata.resourceVersion}` } });
}
