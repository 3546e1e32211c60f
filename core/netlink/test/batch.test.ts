import { expect, test } from "vitest";
import * as fc from "fast-check";
import { batchOf, decodeFrames, encodeFrames, FLAG, MESSAGE, setLink, type Outcome } from "../src/index.ts";

const changes = (count: number) => Array.from({ length: count }, (_, i) => setLink({ index: i + 1, up: true }));

/** What a kernel says to a message: of every refusal, and of the rest where it is asked to. */
function answersOf(message: Uint8Array, errnoOf: (at: number) => number): readonly Uint8Array[] {
  return decodeFrames(message).flatMap(({ flags, sequence }, at) => {
    if (errnoOf(at) === 0 && (flags & FLAG.ack) === 0) return [];
    const payload = new Uint8Array(20);
    new DataView(payload.buffer).setInt32(0, -errnoOf(at), true);
    return [encodeFrames([{ type: MESSAGE.error, flags: FLAG.ackCapped, sequence, payload }])];
  });
}

test("only the last change asks to be acknowledged; numbers count up", () => {
  const frames = decodeFrames(batchOf(changes(3), 41).bytes);
  expect(frames.map(({ sequence, flags }) => [sequence, (flags & FLAG.ack) !== 0])).toEqual([
    [41, false],
    [42, false],
    [43, true],
  ]);
});

test("a refusal in the middle is the middle one's, and ends nothing", () => {
  const batch = batchOf(changes(3), 7);
  const [refused, last] = answersOf(batch.bytes, (at) => (at === 1 ? 17 : 0));
  expect(batch.take(refused ?? new Uint8Array())).toBe(false);
  expect(batch.take(last ?? new Uint8Array())).toBe(true);
  expect(batch.outcomes).toEqual([{ kind: "done" }, { kind: "refused", errno: 17 }, { kind: "done" }]);
});

test("a late answer to an earlier batch is passed over", () => {
  const batch = batchOf(changes(2), 10);
  for (const sequence of [9, 12]) {
    const late = encodeFrames([{ type: MESSAGE.error, flags: 0, sequence, payload: Uint8Array.of(0xef, 0xff, 0xff, 0xff) }]);
    expect(batch.take(late)).toBe(false);
  }
  expect(batch.outcomes).toEqual([{ kind: "done" }, { kind: "done" }]);
});

test("nothing to change is told at once", () => {
  expect(batchOf([], 1).take(new Uint8Array())).toBe(true);
});

test("whatever is refused is told by its place", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 133 }), { minLength: 1, maxLength: 8 }), (errnos) => {
      const batch = batchOf(changes(errnos.length), 1);
      const told = answersOf(batch.bytes, (at) => errnos[at] ?? 0).map((datagram) => batch.take(datagram));
      expect(told.indexOf(true)).toBe(told.length - 1);
      const outcomes = errnos.map((errno): Outcome => (errno === 0 ? { kind: "done" } : { kind: "refused", errno }));
      expect(batch.outcomes).toEqual(outcomes);
    }),
  );
});
