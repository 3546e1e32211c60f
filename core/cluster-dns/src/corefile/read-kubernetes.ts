import type { KubernetesSettings } from "../kubernetes/lookup.ts";
import type { DnsName } from "../message.ts";
import { count, unknownOption, zonesOf } from "./arguments.ts";
import { problem, type Checked, type Directive } from "./parse-corefile.ts";

const OPTIONS = ["pods", "endpoint_pod_names", "fallthrough", "ttl", "namespaces", "ignore empty_service"];
const TTL_MAX = 3_600;

/** https://coredns.io/plugins/kubernetes/ */
export function readKubernetes(directive: Directive, blockZones: readonly DnsName[]): Checked<KubernetesSettings> {
  let settings: KubernetesSettings = {
    zones: zonesOf(directive.args, blockZones),
    pods: "disabled",
    ttl: 5,
    usesPodNames: false,
    ignoresEmptyServices: false,
  };
  for (const option of directive.block) {
    const read = readOption(option);
    if (!read.ok) return read;
    settings = { ...settings, ...read.value };
  }
  return { ok: true, value: settings };
}

function readOption(option: Directive): Checked<Partial<KubernetesSettings>> {
  const { args } = option;
  switch (option.name) {
    case "pods": {
      const [mode] = args;
      return mode === "disabled" || mode === "insecure" || mode === "verified"
        ? { ok: true, value: { pods: mode } }
        : problem(option.line, `kubernetes: pods must be disabled, insecure or verified, not ${mode ?? "empty"}`);
    }
    case "endpoint_pod_names":
      return { ok: true, value: { usesPodNames: true } };
    case "fallthrough":
      return { ok: true, value: { fallthrough: zonesOf(args, []) } };
    case "ttl": {
      const ttl = count(args[0]);
      return ttl !== undefined && ttl <= TTL_MAX
        ? { ok: true, value: { ttl } }
        : problem(option.line, `kubernetes: ttl must be from 0 to ${TTL_MAX} seconds`);
    }
    case "namespaces":
      return { ok: true, value: { namespaces: args } };
    case "ignore":
      return args[0] === "empty_service"
        ? { ok: true, value: { ignoresEmptyServices: true } }
        : problem(option.line, "kubernetes: ignore takes empty_service");
    default:
      return unknownOption("kubernetes", option, OPTIONS);
  }
}
