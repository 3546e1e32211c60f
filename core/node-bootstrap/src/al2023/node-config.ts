import { parse } from "yaml";
import { readKubeletConfiguration, isDocument, type Document } from "../kubelet/configuration.ts";
import { addWishes, readKubeletFlags } from "../kubelet/flags.ts";
import { checkedLabels } from "../kubelet/labels.ts";
import type { KubeletWishes } from "../kubelet/settings.ts";
import { read, refused, type Reading } from "../problem.ts";
import { isMultipart, multipartParts, NODE_CONFIG } from "../user-data/mime.ts";

const API_VERSION = "node.eks.aws/v1alpha1";

/** nodeadm's NodeConfig after all parts were merged, as far as the node shows it. */
export interface NodeConfig {
  readonly clusterName: string;
  readonly apiServerEndpoint: string;
  /** From `spec.kubelet.config`. */
  readonly configured: KubeletWishes;
  /** From `spec.kubelet.flags`; kubelet lets flags win over its configuration. */
  readonly flagged: KubeletWishes;
  readonly maxPodsExpression?: string;
}

/** What EKS's node image AL2023 makes of its user data: NodeConfig parts merged in their order, a later one over an earlier one. */
export function nodeConfigOf(userData: string): Reading<NodeConfig> {
  const texts = nodeConfigTexts(userData);
  if (!texts.ok) return texts;
  let spec: Document = {};
  const flags: string[] = [];
  for (const text of texts.value) {
    const found = parseNodeConfig(text);
    if (!found.ok) return found;
    const kubelet = sectionOf(found.value, "kubelet");
    const own = kubelet["flags"] ?? [];
    if (!Array.isArray(own) || !own.every((flag) => typeof flag === "string"))
      return refused("NodeConfig spec.kubelet.flags must be a list of texts");
    // nodeadm adds the lists of flags up and merges everything else.
    flags.push(...own);
    spec = merged(spec, found.value);
  }
  return readSpec(spec, flags);
}

function nodeConfigTexts(userData: string): Reading<readonly string[]> {
  if (!isMultipart(userData)) return read([userData]);
  const parts = multipartParts(userData);
  if (!parts.ok) return parts;
  const texts = parts.value.filter(({ type }) => type === NODE_CONFIG).map(({ body }) => body);
  if (texts.length > 0) return read(texts);
  return refused(`the user data has no part of the type ${NODE_CONFIG}; nodeadm finds no NodeConfig and the node does not join`);
}

function parseNodeConfig(text: string): Reading<Document> {
  let value: unknown;
  try {
    // A YAML bomb ends in an error here, not in memory.
    value = parse(text.replace(/^\s*---[ \t]*\n/, ""), { maxAliasCount: 20, logLevel: "error" });
  } catch (cause) {
    return refused(`the NodeConfig is not YAML: ${cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : String(cause)}`);
  }
  if (!isDocument(value)) return refused("the NodeConfig is no YAML object; nodeadm cannot read it");
  if (value["kind"] !== "NodeConfig" || value["apiVersion"] !== API_VERSION) {
    return refused(
      `the user data's object is ${String(value["apiVersion"])} ${String(value["kind"])}; nodeadm reads ${API_VERSION} NodeConfig`,
    );
  }
  const { spec = {} } = value;
  if (spec === null) return read({});
  return isDocument(spec) ? read(spec) : refused("the NodeConfig's spec is no object");
}

function readSpec(spec: Document, flags: readonly string[]): Reading<NodeConfig> {
  const cluster = sectionOf(spec, "cluster");
  const needed = ["name", "apiServerEndpoint", "certificateAuthority", "cidr"].filter(
    (field) => typeof cluster[field] !== "string" || cluster[field] === "",
  );
  if (needed.length > 0) {
    return refused(
      `the NodeConfig lacks ${needed.map((field) => `spec.cluster.${field}`).join(", ")}; take the values from describe-cluster (nodeadm asks nobody else)`,
    );
  }
  const kubelet = sectionOf(spec, "kubelet");
  const configured = readKubeletConfiguration(sectionOf(kubelet, "config"));
  if (!configured.ok) return configured;
  const flagged = readKubeletFlags(flags);
  if (!flagged.ok) return flagged;
  const expression = kubelet["maxPodsExpression"];
  return read({
    clusterName: String(cluster["name"]),
    apiServerEndpoint: String(cluster["apiServerEndpoint"]),
    configured: configured.value,
    flagged: flagged.value,
    ...(typeof expression === "string" && expression !== "" ? { maxPodsExpression: expression } : {}),
  });
}

/** What the node says in the end: flags over configuration. */
export function wishesOf({ configured, flagged }: NodeConfig): Reading<KubeletWishes> {
  const wishes = addWishes(configured, flagged);
  const labels = checkedLabels(wishes.labels ?? {});
  return labels.ok ? read(wishes) : labels;
}

function sectionOf(document: Document, field: string): Document {
  const value = document[field];
  return isDocument(value) ? value : {};
}

/** Objects merge field by field; anything else is replaced, and nothing is taken away by an empty value. */
function merged(before: Document, later: Document): Document {
  const result: Record<string, unknown> = { ...before };
  for (const [key, value] of Object.entries(later)) {
    const old = result[key];
    if (value === null || value === "") continue;
    result[key] = isDocument(old) && isDocument(value) ? merged(old, value) : value;
  }
  return result;
}
