import { isUtf8 } from "node:buffer";
import { RESOURCES } from "@slash28/kube";
import type { Kube, KubeObject, KubeResource } from "@slash28/ports";
import type { BoundVolume, KeyedValues, NamedData } from "./environment.ts";
import type { Container, Pod, ProjectedSource, Volume } from "./pod.ts";

interface DataObject extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
  readonly binaryData?: Readonly<Record<string, string>>;
}

/** Reads the configMaps and secrets that a pod's containers and volumes name. */
export async function podData(kube: Kube, pod: Pod): Promise<NamedData> {
  const names = namesIn(pod);
  const namespace = pod.metadata.namespace ?? "default";
  const [configMaps, secrets, volumes] = await Promise.all([
    readAll(names.configMaps, (name) => readData(kube, RESOURCES.configMaps, name, namespace)),
    readAll(names.secrets, (name) => readData(kube, RESOURCES.secrets, name, namespace)),
    readAll(names.claims, (name) => readVolume(kube, name, namespace)),
  ]);
  return { configMaps, secrets, volumes };
}

interface Names {
  readonly configMaps: ReadonlySet<string>;
  readonly secrets: ReadonlySet<string>;
  readonly claims: ReadonlySet<string>;
}

/** The configMaps, secrets and claims that a pod's containers and volumes name. */
export function namesIn(pod: Pod): Names {
  const configMaps = new Set<string>();
  const secrets = new Set<string>();
  const claims = new Set((pod.spec.volumes ?? []).flatMap(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName ?? []));
  for (const container of [...pod.spec.containers, ...(pod.spec.initContainers ?? [])]) addOfContainer(container, configMaps, secrets);
  for (const volume of pod.spec.volumes ?? []) addOfVolume(volume, configMaps, secrets);
  configMaps.delete("");
  secrets.delete("");
  return { configMaps, secrets, claims };
}

function addOfContainer(container: Container, configMaps: Set<string>, secrets: Set<string>): void {
  for (const from of container.envFrom ?? []) {
    configMaps.add(from.configMapRef?.name ?? "");
    secrets.add(from.secretRef?.name ?? "");
  }
  for (const { valueFrom } of container.env ?? []) {
    configMaps.add(valueFrom?.configMapKeyRef?.name ?? "");
    secrets.add(valueFrom?.secretKeyRef?.name ?? "");
  }
}

function addOfVolume(volume: Volume, configMaps: Set<string>, secrets: Set<string>): void {
  const projected: readonly ProjectedSource[] = volume.projected?.sources ?? [];
  configMaps.add(volume.configMap?.name ?? "");
  secrets.add(volume.secret?.secretName ?? "");
  for (const source of projected) {
    configMaps.add(source.configMap?.name ?? "");
    secrets.add(source.secret?.name ?? "");
  }
}

async function readAll<T>(names: ReadonlySet<string>, read: (name: string) => Promise<T | undefined>): Promise<ReadonlyMap<string, T>> {
  const pairs = await Promise.all([...names].map(async (name) => ({ name, data: await read(name) })));
  return new Map(pairs.flatMap(({ name, data }) => (data === undefined ? [] : [[name, data]])));
}

async function readData(kube: Kube, resource: KubeResource, name: string, namespace: string): Promise<KeyedValues | undefined> {
  const object = await kube.get<DataObject>(resource, name, namespace);
  if (object === undefined) return undefined;
  const decode = (encoded: Readonly<Record<string, string>> | undefined): KeyedValues =>
    Object.fromEntries(Object.entries(encoded ?? {}).map(([key, value]) => [key, decoded(value)]));
  // A secret's `data` is base64; a configMap's is plain beside its base64 `binaryData`.
  return resource === RESOURCES.secrets ? decode(object.data) : { ...object.data, ...decode(object.binaryData) };
}

function decoded(base64: string): string | Uint8Array {
  const bytes = Buffer.from(base64, "base64");
  return isUtf8(bytes) ? bytes.toString("utf8") : bytes;
}

interface ClaimObject extends KubeObject {
  readonly spec?: { readonly volumeName?: string };
  readonly status?: { readonly phase?: string };
}

interface VolumeObject extends KubeObject {
  readonly spec?: {
    readonly csi?: { readonly volumeHandle?: string };
    readonly hostPath?: { readonly path?: string };
    readonly local?: { readonly path?: string };
  };
}

/** `undefined` while the claim has no volume. */
async function readVolume(kube: Kube, name: string, namespace: string): Promise<BoundVolume | undefined> {
  const claim = await kube.get<ClaimObject>(RESOURCES.claims, name, namespace);
  const volumeName = claim?.status?.phase === "Bound" ? claim.spec?.volumeName : undefined;
  const volume = volumeName === undefined ? undefined : await kube.get<VolumeObject>(RESOURCES.persistentVolumes, volumeName);
  return volume?.spec === undefined ? undefined : placeOf(volume.spec);
}

function placeOf({ csi, local, hostPath }: NonNullable<VolumeObject["spec"]>): BoundVolume | undefined {
  if (csi?.volumeHandle !== undefined) return { kind: "disk", handle: csi.volumeHandle };
  const path = local?.path ?? hostPath?.path;
  return path === undefined ? undefined : { kind: "node-path", path };
}
