import { expect, test } from "vitest";
import * as fc from "fast-check";
import { answerTo, decodeFrames, encodeFrames, errnoName, FLAG, MESSAGE, type Frame } from "../src/index.ts";

function int32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, value, true);
  return bytes;
}

function frame(type: number, over: Partial<Frame> = {}): Uint8Array {
  return encodeFrames([{ type, flags: FLAG.multi, sequence: 5, payload: new Uint8Array(4), ...over }]);
}

test("a dump that changed under the kernel's hands is told apart from a whole one", () => {
  const answer = answerTo(5, "ends-itself");
  expect(answer.take(frame(24, { flags: FLAG.multi | FLAG.dumpInterrupted }))).toBe(false);
  expect(answer.take(frame(MESSAGE.done))).toBe(true);
  expect(answer.outcome).toEqual({ kind: "interrupted" });
});

test("a dump can fail at its end", () => {
  const answer = answerTo(5, "ends-itself");
  answer.take(frame(MESSAGE.done, { payload: int32(-12) }));
  expect(answer.outcome).toEqual({ kind: "refused", errno: 12 });
  expect(errnoName(12)).toBe("ENOMEM");
});

test("late answers to an earlier request are passed over", () => {
  const answer = answerTo(5, "ends-itself");
  expect(answer.take(frame(MESSAGE.error, { sequence: 4, payload: int32(-17) }))).toBe(false);
  expect(answer.take(frame(MESSAGE.error, { payload: int32(0) }))).toBe(true);
  expect(answer.outcome).toEqual({ kind: "done" });
});

test("the gathered messages outlive the receive buffer", () => {
  const buffer = frame(24, { payload: Uint8Array.of(1, 2, 3, 4) });
  const answer = answerTo(5, "ends-itself");
  answer.take(buffer);
  buffer.fill(0);
  expect(answer.frames[0]?.payload).toEqual(Uint8Array.of(1, 2, 3, 4));
});

test("of a dump only what is wanted is kept", () => {
  const answer = answerTo(5, "ends-itself", (payload) => payload[0] === 2);
  for (const first of [1, 2, 3]) answer.take(frame(24, { payload: Uint8Array.of(first, 0, 0, 0) }));
  expect(answer.take(frame(MESSAGE.done))).toBe(true);
  expect(answer.frames.map(({ payload }) => payload[0])).toEqual([2]);
});

test("an error number without a name is told as a number", () => {
  expect(errnoName(17)).toBe("EEXIST");
  expect(errnoName(4095)).toBe("errno 4095");
});

test("frames of any payload come back from one datagram", () => {
  const arbFrame = fc.record({
    type: fc.integer({ min: 16, max: 0xffff }),
    flags: fc.integer({ min: 0, max: 0xffff }),
    sequence: fc.integer({ min: 0, max: 0xffffffff }),
    payload: fc.uint8Array({ maxLength: 40 }),
  });
  fc.assert(
    fc.property(fc.array(arbFrame, { maxLength: 6 }), (frames) => {
      const datagram = encodeFrames(frames);
      expect(decodeFrames(datagram).map((each) => ({ ...each, payload: Uint8Array.from(each.payload) }))).toEqual(frames);
    }),
  );
});

test("no bytes at all can make the reader fail or loop", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(decodeFrames(bytes).length).toBeLessThanOrEqual(bytes.length / 16);
    }),
  );
});
