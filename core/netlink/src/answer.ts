import { AttributeReader } from "./attribute-reader.ts";
import { viewOf } from "./bytes.ts";
import { decodeFrames, FLAG, MESSAGE, type Frame } from "./frame.ts";

/** How the kernel ended its answer to one request. */
export type Outcome =
  | { readonly kind: "done" }
  /** A dump changed under the kernel's hands; what was read may be torn and is to be asked again. */
  | { readonly kind: "interrupted" }
  /** `errno` is positive; `detail` is the kernel's extended text, when it has one. */
  | { readonly kind: "refused"; readonly errno: number; readonly detail?: string };

/** Gathers the answer to one request from datagrams as they come in. */
export interface Answer {
  /** Takes a datagram; `true` once the answer is complete. Messages to other requests are passed over. */
  take(datagram: Uint8Array): boolean;
  /** The messages so far, without the closing one. */
  readonly frames: readonly Frame[];
  /** Set once the answer is complete. */
  readonly outcome: Outcome | undefined;
}

/**
 * `closing` tells whether the kernel ends its answer with an ACK or the end of a dump; a plain get has one message only. Messages whose
 * payload is not wanted are not kept.
 */
export function answerTo(
  sequence: number,
  closing: "ends-itself" | "one-message",
  isWanted: (payload: Uint8Array) => boolean = () => true,
): Answer {
  const frames: Frame[] = [];
  let interrupted = false;
  let outcome: Outcome | undefined;

  function takeFrame(frame: Frame): void {
    if ((frame.flags & FLAG.dumpInterrupted) !== 0) interrupted = true;
    switch (frame.type) {
      case MESSAGE.noop:
      case MESSAGE.overrun:
        return;
      case MESSAGE.error:
        outcome = readAcknowledgement(frame);
        return;
      case MESSAGE.done:
        outcome = endOfDump(frame, interrupted);
        return;
      default:
        // The datagram's buffer is used again for the next one.
        if (isWanted(frame.payload)) frames.push({ ...frame, payload: frame.payload.slice() });
        if (closing === "one-message") outcome = { kind: "done" };
    }
  }

  return {
    frames,
    take(datagram) {
      for (const frame of decodeFrames(datagram)) {
        if (frame.sequence === sequence && outcome === undefined) takeFrame(frame);
      }
      return outcome !== undefined;
    },
    get outcome() {
      return outcome;
    },
  };
}

/** A dump can fail at its end: the closing message then carries the error. */
function endOfDump(frame: Frame, interrupted: boolean): Outcome {
  const error = frame.payload.length >= 4 ? viewOf(frame.payload).getInt32(0, true) : 0;
  if (error < 0) return { kind: "refused", errno: -error };
  return interrupted ? { kind: "interrupted" } : { kind: "done" };
}

const REQUEST_HEADER = 16;
const ATTRIBUTE_TEXT = 1;

/** `struct nlmsgerr`: the error, the request's header, the request itself unless capped, then attributes. */
export function readAcknowledgement(frame: Frame): Outcome {
  const view = viewOf(frame.payload);
  const errno = -view.getInt32(0, true);
  if (errno === 0) return { kind: "done" };
  if ((frame.flags & FLAG.ackAttributes) === 0) return { kind: "refused", errno };
  const quoted = (frame.flags & FLAG.ackCapped) === 0 ? view.getUint32(4, true) : REQUEST_HEADER;
  const detail = new AttributeReader(frame.payload, 4 + quoted).text(ATTRIBUTE_TEXT);
  return detail === undefined ? { kind: "refused", errno } : { kind: "refused", errno, detail };
}
