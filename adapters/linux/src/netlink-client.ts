import type { Netlink } from "./netlink.ts";

/** Opens the rtnetlink interface of a namespace, by path or descriptor; absent: the one this thread is in. Close it after use. */
export declare function openNetlink(namespace?: string | number): Netlink;
