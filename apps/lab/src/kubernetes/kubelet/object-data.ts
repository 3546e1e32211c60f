import { RESOURCES } from "@slash28/kube";
import type { Kube, KubeObject, KubeResource } from "@slash28/ports";
import type { NamedData } from "./environment.ts";
import type { Container, Pod, ProjectedSource, Volume } from "./pod.ts";

interface DataObject extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
  readonly binaryData?: Readonly<Record<string, string>>;
}

/** Reads the configMaps and secrets that a pod's containers and volumes name. */
export async function podData(kube: Kube, pod: Pod): Promise<NamedData> {
  const names = namesIn(pod);
  const namespace = pod.metadata.namespace ?? "default";
  const [configMaps, secrets] = await Promise.all([
    readAll(names.configMaps, (name) => readData(kube, RESOURCES.configMaps, name, namespace)),
    readAll(names.secrets, (name) => readData(kube, RESOURCES.secrets, name, namespace)),
  ]);
  return { configMaps, secrets };
}

function namesIn(pod: Pod): { readonly configMaps: ReadonlySet<string>; readonly secrets: ReadonlySet<string> } {
  const configMaps = new Set<string>();
  const secrets = new Set<string>();
  for (const container of [...pod.spec.containers, ...(pod.spec.initContainers ?? [])]) addOfContainer(container, configMaps, secrets);
  for (const volume of pod.spec.volumes ?? []) addOfVolume(volume, configMaps, secrets);
  configMaps.delete("");
  secrets.delete("");
  return { configMaps, secrets };
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

async function readAll(
  names: ReadonlySet<string>,
  read: (name: string) => Promise<Readonly<Record<string, string>> | undefined>,
): Promise<ReadonlyMap<string, Readonly<Record<string, string>>>> {
  const pairs = await Promise.all([...names].map(async (name) => ({ name, data: await read(name) })));
  return new Map(pairs.flatMap(({ name, data }) => (data === undefined ? [] : [[name, data]])));
}

async function readData(
  kube: Kube,
  resource: KubeResource,
  name: string,
  namespace: string,
): Promise<Readonly<Record<string, string>> | undefined> {
  const object = await kube.get<DataObject>(resource, name, namespace);
  if (object === undefined) return undefined;
  const decode = (encoded: Readonly<Record<string, string>> | undefined): Record<string, string> =>
    Object.fromEntries(Object.entries(encoded ?? {}).map(([key, value]) => [key, Buffer.from(value, "base64").toString("utf8")]));
  // A secret's `data` is base64; a configMap's is plain beside its base64 `binaryData`.
  return resource === RESOURCES.secrets ? decode(object.data) : { ...object.data, ...decode(object.binaryData) };
}
