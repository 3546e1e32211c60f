import { Fault, type Clock, type Kube, type KubeObject, type KubeResource } from "@slash28/ports";
import { isReady } from "../kubernetes/controllers/index.ts";

/** A running pod with an address of its own. */
export interface ProbePod {
  readonly namespace: string;
  readonly name: string;
  readonly nodeName: string;
  readonly address: string;
  /** The TCP port its web server answers on, if it has one. */
  readonly port?: number;
}

export interface ProbeService {
  readonly namespace: string;
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly scheme: "http" | "https";
}

interface PodObject extends KubeObject {
  readonly spec: {
    readonly nodeName?: string;
    readonly hostNetwork?: boolean;
    readonly containers: readonly {
      readonly image?: string;
      readonly ports?: readonly { readonly containerPort: number }[];
      readonly readinessProbe?: { readonly httpGet?: { readonly port: number | string } };
    }[];
  };
  readonly status?: { readonly podIP?: string; readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

interface ServiceObject extends KubeObject {
  readonly spec: {
    readonly clusterIP?: string;
    readonly ports?: readonly { readonly port: number; readonly name?: string; readonly protocol?: string }[];
  };
}

const NAMESPACE = "slash28-verify";
const PODS: KubeResource = { group: "", version: "v1", plural: "pods" };
const SERVICES: KubeResource = { group: "", version: "v1", plural: "services" };
const NAMESPACES: KubeResource = { group: "", version: "v1", plural: "namespaces" };
const DEPLOYMENTS: KubeResource = { group: "apps", version: "v1", plural: "deployments" };
const START_TIMEOUT_MS = 60_000;
const POLL_MS = 100;

/** Starts web pods and a service in a namespace of their own, hands over everything that can be reached, and removes them again. */
export async function withProbes<T>(
  kube: Kube,
  clock: Clock,
  replicas: number,
  work: (found: { readonly pods: readonly ProbePod[]; readonly services: readonly ProbeService[] }) => Promise<T>,
): Promise<T> {
  await removeProbes(kube, clock);
  try {
    await createProbes(kube, replicas);
    await until(clock, `${replicas} probe pods to be ready`, async () => (await readyPods(kube, NAMESPACE)).length >= replicas);
    const pods = await readyPods(kube);
    const services = (await kube.list<ServiceObject>(SERVICES)).items
      .flatMap(probeService)
      .filter((service) => service.namespace === NAMESPACE || service.name === "kubernetes");
    return await work({ pods, services });
  } finally {
    await removeProbes(kube, clock);
  }
}

async function createProbes(kube: Kube, replicas: number): Promise<void> {
  const labels = { app: "probe" };
  await kube.create(NAMESPACES, { apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } });
  await kube.create(SERVICES, {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "probe", namespace: NAMESPACE },
    spec: { selector: labels, ports: [{ name: "http", port: 80, targetPort: 80, protocol: "TCP" }] },
  });
  await kube.create(DEPLOYMENTS, {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "probe", namespace: NAMESPACE },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { terminationGracePeriodSeconds: 0, containers: [{ name: "web", image: "nginx", ports: [{ containerPort: 80 }] }] },
      },
    },
  });
}

async function removeProbes(kube: Kube, clock: Clock): Promise<void> {
  await kube.delete(NAMESPACES, NAMESPACE);
  await until(clock, "the probe namespace to be gone", async () => (await kube.get(NAMESPACES, NAMESPACE)) === undefined);
}

async function readyPods(kube: Kube, namespace?: string): Promise<readonly ProbePod[]> {
  const { items } = await kube.list<PodObject>(PODS, namespace === undefined ? {} : { namespace });
  return items.flatMap((pod) => {
    const address = pod.status?.podIP;
    const isLeaving = pod.metadata.deletionTimestamp !== undefined;
    if (!isReady(pod) || isLeaving || address === undefined || pod.spec.nodeName === undefined || pod.spec.hostNetwork === true) return [];
    const port = webPort(pod);
    return [
      {
        namespace: pod.metadata.namespace ?? "default",
        name: pod.metadata.name,
        nodeName: pod.spec.nodeName,
        address,
        ...(port === undefined ? {} : { port }),
      },
    ];
  });
}

function webPort({ spec }: PodObject): number | undefined {
  const [container] = spec.containers;
  // A pod that is probed over HTTP says where it speaks it; its first port may speak anything.
  const probed = container?.readinessProbe?.httpGet?.port;
  if (typeof probed === "number") return probed;
  return container?.ports?.[0]?.containerPort ?? (container?.image?.includes("nginx") ? 80 : undefined);
}

function probeService({ metadata, spec }: ServiceObject): ProbeService[] {
  const [port] = spec.ports ?? [];
  const address = spec.clusterIP;
  if (address === undefined || address === "None" || port === undefined || (port.protocol ?? "TCP") !== "TCP") return [];
  return [
    {
      namespace: metadata.namespace ?? "default",
      name: metadata.name,
      address,
      port: port.port,
      scheme: port.name === "https" ? "https" : "http",
    },
  ];
}

async function until(clock: Clock, what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (const end = clock.now() + START_TIMEOUT_MS; clock.now() < end; await clock.sleep(POLL_MS)) {
    if (await isSo()) return;
  }
  throw new Fault("BAD_REQUEST", { detail: `waited ${START_TIMEOUT_MS / 1000} s for ${what}; see kubectl get events -n ${NAMESPACE}` });
}
