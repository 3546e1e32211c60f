import { existsSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Mount } from "./container-runtime.ts";
import type { PodView } from "./downward-fields.ts";
import type { NamedData } from "./environment.ts";
import type { ClusterAccess } from "./kubelet-options.ts";
import { onNode, putFile } from "./pod-directories.ts";
import type { PodDirectories } from "./pod-directories.ts";
import type { Container, Volume } from "./pod.ts";
import { TOKEN_DIR, defaultTokenVolume, volumeFiles } from "./volume-files.ts";
import type { VolumeFile } from "./volume-files.ts";

/** A pod's volumes as they lie on this machine. */
export interface PodVolumes {
  mounts(container: Container): readonly Mount[];
  /** When the first of its tokens should be asked for anew; absent without tokens. */
  readonly refreshAfterMs?: number;
}

/** A volume that cannot be made now; it may be later. */
export class VolumeError extends Error {
  override readonly name = "VolumeError";
}

export interface VolumeSources {
  readonly view: PodView;
  readonly data: NamedData;
  readonly cluster: ClusterAccess;
  readonly dirs: PodDirectories;
}

/** Puts every volume of a pod in place, again if they are there: then its files are renewed. Rejects with a `VolumeError`. */
export async function prepareVolumes(sources: VolumeSources): Promise<PodVolumes> {
  const { pod } = sources.view;
  const paths = new Map<string, string>();
  const expiries: number[] = [];
  for (const volume of pod.spec.volumes ?? []) paths.set(volume.name, await prepare(volume, sources, expiries));
  const token = defaultTokenVolume(pod);
  const tokenDir = token === undefined ? undefined : await prepare(token, sources, expiries);
  if (tokenDir !== undefined) putFile(join(tokenDir, "ca.crt"), sources.cluster.caPem);
  // A token is renewed when four fifths of its life are over, as kubelet does.
  const refreshAfterMs = expiries.length === 0 ? undefined : Math.min(...expiries) * 800;
  return {
    mounts: (container) => [
      ...(tokenDir === undefined ? [] : [{ source: tokenDir, target: TOKEN_DIR, readOnly: true }]),
      ...volumeMounts(container, paths, sources.dirs),
    ],
    ...(refreshAfterMs === undefined ? {} : { refreshAfterMs }),
  };
}

async function prepare(volume: Volume, sources: VolumeSources, expiries: number[]): Promise<string> {
  const { view, data, dirs } = sources;
  const path = join(dirs.volumes, volume.name);
  if (volume.hostPath !== undefined) return hostPath(onNode(view.node.rootDir, volume.hostPath.path), volume.hostPath.type ?? "", volume);
  mkdirSync(path, { recursive: true });
  if (volume.emptyDir !== undefined || volume["ephemeral"] !== undefined) return path;
  const known = [volume.configMap, volume.secret, volume.downwardAPI, volume.projected];
  if (known.every((source) => source === undefined)) {
    throw new VolumeError(
      `a lab has no volumes of this kind: ${Object.keys(volume).find((key) => key !== "name") ?? "none given"}; use emptyDir or hostPath`,
    );
  }
  const wanted = volumeFiles(volume, view, data);
  if (!wanted.ok) throw new VolumeError(wanted.why);
  for (const file of wanted.files) await putVolumeFile(path, file, sources, expiries);
  return path;
}

async function putVolumeFile(dir: string, file: VolumeFile, sources: VolumeSources, expiries: number[]): Promise<void> {
  // A path that leads out of its volume is refused by the API server; here it is kept inside.
  const path = join(dir, join("/", file.path));
  if (file.kind === "text") {
    putFile(path, file.text);
    return;
  }
  putFile(path, await sources.cluster.token(file.request));
  expiries.push(file.request.expirationSeconds);
}

function hostPath(path: string, type: string, volume: Volume): string {
  const named = `hostPath type check failed: ${volume.hostPath?.path}`;
  switch (type) {
    case "":
    case "DirectoryOrCreate":
      mkdirSync(path, { recursive: true });
      return path;
    case "FileOrCreate":
      if (!existsSync(path)) putFile(path, "");
      return path;
    case "Directory":
      if (!existsSync(path) || !statSync(path).isDirectory()) throw new VolumeError(`${named} is not a directory`);
      return path;
    default:
      if (!existsSync(path)) throw new VolumeError(`${named} is not there`);
      return path;
  }
}

function volumeMounts(container: Container, paths: ReadonlyMap<string, string>, dirs: PodDirectories): readonly Mount[] {
  const own = (container.volumeMounts ?? []).map((mount) => {
    const volume = paths.get(mount.name);
    if (volume === undefined)
      throw new VolumeError(`the container ${container.name} mounts ${mount.name}, which is none of the pod's volumes`);
    const source = mount.subPath === undefined ? volume : join(volume, join("/", mount.subPath));
    if (!existsSync(source)) mkdirSync(source, { recursive: true });
    return { source, target: mount.mountPath, readOnly: mount.readOnly === true };
  });
  const etc = ["hosts", "resolv.conf"]
    .map((name) => ({ source: join(dirs.etc, name), target: `/etc/${name}`, readOnly: false }))
    .filter(({ target }) => !own.some((mount) => mount.target === target));
  // Outer directories first, or they would cover the inner ones.
  return [...etc, ...own].sort((a, b) => a.target.split("/").length - b.target.split("/").length);
}
