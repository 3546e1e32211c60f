import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Pod } from "./pod.ts";

/** Where a pod's files are, below the node's own disk; the paths a real kubelet uses. */
export interface PodDirectories {
  /** Hosts file and resolv.conf. */
  readonly etc: string;
  readonly volumes: string;
  readonly logs: string;
  readonly scratch: string;
  logFile(container: string, restart: number): string;
  /** Where a container leaves a word for its end. */
  messageFile(container: string): string;
  /** Where those who attach to a container find it. */
  attachSocket(container: string): string;
  remove(): void;
}

export function podDirectories(rootDir: string, pod: Pod): PodDirectories {
  const { name, namespace = "default", uid = "" } = pod.metadata;
  const base = join(rootDir, "var/lib/kubelet/pods", uid);
  const logs = join(rootDir, "var/log/pods", `${namespace}_${name}_${uid}`);
  return {
    etc: join(base, "etc"),
    volumes: join(base, "volumes"),
    logs,
    scratch: join(base, "containers"),
    logFile: (container, restart) => join(logs, container, `${restart}.log`),
    messageFile: (container) => join(base, "containers", `${container}.termination-log`),
    attachSocket: (container) => join(base, "containers", `${container}.attach`),
    remove() {
      rmSync(base, { recursive: true, force: true });
      rmSync(logs, { recursive: true, force: true });
    },
  };
}

/** A path of the node, as a pod's `hostPath` names it, on this machine: always below the node's own disk. */
export function onNode(rootDir: string, path: string): string {
  const inside = join("/", path);
  // /run and /var/run are one directory, as on every Linux of today.
  return join(rootDir, inside === "/run" || inside.startsWith("/run/") ? join("/var", inside) : inside);
}

/** Writes a whole file or none: a container may be reading the old one. */
export function putFile(path: string, content: string, mode = 0o644): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, content, { mode });
  renameSync(`${path}.new`, path);
}
