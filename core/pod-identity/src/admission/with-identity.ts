import { at, fieldsOf, isFields, listOf, own, textOf, withField, type Fields, type KubeObject } from "@slash28/kube-store";
import type { PodIdentity } from "./identity-of-pod.ts";
import { ANNOTATION_PREFIX, POD_IDENTITY_LABEL, type IdentitySettings } from "./identity-settings.ts";

/**
 * The pod with what its SDKs look for: variables and a token's mount in every container and init container, and the token's volume. What is there
 * already stays; done twice it changes nothing.
 */
export function withIdentity(pod: KubeObject, identity: PodIdentity, settings: IdentitySettings): KubeObject {
  const spec = fieldsOf(pod["spec"]);
  const skipped = skippedContainers(pod);
  const variables = isWindows(spec) ? windowsVariables(identity) : identity.variables;
  const change = (container: unknown): unknown => {
    if (!isFields(container) || skipped.has(textOf(own(container, "name")) ?? "")) return container;
    return withCredentials(container, { ...identity, variables }, settings);
  };
  const changed = ["containers", "initContainers"].reduce<Fields>(
    (sofar, name) => (Array.isArray(own(sofar, name)) ? withField(sofar, name, listOf(own(sofar, name)).map(change)) : sofar),
    withTokenVolume(spec, identity),
  );
  const labelled = identity.kind === "pod-identity" ? withLabel(pod) : pod;
  return { ...labelled, spec: changed };
}

function withLabel(pod: KubeObject): KubeObject {
  return { ...pod, metadata: { ...pod.metadata, labels: { ...pod.metadata.labels, [POD_IDENTITY_LABEL]: "enabled" } } };
}

function withTokenVolume(spec: Fields, { token, audience, expirationSeconds }: PodIdentity): Fields {
  const volumes = listOf(own(spec, "volumes"));
  if (volumes.some((volume) => at(volume, "name") === token.volume)) return spec;
  const source = { serviceAccountToken: { audience, expirationSeconds, path: token.file } };
  return withField(spec, "volumes", [{ name: token.volume, projected: { sources: [source] } }, ...volumes]);
}

function withCredentials(container: Fields, identity: PodIdentity, { region }: IdentitySettings): Fields {
  const env = listOf(own(container, "env"));
  const has = (...names: readonly string[]): boolean => env.some((variable) => names.includes(textOf(at(variable, "name")) ?? ""));
  const hasOwn = has(...identity.variables.map(([name]) => name));
  const hasRegion = has("AWS_REGION", "AWS_DEFAULT_REGION");
  const hasSts = has("AWS_STS_REGIONAL_ENDPOINTS");
  // Whoever has set all of it means to do it alone.
  if (hasOwn && hasRegion && hasSts) return container;
  const added: readonly (readonly [string, string])[] = [
    ...(identity.usesRegionalSts && !hasSts ? [["AWS_STS_REGIONAL_ENDPOINTS", "regional"] as const] : []),
    ...(hasRegion ? [] : [["AWS_DEFAULT_REGION", region] as const, ["AWS_REGION", region] as const]),
    ...(hasOwn ? [] : identity.variables),
  ];
  const mounts = listOf(own(container, "volumeMounts"));
  const { volume, mountPath } = identity.token;
  const isMounted = mounts.some((mount) => at(mount, "name") === volume);
  const withEnv =
    added.length === 0 ? container : withField(container, "env", [...env, ...added.map(([name, value]) => ({ name, value }))]);
  return isMounted ? withEnv : withField(withEnv, "volumeMounts", [...mounts, { name: volume, readOnly: true, mountPath }]);
}

/** Names as one record of comma-separated values; names are taken as they are, spaces and all. */
function skippedContainers({ metadata }: KubeObject): ReadonlySet<string> {
  const text = metadata.annotations?.[`${ANNOTATION_PREFIX}skip-containers`];
  if (text === undefined) return new Set();
  const names: string[] = [];
  const record = `,${text}`;
  const value = /,(?:"((?:[^"]|"")*)"|([^",]*))(?=,|$)/y;
  while (value.lastIndex < record.length) {
    const found = value.exec(record);
    // A quote where none may be: whoever wrote that has skipped nothing.
    if (found === null) return new Set();
    names.push(found[1]?.replaceAll('""', '"') ?? found[2] ?? "");
  }
  return new Set(names);
}

function isWindows(spec: Fields): boolean {
  return ["kubernetes.io/os", "beta.kubernetes.io/os"].some((label) => at(spec, "nodeSelector", label) === "windows");
}

function windowsVariables({ variables, tokenVariable }: PodIdentity): PodIdentity["variables"] {
  return variables.map(([name, value]) => [name, name === tokenVariable ? `C:${value.replaceAll("/", "\\")}` : value] as const);
}
