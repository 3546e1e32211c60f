import { downwardValue } from "./downward-fields.ts";
import type { PodView } from "./downward-fields.ts";
import type { Container, EnvFrom, EnvVar } from "./pod.ts";

/** Values by key; bytes where they are no text. */
export type KeyedValues = Readonly<Record<string, string | Uint8Array>>;

/** The data of the configMaps and secrets a container names, decoded; absent ones are missing. */
export interface NamedData {
  readonly configMaps: ReadonlyMap<string, KeyedValues>;
  readonly secrets: ReadonlyMap<string, KeyedValues>;
  /** The volumes that bound claims have, by the claim's name. */
  readonly volumes?: ReadonlyMap<string, BoundVolume>;
}

/** Where a claim's files are. */
export type BoundVolume = { readonly kind: "disk"; readonly handle: string } | { readonly kind: "node-path"; readonly path: string };

function textOf(value: string | Uint8Array): string {
  return typeof value === "string" ? value : new TextDecoder().decode(value);
}

export type Environment =
  | { readonly ok: true; readonly env: Readonly<Record<string, string>> }
  | { readonly ok: false; readonly why: string };

const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** A container's environment: what every container gets, then `base`, then `envFrom`, then `env`, later ones winning. */
export function containerEnvironment(
  container: Container,
  view: PodView,
  data: NamedData,
  base: Readonly<Record<string, string>>,
): Environment {
  const hostname = view.pod.spec.hostNetwork === true ? view.node.name : (view.pod.spec.hostname ?? view.pod.metadata.name);
  const env: Record<string, string> = { PATH, HOME: "/root", HOSTNAME: hostname, ...base };
  for (const from of container.envFrom ?? []) {
    const added = variablesFrom(from, data);
    if (!added.ok) return added;
    Object.assign(env, added.env);
  }
  for (const variable of container.env ?? []) {
    const value = valueOf(variable, { container, view, data, env });
    if (!value.ok) return value;
    if (value.text !== undefined) env[variable.name] = value.text;
  }
  return { ok: true, env };
}

function variablesFrom(from: EnvFrom, data: NamedData): Environment {
  const source = from.configMapRef ?? from.secretRef;
  if (source === undefined) return { ok: true, env: {} };
  const isSecret = from.configMapRef === undefined;
  const found = (isSecret ? data.secrets : data.configMaps).get(source.name);
  if (found === undefined && source.optional !== true)
    return { ok: false, why: `${isSecret ? "secret" : "configmap"} "${source.name}" not found` };
  return {
    ok: true,
    env: Object.fromEntries(Object.entries(found ?? {}).map(([key, value]) => [`${from.prefix ?? ""}${key}`, textOf(value)])),
  };
}

interface Sources {
  readonly container: Container;
  readonly view: PodView;
  readonly data: NamedData;
  readonly env: Readonly<Record<string, string>>;
}

type Value = { readonly ok: true; readonly text: string | undefined } | { readonly ok: false; readonly why: string };

function valueOf(variable: EnvVar, sources: Sources): Value {
  const from = variable.valueFrom;
  if (from === undefined) return { ok: true, text: expand(variable.value ?? "", sources.env) };
  const key = from.configMapKeyRef ?? from.secretKeyRef;
  if (key === undefined) {
    const text = downwardValue(sources.view, sources.container, from);
    return text === undefined
      ? { ok: false, why: `the source of the variable ${variable.name} is not one a lab knows` }
      : { ok: true, text };
  }
  const kind = from.configMapKeyRef === undefined ? "secret" : "configmap";
  const found = (kind === "secret" ? sources.data.secrets : sources.data.configMaps).get(key.name);
  const value = found?.[key.key];
  if (value !== undefined || key.optional === true) return { ok: true, text: value === undefined ? undefined : textOf(value) };
  if (found === undefined) return { ok: false, why: `${kind} "${key.name}" not found` };
  return {
    ok: false,
    why: `couldn't find key ${key.key} in ${kind === "secret" ? "Secret" : "ConfigMap"} ${sources.view.pod.metadata.namespace}/${key.name}`,
  };
}

/** Replaces `$(NAME)` by the variable's value, `$$` by `$`; a name that is not set stays as it is. */
export function expand(text: string, env: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$(\$|\(([^()$]+)\))/g, (all: string, what: string, name: string | undefined) =>
    what === "$" ? "$" : (env[name ?? ""] ?? all),
  );
}
