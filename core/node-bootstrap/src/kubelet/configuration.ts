import { read, refused, type Reading } from "../problem.ts";
import { wholeNumber } from "./flags.ts";
import type { Amounts, KubeletWishes, Taint } from "./settings.ts";
import { checkedTaint } from "./taints.ts";
import { readFields, wish } from "./wishes.ts";

export type Document = Readonly<Record<string, unknown>>;

export function isDocument(value: unknown): value is Document {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The fields of a KubeletConfiguration (kubelet.config.k8s.io/v1beta1) that show from outside; kubelet lets unknown ones pass. */
export function readKubeletConfiguration(config: Document): Reading<KubeletWishes> {
  return readFields(config, [
    ["maxPods", (value) => wish("maxPods", wholeNumber(value, "maxPods"))],
    ["podsPerCore", (value) => wish("podsPerCore", wholeNumber(value, "podsPerCore"))],
    ["registerWithTaints", (value) => wish("taints", taints(value))],
    ["kubeReserved", (value) => wish("kubeReserved", amounts(value, "kubeReserved"))],
    ["systemReserved", (value) => wish("systemReserved", amounts(value, "systemReserved"))],
    ["evictionHard", (value) => wish("evictionHard", amounts(value, "evictionHard"))],
    ["clusterDNS", (value) => wish("clusterDns", texts(value, "clusterDNS"))],
    ["crashLoopBackOff", (value) => backOff(value)],
  ]);
}

function amounts(value: unknown, field: string): Reading<Amounts> {
  if (!isDocument(value))
    return refused(`kubelet's ${field} is ${JSON.stringify(value)}; it must be a map such as {cpu: 80m, memory: 574Mi}`);
  const found: Record<string, string> = {};
  for (const [key, amount] of Object.entries(value)) {
    if (typeof amount !== "string" && typeof amount !== "number")
      return refused(`kubelet's ${field}.${key} is ${JSON.stringify(amount)}; it must be an amount`);
    found[key] = String(amount);
  }
  return read(found);
}

function texts(value: unknown, field: string): Reading<readonly string[]> {
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return read(value);
  return refused(`kubelet's ${field} is ${JSON.stringify(value)}; it must be a list of texts`);
}

function taints(value: unknown): Reading<readonly Taint[]> {
  if (!Array.isArray(value))
    return refused(`kubelet's registerWithTaints is ${JSON.stringify(value)}; it must be a list of {key, value, effect}`);
  const list: Taint[] = [];
  for (const item of value as readonly unknown[]) {
    const { key, value: text, effect } = isDocument(item) ? item : {};
    if (typeof key !== "string" || typeof effect !== "string")
      return refused(`kubelet's registerWithTaints has ${JSON.stringify(item)}; each needs key and effect`);
    const taint = checkedTaint({ key, value: typeof text === "string" ? text : undefined, effect });
    if (!taint.ok) return taint;
    list.push(taint.value);
  }
  return read(list);
}

function backOff(value: unknown): Reading<KubeletWishes> {
  const longest = isDocument(value) ? value["maxContainerRestartPeriod"] : undefined;
  if (longest === undefined) return read({});
  const seconds = typeof longest === "string" ? /^([1-9]\d{0,2})s$/.exec(longest)?.[1] : undefined;
  if (seconds === undefined || Number(seconds) > 300) {
    return refused(`kubelet's crashLoopBackOff.maxContainerRestartPeriod is ${JSON.stringify(longest)}; it must be from 1s to 300s`);
  }
  return read({ crashLoopBackOffMaxSeconds: Number(seconds) });
}
