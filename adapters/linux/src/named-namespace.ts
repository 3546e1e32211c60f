import { closeSync, existsSync, mkdirSync, openSync, readdirSync, rmSync } from "node:fs";
import { checked, close, errno, kernelFault, mount, setns, umount2, unshare } from "./libc.ts";
import { inNamespaceAt, openOwnNamespace } from "./network-namespace.ts";
import { openNetlink } from "./netlink-client.ts";

const DIRECTORY = "/run/netns";
const CLONE_NEWNET = 0x40000000;
const MS_BIND = 0x1000;
const MS_REC = 0x4000;
const MS_SHARED = 0x100000;
const MNT_DETACH = 2;
const EINVAL = 22;
const ENOENT = 2;

/** Where a named namespace is found, also by `ip netns exec`. */
export function namespacePath(name: string): string {
  return `${DIRECTORY}/${name}`;
}

/** Names of the namespaces below `/run/netns`. */
export function listNamespaces(): readonly string[] {
  return existsSync(DIRECTORY) ? readdirSync(DIRECTORY) : [];
}

/**
 * Makes a network namespace that outlives its processes, held by a bind mount as `ip netns add` does, with its loopback link
 * up. Returns its path. Raises `KERNEL_REFUSED` with EEXIST when the name is taken.
 */
export function createNamespace(name: string): string {
  const path = namespacePath(name);
  shareDirectory();
  try {
    closeSync(openSync(path, "wx", 0o444));
  } catch (cause) {
    throw kernelFault(`making the network namespace ${name}`, -Number((cause as NodeJS.ErrnoException).errno));
  }
  try {
    pinNewNamespace(path);
    const netlink = openNetlink(path);
    try {
      netlink.setLink("lo", { up: true });
    } finally {
      netlink.close();
    }
  } catch (cause) {
    deleteNamespace(name);
    throw cause;
  }
  return path;
}

/** Lets go of a named namespace; the kernel removes it and its links once no process is inside. `false` when there was none. */
export function deleteNamespace(name: string): boolean {
  const path = namespacePath(name);
  if (!existsSync(path)) return false;
  if (umount2(path, MNT_DETACH) === -1 && errno() !== EINVAL && errno() !== ENOENT) {
    throw kernelFault(`unmounting the network namespace ${name}`);
  }
  rmSync(path, { force: true });
  return true;
}

/** Whether the path is a network namespace that can be entered. */
export function namespaceExists(path: string): boolean {
  try {
    inNamespaceAt(path, () => undefined);
    return true;
  } catch {
    return false;
  }
}

function pinNewNamespace(path: string): void {
  const home = openOwnNamespace();
  try {
    checked(unshare(CLONE_NEWNET), "making a network namespace");
    try {
      checked(mount("/proc/thread-self/ns/net", path, "none", MS_BIND, null), `mounting the network namespace at ${path}`);
    } finally {
      if (setns(home, CLONE_NEWNET) === -1) process.abort();
    }
  } finally {
    close(home);
  }
}

/** Other mount namespaces must see our mounts come and go, or a namespace deleted here would live on there. */
function shareDirectory(): void {
  mkdirSync(DIRECTORY, { recursive: true, mode: 0o755 });
  if (mount("", DIRECTORY, "none", MS_SHARED | MS_REC, null) !== -1) return;
  if (errno() !== EINVAL) throw kernelFault(`sharing ${DIRECTORY}`);
  checked(mount(DIRECTORY, DIRECTORY, "none", MS_BIND | MS_REC, null), `mounting ${DIRECTORY} on itself`);
  checked(mount("", DIRECTORY, "none", MS_SHARED | MS_REC, null), `sharing ${DIRECTORY}`);
}
