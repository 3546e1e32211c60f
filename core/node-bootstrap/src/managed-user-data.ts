import { stringify as stringifyToml } from "smol-toml";
import { stringify as stringifyYaml } from "yaml";
import { parseSettings } from "./bottlerocket/settings.ts";
import { isDocument, type Document } from "./kubelet/configuration.ts";
import type { Taint } from "./kubelet/settings.ts";
import type { NodeOs } from "./node-image.ts";
import { read, refused, type Reading } from "./problem.ts";
import { isMultipart, multipartParts, NODE_CONFIG, SHELL_SCRIPT, writeMultipart, type UserDataPart } from "./user-data/mime.ts";

/** What EKS puts into the user data of a managed node group without an image of one's own. */
export interface ManagedNode {
  readonly os: NodeOs;
  readonly cluster: {
    readonly name: string;
    readonly endpoint: string;
    /** Base64 of the certificate authority's PEM. */
    readonly certificateAuthority: string;
    readonly serviceCidr: string;
    readonly dnsAddress: string;
  };
  readonly maxPods: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  /** More of a KubeletConfiguration, on AL2023. */
  readonly kubeletConfig?: Document;
}

/**
 * The user data of a managed node: what the launch template has, and after it EKS's own part, so that EKS's settings hold where both
 * say something (AWS: "Customize managed nodes with launch templates"; "How maxPods is determined"). The template's must be a MIME
 * multipart message, or TOML for Bottlerocket; EKS merges nothing else.
 */
export function managedUserData(node: ManagedNode, own: string | undefined): Reading<string> {
  if (node.os === "bottlerocket") return bottlerocketToml(node, own);
  const mine: UserDataPart =
    node.os === "al2" ? { type: SHELL_SCRIPT, body: bootstrapScript(node) } : { type: NODE_CONFIG, body: nodeConfig(node) };
  if (own === undefined || own === "") return read(writeMultipart([mine]));
  if (!isMultipart(own)) return refused("User data was not in the MIME multipart format.");
  const parts = multipartParts(own);
  return parts.ok ? read(writeMultipart([...parts.value, mine])) : parts;
}

function bootstrapScript({ cluster, labels, taints, maxPods }: ManagedNode): string {
  const args = [
    `--node-labels=${Object.entries(labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(",")}`,
    ...(taints.length === 0 ? [] : [`--register-with-taints=${taints.map(taintText).join(",")}`]),
    `--max-pods=${maxPods}`,
  ].join(" ");
  return [
    "#!/bin/bash",
    "set -ex",
    `B64_CLUSTER_CA=${cluster.certificateAuthority}`,
    `API_SERVER_URL=${cluster.endpoint}`,
    `K8S_CLUSTER_DNS_IP=${cluster.dnsAddress}`,
    `/etc/eks/bootstrap.sh ${cluster.name} --kubelet-extra-args '${args}' \\`,
    "  --b64-cluster-ca $B64_CLUSTER_CA --apiserver-endpoint $API_SERVER_URL --dns-cluster-ip $K8S_CLUSTER_DNS_IP --use-max-pods false",
    "",
  ].join("\n");
}

function taintText({ key, value = "", effect }: Taint): string {
  return `${key}=${value}:${effect}`;
}

function nodeConfig({ cluster, labels, taints, maxPods, kubeletConfig }: ManagedNode): string {
  const flags = [
    `--node-labels=${Object.entries(labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(",")}`,
  ];
  return stringifyYaml({
    apiVersion: "node.eks.aws/v1alpha1",
    kind: "NodeConfig",
    spec: {
      cluster: {
        name: cluster.name,
        apiServerEndpoint: cluster.endpoint,
        certificateAuthority: cluster.certificateAuthority,
        cidr: cluster.serviceCidr,
      },
      kubelet: {
        config: {
          ...kubeletConfig,
          maxPods,
          clusterDNS: [cluster.dnsAddress],
          ...(taints.length === 0 ? {} : { registerWithTaints: taints }),
        },
        flags,
      },
    },
  });
}

function bottlerocketToml(node: ManagedNode, own: string | undefined): Reading<string> {
  const document = parseSettings(own ?? "");
  if (!document.ok) return document;
  const settings = sectionOf(document.value, "settings");
  const kubernetes = sectionOf(settings, "kubernetes");
  const { cluster } = node;
  const merged = {
    ...kubernetes,
    "cluster-name": cluster.name,
    "api-server": cluster.endpoint,
    "cluster-certificate": cluster.certificateAuthority,
    "cluster-dns-ip": cluster.dnsAddress,
    "max-pods": node.maxPods,
    "node-labels": { ...sectionOf(kubernetes, "node-labels"), ...node.labels },
    "node-taints": { ...sectionOf(kubernetes, "node-taints"), ...taintTable(node.taints) },
  };
  return read(stringifyToml({ ...document.value, settings: { ...settings, kubernetes: merged } }));
}

function taintTable(taints: readonly Taint[]): Readonly<Record<string, readonly string[]>> {
  const table: Record<string, string[]> = {};
  for (const { key, value = "", effect } of taints) table[key] = [...(table[key] ?? []), `${value}:${effect}`];
  return table;
}

function sectionOf(document: Document, field: string): Document {
  const value = document[field];
  return isDocument(value) ? value : {};
}
