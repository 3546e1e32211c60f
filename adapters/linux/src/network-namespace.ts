import { checked, close, errno, kernelFault, open, setns } from "./libc.ts";
import { Fault } from "@slash28/ports";

const O_CLOEXEC = 0o2000000;
const CLONE_NEWNET = 0x40000000;
const ENOENT = 2;
const EINVAL = 22;

/** Opens a network namespace by path (`/run/netns/web`, `/proc/<pid>/ns/net`). The caller closes the descriptor with {@link closeNamespace}. */
export function openNamespace(path: string): number {
  const fd = open(path, O_CLOEXEC, 0);
  if (fd !== -1) return fd;
  if (errno() === ENOENT) throw new Fault("POD_NAMESPACE_GONE", { netns: path });
  throw kernelFault(`opening the network namespace ${path}`);
}

/** Whether a network namespace is at this path; a file that is none does not count. */
export function namespaceExists(path: string): boolean {
  try {
    inNamespaceAt(path, () => undefined);
    return true;
  } catch (cause) {
    if (cause instanceof Fault && cause.code === "POD_NAMESPACE_GONE") return false;
    throw cause;
  }
}

/** Opens the network namespace this thread is in. */
export function openOwnNamespace(): number {
  return checked(open("/proc/thread-self/ns/net", O_CLOEXEC, 0), "opening this thread's network namespace");
}

export function closeNamespace(fd: number): void {
  close(fd);
}

/**
 * Runs `work` with this thread inside a namespace and comes back, also when `work` throws. `work` must be synchronous: anything
 * awaited would run in a foreign namespace, or bring other tasks into it. If there is no way back the process aborts, because
 * everything it did from then on would happen on the wrong network.
 */
export function inNamespace<T>(fd: number, work: () => T): T {
  const home = openOwnNamespace();
  try {
    if (setns(fd, CLONE_NEWNET) === -1) throw entryFault(fd);
    let result: T;
    try {
      result = work();
    } finally {
      if (setns(home, CLONE_NEWNET) === -1) process.abort();
    }
    if (result instanceof Promise) throw new TypeError("inNamespace was given asynchronous work; await nothing inside a namespace");
    return result;
  } finally {
    close(home);
  }
}

/** Like {@link inNamespace}, by path; with `undefined` the work runs where the thread is. */
export function inNamespaceAt<T>(path: string | undefined, work: () => T): T {
  if (path === undefined) return work();
  const fd = openNamespace(path);
  try {
    return inNamespace(fd, work);
  } finally {
    close(fd);
  }
}

/** A name below `/run/netns` whose bind mount is gone is a plain file: the kernel says EINVAL. */
function entryFault(fd: number): Fault {
  const number = errno();
  return number === EINVAL
    ? new Fault("POD_NAMESPACE_GONE", { netns: `descriptor ${fd}` })
    : kernelFault("entering a network namespace", number);
}
