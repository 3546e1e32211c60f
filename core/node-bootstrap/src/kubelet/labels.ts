import { read, refused, type Reading } from "../problem.ts";

const NAME = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const PREFIX = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;
const VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;

/** Labels under `kubernetes.io` and `k8s.io` that a kubelet may give its own node (kubelet's `--node-labels`, KEP 279). */
const KUBELET_LABELS = new Set([
  "kubernetes.io/hostname",
  "kubernetes.io/arch",
  "kubernetes.io/os",
  "beta.kubernetes.io/instance-type",
  "beta.kubernetes.io/arch",
  "beta.kubernetes.io/os",
  "failure-domain.beta.kubernetes.io/region",
  "failure-domain.beta.kubernetes.io/zone",
  "node.kubernetes.io/instance-type",
  "topology.kubernetes.io/region",
  "topology.kubernetes.io/zone",
]);
const KUBELET_PREFIXES = ["kubelet.kubernetes.io", "node.kubernetes.io"];

/** A label key as Kubernetes allows it: a name, or a DNS prefix, a slash and a name. */
export function isLabelKey(key: string): boolean {
  const slash = key.indexOf("/");
  return slash < 0 ? NAME.test(key) : PREFIX.test(key.slice(0, slash)) && NAME.test(key.slice(slash + 1));
}

export function isLabelValue(value: string): boolean {
  return VALUE.test(value);
}

/** Checks labels a kubelet is told to register with; a kubelet given others ends at once. */
export function checkedLabels(labels: Readonly<Record<string, string>>): Reading<Readonly<Record<string, string>>> {
  for (const [key, value] of Object.entries(labels)) {
    if (!isLabelKey(key)) return refused(`node label ${JSON.stringify(key)} is not a label key; kubelet ends with it`);
    if (!isLabelValue(value))
      return refused(`node label ${key} has the value ${JSON.stringify(value)}, which no label may have; kubelet ends with it`);
    if (isForbidden(key)) {
      return refused(
        `kubelet may not set the label ${key} on its own node (labels under kubernetes.io are kept for the control plane) and ends; use another prefix`,
      );
    }
  }
  return read(labels);
}

function isForbidden(key: string): boolean {
  const prefix = key.slice(0, Math.max(0, key.indexOf("/")));
  const isReserved = ["kubernetes.io", "k8s.io"].some((domain) => prefix === domain || prefix.endsWith(`.${domain}`));
  if (!isReserved || KUBELET_LABELS.has(key)) return false;
  return !KUBELET_PREFIXES.some((allowed) => prefix === allowed || prefix.endsWith(`.${allowed}`));
}
