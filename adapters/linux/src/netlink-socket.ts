import { answerTo, encodeRequest, ERRNO, errnoName, FLAG, type Answer, type Frame, type Outcome, type Request } from "@slash28/netlink";
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
const RECEIVE_BUFFER_BYTES = 1 << 20;
/** The kernel answers at once; waiting longer than this means it will not. */
const ANSWER_TIMEOUT_S = 5;
/** Times a dump is asked again when the kernel says it changed meanwhile. */
const DUMP_TRIES = 5;

/** A blocking rtnetlink socket. It stays in the namespace it was opened in. */
export interface NetlinkSocket {
  /** Sends all requests in one message and returns the outcome of each; the kernel carries out the rest after a refused one. */
  transact(requests: readonly Request[]): readonly Outcome[];
  /** Asks for one object; `undefined` when there is none. */
  get(request: Request, doing: string): Frame | undefined;
  /** Asks for all objects, again while the kernel says that they changed under its hands. */
  dump(request: Request, doing: string): readonly Frame[];
  close(): void;
}

/** Opens a socket in the namespace this thread is in. */
export function openNetlinkSocket(): NetlinkSocket {
  const fd = checked(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), "opening an rtnetlink socket");
  const buffer = new Uint8Array(1 << 16);
  let sequence = 0;
  let isOpen = true;
  prepare(fd);

  function ask(requests: readonly Request[]): readonly Answer[] {
    const first = sequence + 1;
    sequence += requests.length;
    const messages = requests.map((request, i) => encodeRequest(request, first + i));
    const answers = requests.map((request, i) =>
      answerTo(first + i, (request.flags & (FLAG.ack | FLAG.dump)) === 0 ? "one-message" : "ends-itself"),
    );
    const bytes = joined(messages);
    if (send(fd, bytes, bytes.length, 0) === -1) throw kernelFault("sending an rtnetlink message");
    for (const answer of answers) receive(answer, answers);
    return answers;
  }

  /** Datagrams come in the order of the requests, but one may close an answer other than the one waited for. */
  function receive(answer: Answer, all: readonly Answer[]): void {
    while (answer.outcome === undefined) {
      const length = recv(fd, buffer, buffer.length, 0);
      if (length === -1) {
        if (errno() === ERRNO.EINTR) continue;
        throw kernelFault("waiting for an rtnetlink answer");
      }
      const datagram = buffer.subarray(0, length);
      for (const each of all) if (each.outcome === undefined && each.take(datagram)) break;
    }
  }

  function dump(request: Request, doing: string): readonly Frame[] {
    for (let tries = 0; tries < DUMP_TRIES; tries++) {
      const [answer] = ask([request]);
      if (answer?.outcome?.kind === "refused") throw refusal(answer.outcome, doing);
      if (answer?.outcome?.kind === "done") return answer.frames;
    }
    throw new Fault("KERNEL_REFUSED", { errno: "an interrupted dump", doing: `${doing} (${DUMP_TRIES} tries)` });
  }

  return {
    transact: (requests) => (requests.length === 0 ? [] : ask(requests).map((answer) => answer.outcome ?? { kind: "done" })),
    get(request, doing) {
      const [answer] = ask([request]);
      const outcome = answer?.outcome;
      if (outcome?.kind !== "refused") return answer?.frames[0];
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

function prepare(fd: number): void {
  const timeout = new DataView(new ArrayBuffer(16));
  timeout.setBigInt64(0, BigInt(ANSWER_TIMEOUT_S), true);
  const size = new DataView(new ArrayBuffer(4));
  size.setUint32(0, RECEIVE_BUFFER_BYTES, true);
  const on = Uint8Array.of(1, 0, 0, 0);
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, new Uint8Array(timeout.buffer), 16);
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, new Uint8Array(size.buffer), 4);
  // Error texts, and error messages without a copy of the request.
  setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, on, 4);
  setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, on, 4);
}

function joined(messages: readonly Uint8Array[]): Uint8Array {
  const [only] = messages;
  if (only !== undefined && messages.length === 1) return only;
  const bytes = new Uint8Array(messages.reduce((length, message) => length + message.length, 0));
  let at = 0;
  for (const message of messages) {
    bytes.set(message, at);
    at += message.length;
  }
  return bytes;
}
