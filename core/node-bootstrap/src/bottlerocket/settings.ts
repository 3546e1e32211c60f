import { parse } from "smol-toml";
import { isDocument, type Document } from "../kubelet/configuration.ts";
import { wholeNumber } from "../kubelet/flags.ts";
import { checkedLabels } from "../kubelet/labels.ts";
import type { Amounts, KubeletWishes, Taint } from "../kubelet/settings.ts";
import { checkedTaint, parseTaint } from "../kubelet/taints.ts";
import { readFields, wish } from "../kubelet/wishes.ts";
import { read, refused, type Reading } from "../problem.ts";

/** A Bottlerocket node's `settings.kubernetes`, as far as the node shows it. */
export interface BottlerocketSettings {
  readonly clusterName: string;
  readonly apiServer: string;
  readonly kubelet: KubeletWishes;
}

/** Parses user data as TOML. */
export function parseSettings(userData: string): Reading<Document> {
  try {
    return read(parse(userData) as Document);
  } catch (cause) {
    const message = cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : String(cause);
    return refused(`the user data is not TOML, which Bottlerocket reads: ${message}`);
  }
}

export function bottlerocketSettingsOf(userData: string): Reading<BottlerocketSettings> {
  const document = parseSettings(userData);
  if (!document.ok) return document;
  const { settings } = document.value;
  const kubernetes = isDocument(settings) ? settings["kubernetes"] : undefined;
  if (!isDocument(kubernetes))
    return refused("the user data has no table [settings.kubernetes]; a Bottlerocket node joins no cluster without it");
  const needed = ["cluster-name", "api-server", "cluster-certificate"].filter((field) => typeof kubernetes[field] !== "string");
  if (needed.length > 0) {
    return refused(`[settings.kubernetes] lacks ${needed.join(", ")}; take the values from describe-cluster`);
  }
  const kubelet = readKubernetes(kubernetes);
  if (!kubelet.ok) return kubelet;
  return read({ clusterName: String(kubernetes["cluster-name"]), apiServer: String(kubernetes["api-server"]), kubelet: kubelet.value });
}

/** The names are Bottlerocket's; its API refuses values of a wrong kind and the host does not boot into the cluster. */
function readKubernetes(table: Document): Reading<KubeletWishes> {
  return readFields(table, [
    ["max-pods", (value) => wish("maxPods", wholeNumber(typeof value === "bigint" ? Number(value) : value, "max-pods"))],
    ["node-labels", (value) => labels(value)],
    ["node-taints", (value) => taints(value)],
    ["kube-reserved", (value) => wish("kubeReserved", amounts(value, "kube-reserved"))],
    ["system-reserved", (value) => wish("systemReserved", amounts(value, "system-reserved"))],
    ["eviction-hard", (value) => wish("evictionHard", amounts(value, "eviction-hard"))],
    ["cluster-dns-ip", (value) => dns(value)],
  ]);
}

function amounts(value: unknown, field: string): Reading<Amounts> {
  if (!isDocument(value)) return refused(`settings.kubernetes.${field} must be a table of texts`);
  const wrong = Object.entries(value).find(([, amount]) => typeof amount !== "string");
  return wrong === undefined ? read(value as Amounts) : refused(`settings.kubernetes.${field}.${wrong[0]} must be a text such as "80m"`);
}

function labels(value: unknown): Reading<KubeletWishes> {
  const found = amounts(value, "node-labels");
  return wish("labels", found.ok ? checkedLabels(found.value) : found);
}

/** A table of key to `value:Effect`, one or a list of them. */
function taints(value: unknown): Reading<KubeletWishes> {
  if (!isDocument(value)) return refused('settings.kubernetes.node-taints must be a table such as "dedicated" = "gpu:NoSchedule"');
  const list: Taint[] = [];
  for (const [key, item] of Object.entries(value)) {
    for (const text of Array.isArray(item) ? (item as readonly unknown[]) : [item]) {
      if (typeof text !== "string") return refused(`settings.kubernetes.node-taints.${key} must be a text such as "gpu:NoSchedule"`);
      const colon = text.indexOf(":");
      const taint =
        colon < 0 ? parseTaint(`${key}=${text}`) : checkedTaint({ key, value: text.slice(0, colon), effect: text.slice(colon + 1) });
      if (!taint.ok) return taint;
      list.push(taint.value);
    }
  }
  return read({ taints: list });
}

function dns(value: unknown): Reading<KubeletWishes> {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.every((item) => typeof item === "string")) return read({ clusterDns: list });
  return refused("settings.kubernetes.cluster-dns-ip must be an address or a list of addresses");
}
