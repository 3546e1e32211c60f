import {
  answerTo,
  batchOf,
  encodeFrames,
  ERRNO,
  errnoName,
  FLAG,
  type Answer,
  type Frame,
  type Outcome,
  type Request,
} from "@slash28/netlink";
import { Fault } from "@slash28/ports";
import { checked, close, errno, kernelFault, recv, send, setsockopt, socket } from "./libc.ts";

const AF_NETLINK = 16;
const SOCK_RAW = 3;
const SOCK_CLOEXEC = 0o2000000;
const NETLINK_ROUTE = 0;
const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
const SO_RCVTIMEO = 20;
const SOL_NETLINK = 270;
const NETLINK_CAP_ACK = 10;
const NETLINK_EXT_ACK = 11;
const NETLINK_GET_STRICT_CHK = 12;
const RECEIVE_BUFFER_BYTES = 1 << 20;
/** The kernel answers at once; waiting longer than this means it will not. */
const ANSWER_TIMEOUT_S = 5;
/** Times a dump is asked again when the kernel says it changed meanwhile. */
const DUMP_TRIES = 5;

/** A blocking rtnetlink socket. It stays in the namespace it was opened in. */
export interface NetlinkSocket {
  /** Sends all changes in one message and returns the outcome of each; the kernel carries out the rest after a refused one. */
  transact(changes: readonly Request[]): readonly Outcome[];
  /** Asks for one object; `undefined` when there is none. */
  get(request: Request, doing: string): Frame | undefined;
  /** Asks for all objects, again while the kernel says that they changed under its hands; keeps those that are wanted. */
  dump(request: Request, doing: string, isWanted?: (payload: Uint8Array) => boolean): readonly Frame[];
  close(): void;
}

/** Every socket's: calls are synchronous, and whoever keeps a part of an answer copies it. */
const buffer = new Uint8Array(1 << 16);

/** Opens a socket in the namespace this thread is in. */
export function openNetlinkSocket(): NetlinkSocket {
  const fd = checked(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), "opening an rtnetlink socket");
  let sequence = 0;
  let isOpen = true;
  prepare(fd);

  /** Sends a message and hands on what comes back, until `take` has all of it. */
  function exchange(bytes: Uint8Array, take: (datagram: Uint8Array) => boolean): void {
    if (send(fd, bytes, bytes.length, 0) === -1) throw kernelFault("sending an rtnetlink message");
    for (let isTold = false; !isTold;) {
      const length = recv(fd, buffer, buffer.length, 0);
      if (length !== -1) isTold = take(buffer.subarray(0, length));
      else if (errno() !== ERRNO.EINTR) throw kernelFault("waiting for an rtnetlink answer");
    }
  }

  function transact(changes: readonly Request[]): readonly Outcome[] {
    if (changes.length === 0) return [];
    const batch = batchOf(changes, sequence + 1);
    sequence += changes.length;
    exchange(batch.bytes, (datagram) => batch.take(datagram));
    return batch.outcomes;
  }

  function ask(request: Request, isWanted?: (payload: Uint8Array) => boolean): Answer {
    sequence += 1;
    const answer = answerTo(sequence, (request.flags & FLAG.dump) === 0 ? "one-message" : "ends-itself", isWanted);
    exchange(encodeFrames([{ ...request, sequence }]), (datagram) => answer.take(datagram));
    return answer;
  }

  function dump(request: Request, doing: string, isWanted?: (payload: Uint8Array) => boolean): readonly Frame[] {
    for (let tries = 0; tries < DUMP_TRIES; tries++) {
      const { outcome, frames } = ask(request, isWanted);
      if (outcome?.kind === "refused") throw refusal(outcome, doing);
      if (outcome?.kind === "done") return frames;
    }
    throw new Fault("KERNEL_REFUSED", { errno: "an interrupted dump", doing: `${doing} (${DUMP_TRIES} tries)` });
  }

  return {
    transact,
    get(request, doing) {
      const { outcome, frames } = ask(request);
      if (outcome?.kind !== "refused") return frames[0];
      if (outcome.errno === ERRNO.ENODEV || outcome.errno === ERRNO.ENOENT) return undefined;
      throw refusal(outcome, doing);
    },
    dump,
    close() {
      if (isOpen) close(fd);
      isOpen = false;
    },
  };
}

/** The fault of a refused request: `EEXIST adding route … (text of the kernel)`. */
export function refusal(outcome: Extract<Outcome, { kind: "refused" }>, doing: string): Fault {
  return new Fault("KERNEL_REFUSED", {
    errno: errnoName(outcome.errno),
    doing: outcome.detail === undefined ? doing : `${doing} (${outcome.detail})`,
  });
}

const TIMEOUT = timeval(ANSWER_TIMEOUT_S);
const RECEIVE_BUFFER = Uint8Array.from([0, 8, 16, 24], (shift) => (RECEIVE_BUFFER_BYTES >>> shift) & 255);
const ON = Uint8Array.of(1, 0, 0, 0);

function prepare(fd: number): void {
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, TIMEOUT, TIMEOUT.length);
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, RECEIVE_BUFFER, RECEIVE_BUFFER.length);
  // Error texts, error messages without a copy of the request, and dumps that are narrowed down by the kernel.
  for (const option of [NETLINK_CAP_ACK, NETLINK_EXT_ACK, NETLINK_GET_STRICT_CHK]) setsockopt(fd, SOL_NETLINK, option, ON, ON.length);
}

function timeval(seconds: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(16));
  view.setBigInt64(0, BigInt(seconds), true);
  return new Uint8Array(view.buffer);
}
