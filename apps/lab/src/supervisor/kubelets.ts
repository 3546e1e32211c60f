import { fileURLToPath } from "node:url";
import type { Clock, Log } from "@slash28/ports";
import type { DataPlane } from "../control/index.ts";
import type { ApiServer } from "../kubernetes/api-server/index.ts";
import {
  createKubelet,
  createNodeHost,
  createPodSource,
  createSpawnHost,
  wellKnownImages,
  type ImageRule,
  type Kubelet,
  type NodeSpec,
} from "../kubernetes/kubelet/index.ts";

export interface KubeletsOptions {
  readonly api: ApiServer;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly dataPlane: DataPlane;
}

/** Makes kubelets that share one watch and one way of starting processes. */
export interface Kubelets {
  readonly start: (spec: NodeSpec, metadataUrl: string) => Kubelet;
  close(): Promise<void>;
}

const SERVICE_ADDRESS = "10.100.0.1";
const SERVICE_PORT = 443;

export function createKubelets({ api, clock, random, log, dataPlane }: KubeletsOptions): Kubelets {
  const processes = dataPlane === "kernel" ? createSpawnHost(native("slash28-spawn")) : createNodeHost();
  const pods = createPodSource({ kube: api.kube, clock, log, random });
  const cluster = {
    serviceHost: SERVICE_ADDRESS,
    servicePort: SERVICE_PORT,
    caPem: api.caPem,
    domain: "cluster.local",
    token: async ({
      namespace,
      serviceAccount,
      pod,
      audience,
      expirationSeconds,
    }: {
      readonly namespace: string;
      readonly serviceAccount: string;
      readonly pod: { readonly name: string; readonly uid: string };
      readonly audience?: string;
      readonly expirationSeconds: number;
    }) =>
      (
        await api.issueToken(
          { namespace, name: serviceAccount },
          { pod, expirationSeconds, ...(audience === undefined ? {} : { audiences: [audience] }) },
        )
      ).token,
  };
  const plane =
    dataPlane === "kernel"
      ? ({ kind: "kernel", programs: { pause: native("slash28-pause"), run: native("slash28-run") } } as const)
      : ({ kind: "simulated" } as const);
  return {
    start: (node, _metadataUrl) =>
      createKubelet({
        node,
        kube: api.kube,
        pods,
        processes,
        cluster,
        images: labImages(),
        dataPlane: plane,
        clock,
        log: log.child({ node: node.name }),
        random,
      }),
    close: () => processes.close(),
  };
}

/** The well-known images, and the agent: its image is the program built beside this one. */
function labImages(): readonly ImageRule[] {
  const agent = beside("agent.mjs");
  const env = { SLASH28_CNI_PLUGIN: native("aws-cni"), PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" };
  const entrypoint = [process.execPath, "--max-semi-space-size=1", agent];
  return [
    ...["slash28/agent", "*/amazon-k8s-cni", "amazon-k8s-cni"].map((image) => ({ image, entrypoint, env, isPinned: true })),
    ...wellKnownImages(native("slash28-web")),
  ];
}

function native(name: string): string {
  return beside(`native/${name}`);
}

function beside(name: string): string {
  return fileURLToPath(new URL(`./${name}`, import.meta.url));
}
