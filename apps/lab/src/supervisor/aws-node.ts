import { STOCK_MANIFEST } from "@slash28/ipam";
import type { KubeObject, KubeResource } from "@slash28/ports";
import type { Placed } from "./custom-resources.ts";
import { systemDaemonSet } from "./system-daemon-set.ts";

export interface AwsNodeOptions {
  readonly clusterName: string;
  readonly region: string;
  readonly vpcId: string;
  readonly clusterEndpoint: string;
  readonly ec2Endpoint: string;
  readonly isSimulated: boolean;
  /** The cluster file's `vpcCni.env`: set over the defaults. */
  readonly env: Readonly<Record<string, string>>;
}

const LABELS = { "app.kubernetes.io/instance": "aws-vpc-cni", "app.kubernetes.io/name": "aws-node", "k8s-app": "aws-node" } as const;
const RBAC = "rbac.authorization.k8s.io/v1";
const AGENT_IMAGE = "slash28/agent:v0.1.0";

/** The settings that EKS's own manifest carries from the start, but for a log file: here `kubectl logs` shows the log. Fields of the pod follow below. */
const { AWS_VPC_K8S_CNI_LOG_FILE: _toStdout, MY_NODE_NAME: _field, ...DEFAULT_ENV } = STOCK_MANIFEST;

/** The `aws-node` DaemonSet: the agent on every node, as operators know it. */
export function awsNodeDaemonSet(options: AwsNodeOptions): KubeObject {
  return systemDaemonSet({
    name: "aws-node",
    labels: LABELS,
    matchLabels: { "k8s-app": LABELS["k8s-app"] },
    pod: {
      serviceAccountName: "aws-node",
      terminationGracePeriodSeconds: 10,
      containers: [agentContainer(options)],
      volumes: [
        hostPath("cni-bin-dir", "/opt/cni/bin"),
        hostPath("cni-net-dir", "/etc/cni/net.d"),
        hostPath("log-dir", "/var/log/aws-routed-eni"),
        hostPath("run-dir", "/var/run/aws-node"),
      ],
    },
  });
}

function agentContainer(options: AwsNodeOptions): object {
  return {
    name: "aws-node",
    image: AGENT_IMAGE,
    imagePullPolicy: "IfNotPresent",
    ports: [{ containerPort: 61_678, name: "metrics" }],
    readinessProbe: { httpGet: { path: "/healthz", port: 61_678 }, periodSeconds: 1, timeoutSeconds: 10, failureThreshold: 3 },
    env: agentEnv(options),
    resources: { requests: { cpu: "25m" } },
    securityContext: { capabilities: { add: ["NET_ADMIN", "NET_RAW"] } },
    volumeMounts: [
      { mountPath: "/host/opt/cni/bin", name: "cni-bin-dir" },
      { mountPath: "/host/etc/cni/net.d", name: "cni-net-dir" },
      { mountPath: "/host/var/log/aws-routed-eni", name: "log-dir" },
      { mountPath: "/var/run/aws-node", name: "run-dir" },
    ],
  };
}

function agentEnv(options: AwsNodeOptions): object[] {
  const literal: Record<string, string> = {
    ...DEFAULT_ENV,
    CLUSTER_ENDPOINT: options.clusterEndpoint,
    CLUSTER_NAME: options.clusterName,
    VPC_ID: options.vpcId,
    AWS_REGION: options.region,
    AWS_ENDPOINT_URL_EC2: options.ec2Endpoint,
    AWS_ENDPOINT_URL_STS: options.ec2Endpoint,
    ...(options.isSimulated ? { SLASH28_DATA_PLANE: "simulated" } : {}),
    ...options.env,
  };
  const fields = { MY_NODE_NAME: "spec.nodeName", MY_POD_NAME: "metadata.name" };
  return [
    ...Object.entries(literal).map(([name, value]) => ({ name, value })),
    ...Object.entries(fields).map(([name, fieldPath]) => ({ name, valueFrom: { fieldRef: { apiVersion: "v1", fieldPath } } })),
  ];
}

function hostPath(name: string, path: string): object {
  return { name, hostPath: { path, type: "DirectoryOrCreate" } };
}

/** What stands beside the DaemonSet: its identity and what it may do. */
export function awsNodeAccess(): readonly Placed[] {
  const rules = [
    { apiGroups: ["crd.k8s.amazonaws.com"], resources: ["eniconfigs"], verbs: ["list", "watch", "get"] },
    { apiGroups: [""], resources: ["namespaces"], verbs: ["list", "watch", "get"] },
    { apiGroups: [""], resources: ["pods", "nodes"], verbs: ["list", "watch", "get"] },
    { apiGroups: [""], resources: ["nodes"], verbs: ["patch"] },
    { apiGroups: [""], resources: ["pods"], verbs: ["patch"] },
    { apiGroups: ["", "events.k8s.io"], resources: ["events"], verbs: ["create", "patch", "list"] },
    { apiGroups: ["vpcresources.k8s.aws"], resources: ["cninodes"], verbs: ["get", "list", "watch", "patch"] },
  ];
  return [
    {
      resource: { group: "", version: "v1", plural: "serviceaccounts" },
      object: { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "aws-node", namespace: "kube-system", labels: LABELS } },
    },
    {
      resource: rbac("clusterroles"),
      object: { apiVersion: RBAC, kind: "ClusterRole", metadata: { name: "aws-node", labels: LABELS }, rules },
    },
    {
      resource: rbac("clusterrolebindings"),
      object: {
        apiVersion: RBAC,
        kind: "ClusterRoleBinding",
        metadata: { name: "aws-node", labels: LABELS },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "aws-node" },
        subjects: [{ kind: "ServiceAccount", name: "aws-node", namespace: "kube-system" }],
      },
    },
  ];
}

function rbac(plural: string): KubeResource {
  return { group: "rbac.authorization.k8s.io", version: "v1", plural };
}
