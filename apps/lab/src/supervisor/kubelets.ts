import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Clock, Kube, Log } from "@slash28/ports";
import type { DataPlane } from "../control/index.ts";
import type { ApiServer } from "../kubernetes/api-server/index.ts";
import { overConnection, type ApiConnection } from "../kubernetes/api-connection.ts";
import {
  createKubelet,
  createNodeHost,
  createDataWatch,
  createPodSource,
  createServiceWatch,
  createSpawnHost,
  podsOver,
  wellKnownImages,
  type ImageRule,
  type Kubelet,
  type NativePrograms,
  type NodeSpec,
} from "../kubernetes/kubelet/index.ts";
import { TRUST_ENV, TRUST_PATH } from "./aws-certificates.ts";
import { CLUSTER_DOMAIN } from "./cluster-dns.ts";
import { KUBE_PROXY_IMAGE, KUBE_PROXY_PROGRAM } from "./kube-proxy-object.ts";
import { POD_IDENTITY_AGENT_PROGRAM } from "./pod-identity-agent-object.ts";

export interface KubeletsOptions {
  readonly api: ApiServer;
  /** The API as the nodes reach it. */
  readonly kube: Kube;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly dataPlane: DataPlane;
  /** The `kubernetes` service's address. */
  readonly apiAddress: string;
  /** Where cluster DNS is; absent: the cluster has none, and pods get the VPC's resolver. */
  readonly dnsAddress?: string;
  /** The certificates that pods trust, in the place of this machine's. */
  readonly trustFile: string;
}

/** Makes kubelets that share one watch and one way of starting processes. */
export interface Kubelets {
  readonly start: (spec: NodeSpec, metadataUrl: string, connection: ApiConnection) => Kubelet;
  close(): Promise<void>;
}

const SERVICE_PORT = 443;

export function createKubelets(options: KubeletsOptions): Kubelets {
  const { api, kube, clock, random, log, dataPlane, apiAddress, dnsAddress, trustFile } = options;
  const processes = dataPlane === "kernel" ? createSpawnHost(native("slash28-spawn")) : createNodeHost();
  const pods = createPodSource({ kube, clock, log, random });
  const changes = createDataWatch({ kube, clock, log, random });
  const services = createServiceWatch({ kube, clock, log, random });
  const cluster = {
    serviceHost: apiAddress,
    servicePort: SERVICE_PORT,
    caPem: api.caPem,
    domain: CLUSTER_DOMAIN,
    ...(dnsAddress === undefined ? {} : { dnsAddress }),
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
  const plane = dataPlane === "kernel" ? ({ kind: "kernel", programs: nativePrograms() } as const) : ({ kind: "simulated" } as const);
  return {
    start: (node, metadataUrl, connection) =>
      createKubelet({
        node,
        kube: overConnection(kube, connection),
        pods: podsOver(pods, connection),
        processes,
        changes,
        services,
        cluster,
        images: labImages(node, metadataUrl, dataPlane),
        machineFiles: [{ source: trustFile, target: TRUST_PATH }],
        machineEnv: dataPlane === "kernel" ? TRUST_ENV : {},
        dataPlane: plane,
        clock,
        log: log.child({ node: node.name }),
        random,
      }),
    close: async () => {
      await Promise.all([pods.stop(), changes.stop(), services.stop()]);
      await processes.close();
    },
  };
}

function nativePrograms(): NativePrograms {
  const grpcProbe = native("grpc-health-probe");
  const programs = { pause: native("slash28-pause"), run: native("slash28-run") };
  return existsSync(grpcProbe) ? { ...programs, grpcProbe } : programs;
}

/** How programs of this project are run: small at rest, because a lab runs one of them per node. */
const NODE: readonly string[] = [process.execPath, "--max-semi-space-size=1"];

/** The well-known images, and the agent: its image is the program built beside this one. */
function labImages(spec: NodeSpec, metadataUrl: string, dataPlane: DataPlane): readonly ImageRule[] {
  const entrypoint = [...NODE, beside("agent.mjs")];
  const env = dataPlane === "kernel" ? agentEnv() : { ...agentEnv(), ...simulatedAgentEnv(spec, metadataUrl) };
  const probe = native("grpc-health-probe");
  // Upstream's manifest asks with it whether the agent serves pods.
  const files = existsSync(probe) ? [{ source: probe, target: "/app/grpc-health-probe" }] : [];
  const agent = { entrypoint, env, files, isPinned: true, runsSimulated: true };
  return [
    ...["slash28/agent", "*/amazon-k8s-cni", "amazon-k8s-cni"].map((image) => ({ image, ...agent })),
    ...["coredns", "*/coredns"].map((image) => ({ image, entrypoint: [...NODE, beside("dns.mjs")], isPinned: true })),
    ...["eks-pod-identity-agent", "*/eks-pod-identity-agent"].map((image) => ({
      image,
      entrypoint: [...NODE, beside("pod-identity-agent.mjs")],
      isPinned: true,
      program: POD_IDENTITY_AGENT_PROGRAM,
    })),
    { image: KUBE_PROXY_IMAGE, entrypoint: KUBE_PROXY_PROGRAM, isPinned: true },
    ...wellKnownImages(native("slash28-web")),
  ];
}

/** The static plugin where a compiler made one, else its twin for Node. */
function agentEnv(): Readonly<Record<string, string>> {
  const shim = native("aws-cni");
  return {
    SLASH28_CNI_PLUGIN: existsSync(shim) ? shim : beside("aws-cni.mjs"),
    PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  };
}

/** An agent without a container sees this machine's paths, and shares its ports with every other: it keeps to sockets of its own. */
function simulatedAgentEnv({ rootDir }: NodeSpec, metadataUrl: string): Readonly<Record<string, string>> {
  return {
    AWS_EC2_METADATA_SERVICE_ENDPOINT: metadataUrl,
    AWS_VPC_K8S_CNI_BACKING_STORE: join(rootDir, "var/run/aws-node/ipam.json"),
    AWS_VPC_K8S_PLUGIN_LOG_FILE: join(rootDir, "var/log/aws-routed-eni/plugin.log"),
    DISABLE_METRICS: "true",
    HOST_CNI_BIN_PATH: join(rootDir, "opt/cni/bin"),
    HOST_CNI_CONFDIR_PATH: join(rootDir, "etc/cni/net.d"),
    INTROSPECTION_BIND_ADDRESS: `unix:${join(rootDir, "var/run/aws-node/introspection.sock")}`,
    SLASH28_AGENT_SOCKET: join(rootDir, "var/run/aws-node/slash28.sock"),
    // A token's file lies in a container, which there is none of.
    AWS_ROLE_ARN: "",
    AWS_CONTAINER_CREDENTIALS_FULL_URI: "",
    // Nothing else ties it to this lab: `lab down` finds it by this after a crash.
    SLASH28_LAB_RUN_DIR: process.env["SLASH28_LAB_RUN_DIR"] ?? "",
  };
}

function native(name: string): string {
  return beside(`native/${name}`);
}

function beside(name: string): string {
  return fileURLToPath(new URL(`./${name}`, import.meta.url));
}
