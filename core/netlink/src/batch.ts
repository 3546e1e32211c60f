import { readAcknowledgement, type Outcome } from "./answer.ts";
import { decodeFrames, encodeFrames, FLAG, MESSAGE } from "./frame.ts";
import type { Request } from "./request.ts";

/** Changes that go to the kernel in one message, and what became of each. */
export interface Batch {
  /** The bytes to send. */
  readonly bytes: Uint8Array;
  /** Takes a datagram; `true` once the kernel has told all. Messages to other requests are passed over. */
  take(datagram: Uint8Array): boolean;
  /** One per change, in their order; to be read when all is told. */
  readonly outcomes: readonly Outcome[];
}

const DONE: Outcome = { kind: "done" };

/**
 * Puts changes into one message, numbered from `sequence` on. The kernel carries them out in order, goes on after a refused one, and
 * tells of every refusal whether it was asked to or not. So only the last asks for an acknowledgement: that closes the whole batch.
 */
export function batchOf(changes: readonly Request[], sequence: number): Batch {
  const last = changes.length - 1;
  const outcomes = changes.map(() => DONE);
  let isTold = last < 0;
  return {
    bytes: encodeFrames(
      changes.map(({ type, flags, payload }, i) => ({
        type,
        flags: i === last ? flags : flags & ~FLAG.ack,
        sequence: sequence + i,
        payload,
      })),
    ),
    outcomes,
    take(datagram) {
      for (const frame of decodeFrames(datagram)) {
        const at = frame.sequence - sequence;
        if (frame.type !== MESSAGE.error || at < 0 || at > last) continue;
        outcomes[at] = readAcknowledgement(frame);
        if (at === last) isTold = true;
      }
      return isTold;
    },
  };
}
