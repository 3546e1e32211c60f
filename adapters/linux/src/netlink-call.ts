import { ERRNO, getLink, type Request } from "@slash28/netlink";
import { kernelFault } from "./libc.ts";
import { foundLink } from "./found-item.ts";
import { refusal, type NetlinkSocket } from "./netlink-socket.ts";
import { closeNamespace, openNamespace } from "./network-namespace.ts";
import type { FoundLink } from "./netlink.ts";

/** Errors that mean: what you want to delete is not there. */
const ABSENT: ReadonlySet<number> = new Set([ERRNO.ENOENT, ERRNO.ESRCH, ERRNO.ENODEV, ERRNO.EADDRNOTAVAIL]);

/** Carries out one request or raises its fault. */
export function demand(socket: NetlinkSocket, request: Request, doing: string): void {
  const [outcome] = socket.transact([request]);
  if (outcome?.kind === "refused") throw refusal(outcome, doing);
}

/** Carries out a deletion; `false` when there was nothing to delete. */
export function demandUnlessAbsent(socket: NetlinkSocket, request: Request, doing: string): boolean {
  const [outcome] = socket.transact([request]);
  if (outcome?.kind !== "refused") return true;
  if (ABSENT.has(outcome.errno)) return false;
  throw refusal(outcome, doing);
}

export function findLink(socket: NetlinkSocket, name: string): FoundLink | undefined {
  const frame = socket.get(getLink({ name }), `looking for link ${name}`);
  return frame === undefined ? undefined : foundLink(frame.payload);
}

/** The link's index; raises ENODEV with what it was needed for. */
export function linkIndex(socket: NetlinkSocket, name: string, doing: string): number {
  const found = findLink(socket, name);
  if (found === undefined) throw kernelFault(doing, ERRNO.ENODEV, `no link ${name}`);
  return found.index;
}

/** Runs work with a descriptor of the namespace; one opened here for a path is closed after. */
export function withNamespace<T>(namespace: string | number | undefined, work: (fd: number | undefined) => T): T {
  if (typeof namespace !== "string") return work(namespace);
  const fd = openNamespace(namespace);
  try {
    return work(fd);
  } finally {
    closeNamespace(fd);
  }
}
