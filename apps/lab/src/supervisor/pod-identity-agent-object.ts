import type { KubeObject } from "@slash28/ports";
import { systemDaemonSet } from "./system-daemon-set.ts";

export interface PodIdentityAgentOptions {
  readonly clusterName: string;
  readonly region: string;
  /** Where EKS Auth answers, a URL. */
  readonly eksAuthEndpoint: string;
  /** The add-on's `agent.additionalArgs`: values by flag. */
  readonly additionalArgs: Readonly<Record<string, string>>;
}

const NAME = "eks-pod-identity-agent";
const LABELS = { "app.kubernetes.io/instance": NAME, "app.kubernetes.io/name": NAME } as const;
/** As commands of the image name it. */
export const POD_IDENTITY_AGENT_PROGRAM = "/eks-pod-identity-agent";
const RUN: readonly string[] = ["/go-runner", POD_IDENTITY_AGENT_PROGRAM];
const PROBE_PORT = 2703;
const METRICS_PORT = 2705;

/** The `eks-pod-identity-agent` DaemonSet, as EKS's add-on makes it. */
export function podIdentityAgentDaemonSet(options: PodIdentityAgentOptions): KubeObject & { readonly spec: object } {
  const image = `602401143452.dkr.ecr.${options.region}.amazonaws.com/eks/${NAME}:v0.1.37`;
  return systemDaemonSet({
    name: NAME,
    labels: LABELS,
    pod: {
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 30,
      affinity: onInstances(),
      initContainers: [{ name: `${NAME}-init`, image, command: [...RUN, "initialize"], securityContext: { privileged: true } }],
      containers: [{ ...container(options), image }],
    },
  });
}

function container({ clusterName, region, eksAuthEndpoint, additionalArgs }: PodIdentityAgentOptions): object {
  const more = Object.entries(additionalArgs).flatMap(([flag, value]) => (value === "" ? [flag] : [flag, value]));
  const probe = (path: string): object => ({ httpGet: { host: "localhost", path, port: "probes-port", scheme: "HTTP" } });
  return {
    name: NAME,
    command: [...RUN, "server"],
    args: ["--port", "80", "--cluster-name", clusterName, "--probe-port", String(PROBE_PORT), ...more],
    env: [
      { name: "AWS_REGION", value: region },
      // The lab's own: on EC2 the Region's endpoint is found without it.
      { name: "AWS_ENDPOINT_URL_EKS_AUTH", value: eksAuthEndpoint },
    ],
    ports: [
      { containerPort: 80, name: "proxy", protocol: "TCP" },
      { containerPort: PROBE_PORT, name: "probes-port", protocol: "TCP" },
      { containerPort: METRICS_PORT, name: "metrics", protocol: "TCP" },
    ],
    securityContext: { capabilities: { add: ["CAP_NET_BIND_SERVICE"] } },
    livenessProbe: { ...probe("/healthz"), initialDelaySeconds: 30, timeoutSeconds: 10, failureThreshold: 3 },
    // More often than EKS asks: whoever installs the add-on waits for it.
    readinessProbe: { ...probe("/readyz"), initialDelaySeconds: 1, timeoutSeconds: 10, failureThreshold: 30, periodSeconds: 1 },
    resources: {},
  };
}

function onInstances(): object {
  const matchExpressions = [
    { key: "kubernetes.io/os", operator: "In", values: ["linux"] },
    { key: "kubernetes.io/arch", operator: "In", values: ["amd64", "arm64"] },
    { key: "eks.amazonaws.com/compute-type", operator: "NotIn", values: ["fargate", "hybrid", "auto"] },
  ];
  return { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions }] } } };
}
