import { read, refused, type Reading } from "../problem.ts";
import { checkedLabels } from "./labels.ts";
import type { Amounts, KubeletWishes, Taint } from "./settings.ts";
import { parseTaint } from "./taints.ts";
import { wish } from "./wishes.ts";

interface Flag {
  readonly name: string;
  readonly value: string;
}

/** Flags that are switches: they take no word after them. */
const SWITCHES =
  /^(?:protect-kernel-defaults|fail-swap-on|cgroups-per-qos|enable-.*|rotate-.*|register-node|make-iptables-util-chains|serialize-image-pulls|allow-privileged|anonymous-auth|authentication-token-webhook|v)$/;

/**
 * Kubelet's command line, as far as it makes the node what it is to the cluster; a flag given twice counts the last time, labels and
 * amounts add up. Flags that do not show from outside are let through.
 */
export function readKubeletFlags(words: readonly string[]): Reading<KubeletWishes> {
  const flags = splitFlags(words);
  if (!flags.ok) return flags;
  let wishes: KubeletWishes = {};
  for (const flag of flags.value) {
    const said = readFlag(flag);
    if (!said.ok) return said;
    wishes = addWishes(wishes, said.value);
  }
  return read(wishes);
}

/** What a later source says is laid over what was said before. */
export function addWishes(before: KubeletWishes, later: KubeletWishes): KubeletWishes {
  const labels = { ...before.labels, ...later.labels };
  return {
    ...before,
    ...later,
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
  };
}

function splitFlags(words: readonly string[]): Reading<readonly Flag[]> {
  const flags: Flag[] = [];
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? "";
    const match = /^--?([a-z][a-z0-9-]*)(?:=([\s\S]*))?$/i.exec(word);
    if (match === null) return refused(`kubelet is given ${JSON.stringify(word)}, which is no flag; it ends with "unknown command"`);
    const [, name = "", inline] = match;
    const next = words[index + 1];
    if (inline !== undefined) flags.push({ name, value: inline });
    else if (SWITCHES.test(name)) flags.push({ name, value: "true" });
    else if (next === undefined || next.startsWith("--")) return refused(`kubelet's flag --${name} has no value`);
    else {
      flags.push({ name, value: next });
      index++;
    }
  }
  return read(flags);
}

function readFlag({ name, value }: Flag): Reading<KubeletWishes> {
  switch (name) {
    case "max-pods":
      return wish("maxPods", wholeNumber(value, "--max-pods"));
    case "pods-per-core":
      return wish("podsPerCore", wholeNumber(value, "--pods-per-core"));
    case "node-labels": {
      const labels = pairs(value, "--node-labels", { needsValue: false });
      return wish("labels", labels.ok ? checkedLabels(labels.value) : labels);
    }
    case "register-with-taints":
      return wish("taints", taints(value));
    case "kube-reserved":
      return wish("kubeReserved", pairs(value, "--kube-reserved", { needsValue: true }));
    case "system-reserved":
      return wish("systemReserved", pairs(value, "--system-reserved", { needsValue: true }));
    case "eviction-hard":
      return wish("evictionHard", pairs(value.replaceAll("<", "="), "--eviction-hard", { needsValue: true }));
    case "cluster-dns":
      return read({ clusterDns: value.split(",").filter((part) => part !== "") });
    default:
      return read({});
  }
}

const INT32_MAX = 2 ** 31 - 1;

/** Kubelet's counts are 32 bits and not negative. */
export function wholeNumber(value: unknown, what: string): Reading<number> {
  const number = typeof value === "string" && /^\+?\d{1,10}$/.test(value) ? Number(value) : value;
  if (typeof number === "number" && Number.isInteger(number) && number >= 0 && number <= INT32_MAX) return read(number);
  return refused(`kubelet's ${what} is ${JSON.stringify(value)}; it must be a whole number, 0 or more`);
}

function pairs(text: string, what: string, { needsValue }: { readonly needsValue: boolean }): Reading<Amounts> {
  const found: Record<string, string> = {};
  for (const part of text.split(",").filter((piece) => piece !== "")) {
    const equals = part.indexOf("=");
    if (equals < 1 && (equals === 0 || needsValue))
      return refused(`kubelet's ${what} has ${JSON.stringify(part)}; each entry must be key=value`);
    found[equals < 0 ? part : part.slice(0, equals)] = equals < 0 ? "" : part.slice(equals + 1);
  }
  return read(found);
}

function taints(text: string): Reading<readonly Taint[]> {
  const list: Taint[] = [];
  for (const part of text.split(",").filter((piece) => piece !== "")) {
    const taint = parseTaint(part);
    if (!taint.ok) return taint;
    list.push(taint.value);
  }
  return read(list);
}
