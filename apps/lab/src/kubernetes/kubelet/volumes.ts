import { chmodSync, chownSync, existsSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { writeDirectory } from "./atomic-directory.ts";
import type { DirectoryFile } from "./atomic-directory.ts";
import type { Mount } from "./container-runtime.ts";
import type { PodView } from "./downward-fields.ts";
import { expand } from "./environment.ts";
import type { NamedData } from "./environment.ts";
import type { ClusterAccess } from "./kubelet-options.ts";
import { onNode, putFile } from "./pod-directories.ts";
import type { PodDirectories } from "./pod-directories.ts";
import type { Container, Volume } from "./pod.ts";
import { TOKEN_DIR, defaultTokenVolume, volumeFiles } from "./volume-files.ts";
import type { VolumeFile } from "./volume-files.ts";

type Env = Readonly<Record<string, string>>;

/** A pod's volumes as they lie on this machine. */
export interface PodVolumes {
  /** `env` is the container's. */
  mounts(container: Container, env: Env): readonly Mount[];
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
  const ca = { path: "ca.crt", data: sources.cluster.caPem, mode: 0o644 };
  const tokenDir = token === undefined ? undefined : await prepare(token, sources, expiries, [ca]);
  // A token is renewed when four fifths of its life are over, as kubelet does.
  const refreshAfterMs = expiries.length === 0 ? undefined : Math.min(...expiries) * 800;
  return {
    mounts: (container, env) => [
      ...(tokenDir === undefined ? [] : [{ source: tokenDir, target: TOKEN_DIR, readOnly: true }]),
      ...volumeMounts(container, env, paths, sources.dirs),
    ],
    ...(refreshAfterMs === undefined ? {} : { refreshAfterMs }),
  };
}

async function prepare(volume: Volume, sources: VolumeSources, expiries: number[], more: readonly DirectoryFile[] = []): Promise<string> {
  const { view, data, dirs } = sources;
  const path = join(dirs.volumes, volume.name);
  if (volume.hostPath !== undefined) return hostPath(onNode(view.node.rootDir, volume.hostPath.path), volume.hostPath.type ?? "", volume);
  if (volume.persistentVolumeClaim !== undefined) return claimPath(volume.persistentVolumeClaim.claimName ?? "", sources);
  if (volume.emptyDir !== undefined || volume["ephemeral"] !== undefined) return openDirectory(path, sources);
  const source = volume.configMap ?? volume.secret ?? volume.downwardAPI ?? volume.projected;
  if (source === undefined) {
    throw new VolumeError(
      `a lab has no volumes of this kind: ${Object.keys(volume).find((key) => key !== "name") ?? "none given"}; use emptyDir, hostPath or a claim`,
    );
  }
  const wanted = volumeFiles(volume, view, data);
  if (!wanted.ok) throw new VolumeError(wanted.why);
  const files: DirectoryFile[] = [...more];
  for (const file of wanted.files) files.push(await contentOf(file, source.defaultMode ?? 0o644, sources, expiries));
  writeDirectory(path, files);
  return path;
}

async function contentOf(file: VolumeFile, mode: number, { cluster }: VolumeSources, expiries: number[]): Promise<DirectoryFile> {
  if (file.kind === "data") return { path: file.path, data: file.data, mode: file.mode ?? mode };
  expiries.push(file.request.expirationSeconds);
  return { path: file.path, data: await cluster.token(file.request), mode };
}

/** Anybody in the pod may write there; with `fsGroup` it belongs to that group. */
function openDirectory(path: string, { view }: VolumeSources): string {
  if (existsSync(path)) return path;
  mkdirSync(path, { recursive: true });
  const group = view.pod.spec.securityContext?.fsGroup;
  if (group !== undefined) chownSync(path, 0, group);
  chmodSync(path, group === undefined ? 0o777 : 0o2777);
  return path;
}

function claimPath(claimName: string, sources: VolumeSources): string {
  const { disksDir, rootDir } = sources.view.node;
  const volume = sources.data.volumes?.get(claimName);
  if (volume === undefined) throw new VolumeError(`the claim ${claimName} has no volume yet`);
  if (volume.kind === "node-path") return openDirectory(onNode(rootDir, volume.path), sources);
  if (disksDir === undefined) throw new VolumeError(`the volume of the claim ${claimName} cannot be used on this node`);
  // A handle that leads out of the directory is kept inside.
  return openDirectory(join(disksDir, join("/", volume.handle)), sources);
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

function volumeMounts(container: Container, env: Env, paths: ReadonlyMap<string, string>, dirs: PodDirectories): readonly Mount[] {
  const own = (container.volumeMounts ?? []).map((mount) => {
    const volume = paths.get(mount.name);
    if (volume === undefined)
      throw new VolumeError(`the container ${container.name} mounts ${mount.name}, which is none of the pod's volumes`);
    const part = mount.subPathExpr === undefined ? mount.subPath : expand(mount.subPathExpr, env);
    const source = part === undefined ? volume : join(volume, join("/", part));
    if (!existsSync(source)) mkdirSync(source, { recursive: true });
    return { source, target: mount.mountPath, readOnly: mount.readOnly === true };
  });
  const etc = ["hosts", "resolv.conf"]
    .map((name) => ({ source: join(dirs.etc, name), target: `/etc/${name}`, readOnly: false }))
    .filter(({ target }) => !own.some((mount) => mount.target === target));
  // Outer directories first, or they would cover the inner ones.
  return [...etc, ...own].sort((a, b) => a.target.split("/").length - b.target.split("/").length);
}
