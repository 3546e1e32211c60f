import type { TokenRequest } from "./kubelet-options.ts";
import { downwardValue } from "./downward-fields.ts";
import type { PodView } from "./downward-fields.ts";
import type { KeyedValues, NamedData } from "./environment.ts";
import type { DownwardItem, KeyToPath, Pod, ProjectedSource, Volume } from "./pod.ts";

/** A file of a volume: text known now, or a service-account token to ask for. */
export type VolumeFile =
  | { readonly kind: "data"; readonly path: string; readonly data: string | Uint8Array; readonly mode?: number }
  | { readonly kind: "token"; readonly path: string; readonly request: TokenRequest };

export type VolumeFiles = { readonly ok: true; readonly files: readonly VolumeFile[] } | { readonly ok: false; readonly why: string };

export const TOKEN_DIR = "/var/run/secrets/kubernetes.io/serviceaccount";
/** Kubernetes' own default lifetime of a projected token. */
const TOKEN_SECONDS = 3_600;

/** The files a configMap, secret, downwardAPI or projected volume consists of. */
export function volumeFiles(volume: Volume, view: PodView, data: NamedData): VolumeFiles {
  const secret = volume.secret;
  const sources: readonly ProjectedSource[] = [
    ...(volume.configMap === undefined ? [] : [{ configMap: volume.configMap }]),
    ...(secret === undefined
      ? []
      : [
          {
            secret: {
              name: secret.secretName ?? "",
              ...(secret.items === undefined ? {} : { items: secret.items }),
              ...(secret.optional === undefined ? {} : { optional: secret.optional }),
            },
          },
        ]),
    ...(volume.downwardAPI === undefined ? [] : [{ downwardAPI: volume.downwardAPI }]),
    ...(volume.projected?.sources ?? []),
  ];
  const files: VolumeFile[] = [];
  for (const source of sources) {
    const found = sourceFiles(source, view, data);
    if (!found.ok) return found;
    files.push(...found.files);
  }
  return { ok: true, files };
}

/** The volume with a pod's token that every pod gets unless it declines; only needed where the API server has not added it. */
export function defaultTokenVolume(pod: Pod): Volume | undefined {
  const isMounted = pod.spec.containers.some(({ volumeMounts }) => volumeMounts?.some(({ mountPath }) => mountPath === TOKEN_DIR) === true);
  if (isMounted || pod.spec.automountServiceAccountToken === false) return undefined;
  return {
    name: "kube-api-access",
    projected: {
      sources: [
        { serviceAccountToken: { path: "token" } },
        { downwardAPI: { items: [{ path: "namespace", fieldRef: { fieldPath: "metadata.namespace" } }] } },
      ],
    },
  };
}

function sourceFiles(source: ProjectedSource, view: PodView, data: NamedData): VolumeFiles {
  const { configMap, secret, downwardAPI, serviceAccountToken } = source;
  if (configMap !== undefined) return keyFiles("configmap", configMap, data.configMaps.get(configMap.name ?? ""));
  if (secret !== undefined) return keyFiles("secret", secret, data.secrets.get(secret.name ?? ""));
  if (downwardAPI !== undefined) return downwardFiles(downwardAPI.items ?? [], view);
  if (serviceAccountToken === undefined) return { ok: true, files: [] };
  const { metadata, spec } = view.pod;
  const request = {
    namespace: metadata.namespace ?? "default",
    serviceAccount: spec.serviceAccountName ?? "default",
    pod: { name: metadata.name, uid: metadata.uid ?? "" },
    expirationSeconds: serviceAccountToken.expirationSeconds ?? TOKEN_SECONDS,
    ...(serviceAccountToken.audience === undefined ? {} : { audience: serviceAccountToken.audience }),
  };
  return { ok: true, files: [{ kind: "token", path: serviceAccountToken.path, request }] };
}

interface KeySource {
  readonly name?: string;
  readonly items?: readonly KeyToPath[];
  readonly optional?: boolean;
}

function keyFiles(kind: "configmap" | "secret", source: KeySource, found: KeyedValues | undefined): VolumeFiles {
  if (found === undefined)
    return source.optional === true ? { ok: true, files: [] } : { ok: false, why: `${kind} "${source.name}" not found` };
  const items: readonly KeyToPath[] = source.items ?? Object.keys(found).map((key) => ({ key, path: key }));
  const missing = items.find(({ key }) => found[key] === undefined);
  if (missing !== undefined && source.optional !== true)
    return { ok: false, why: `${kind} "${source.name}" references non-existent config key: ${missing.key}` };
  return {
    ok: true,
    files: items.flatMap(({ key, path, mode }) =>
      found[key] === undefined ? [] : [{ kind: "data", path, data: found[key], ...(mode === undefined ? {} : { mode }) }],
    ),
  };
}

function downwardFiles(items: readonly DownwardItem[], view: PodView): VolumeFiles {
  const files: VolumeFile[] = [];
  for (const item of items) {
    const text = downwardValue(view, undefined, item);
    if (text === undefined) return { ok: false, why: `the source of the file ${item.path} is not one a lab knows` };
    files.push({ kind: "data", path: item.path, data: text, ...(item.mode === undefined ? {} : { mode: item.mode }) });
  }
  return { ok: true, files };
}
