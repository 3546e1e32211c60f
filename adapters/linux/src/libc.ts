import koffi from "koffi";
import { errnoName } from "@slash28/netlink";
import { Fault } from "@slash28/ports";

type Argument = number | string | Uint8Array | null;

const library = koffi.load("libc.so.6");

function call(signature: string): (...args: Argument[]) => number {
  const native = library.func(signature) as unknown as (...args: Argument[]) => number | bigint;
  return (...args) => Number(native(...args));
}

/**
 * The C library calls this package makes; see their manual pages. Each runs in the calling thread, so `setns` and `unshare`
 * change that thread alone. They return -1 on failure and leave the reason in {@link errno}.
 */
export const open = call("int open(const char *path, int flags, int mode)");
export const close = call("int close(int fd)");
export const setns = call("int setns(int fd, int kind)");
export const unshare = call("int unshare(int flags)");
export const mount = call("int mount(const char *source, const char *target, const char *type, unsigned long flags, const void *data)");
export const umount2 = call("int umount2(const char *target, int flags)");
export const socket = call("int socket(int domain, int type, int protocol)");
export const setsockopt = call("int setsockopt(int fd, int level, int name, const void *value, uint32_t length)");
export const bind = call("int bind(int fd, const void *address, uint32_t length)");
export const connect = call("int connect(int fd, const void *address, uint32_t length)");
export const listen = call("int listen(int fd, int backlog)");
export const send = call("intptr_t send(int fd, const void *data, size_t length, int flags)");
export const recv = call("intptr_t recv(int fd, _Out_ void *data, size_t length, int flags)");

/** Why the last call failed. */
export function errno(): number {
  return koffi.errno();
}

/** The fault for a call that failed just now: `kernelFault("opening /run/netns/a")`. */
export function kernelFault(doing: string, number: number = errno(), detail?: string): Fault {
  return new Fault("KERNEL_REFUSED", { errno: errnoName(number), doing: detail === undefined ? doing : `${doing} (${detail})` });
}

/** Passes on the result of a call, or raises its fault. */
export function checked(result: number, doing: string): number {
  if (result === -1) throw kernelFault(doing);
  return result;
}
