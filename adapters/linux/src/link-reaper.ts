import { deleteLink, setLink } from "@slash28/netlink";
import { demandUnlessAbsent } from "./netlink-call.ts";
import type { HostKernel } from "./host-kernel.ts";

/** Link group of host links whose pod is gone: "28" as a number of our own, far from those people choose. */
export const DYING_GROUP = 0x510028;

/**
 * Deletes host links in batches. Deleting one veth pair makes the kernel wait for every CPU to let go of it (about 20 ms), and
 * deleting a whole group waits once. Until its batch comes, or its namespace goes and takes it along, a link is out of use: no
 * route or rule names it.
 */
export interface LinkReaper {
  /** Puts a link into the next batch; one that is gone is fine. */
  add(name: string): void;
  /** Deletes everything in the batch now, also what an earlier process left in it. */
  reap(): void;
  close(): void;
}

/** With a delay of 0 every link is deleted at once. */
export function createLinkReaper(kernel: HostKernel, delayMs: number): LinkReaper {
  let timer: NodeJS.Timeout | undefined;

  function reap(): void {
    clearTimeout(timer);
    timer = undefined;
    demandUnlessAbsent(kernel.socket, deleteLink({ group: DYING_GROUP }), "deleting the links of removed pods");
  }

  return {
    add(name) {
      if (!demandUnlessAbsent(kernel.socket, setLink({ name, group: DYING_GROUP }), `setting the group of link ${name}`)) return;
      if (delayMs === 0) reap();
      else timer ??= setTimeout(reap, delayMs).unref();
    },
    reap,
    close() {
      if (timer !== undefined) reap();
    },
  };
}
