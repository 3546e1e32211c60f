import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { textOf } from "../src/journal-file.ts";
import { decodeJournal, encodeEntry } from "../src/journal-line.ts";

const entries = fc.array(fc.string({ unit: "grapheme", maxLength: 40 }), { maxLength: 12 });

/** What a disk, a power cut or a person may do to a file. */
type Damage =
  | { readonly kind: "cut" }
  | { readonly kind: "flip"; readonly bit: number }
  | { readonly kind: "zeros"; readonly length: number }
  | { readonly kind: "insert"; readonly bytes: Uint8Array }
  | { readonly kind: "remove"; readonly length: number };

const damages: fc.Arbitrary<Damage> = fc.oneof(
  fc.record({ kind: fc.constant("cut" as const) }),
  fc.record({ kind: fc.constant("flip" as const), bit: fc.nat({ max: 7 }) }),
  fc.record({ kind: fc.constant("zeros" as const), length: fc.integer({ min: 1, max: 60 }) }),
  fc.record({ kind: fc.constant("insert" as const), bytes: fc.uint8Array({ minLength: 1, maxLength: 60 }) }),
  fc.record({ kind: fc.constant("remove" as const), length: fc.integer({ min: 1, max: 60 }) }),
);

function damaged(whole: Buffer, at: number, damage: Damage): Buffer {
  const before = whole.subarray(0, at);
  const rest = whole.subarray(at);
  switch (damage.kind) {
    case "cut":
      return Buffer.from(before);
    case "flip":
      return Buffer.concat([before, rest.map((byte, index) => (index === 0 ? byte ^ (1 << damage.bit) : byte))]);
    case "zeros":
      return Buffer.concat([before, rest.map((byte, index) => (index < damage.length ? 0 : byte))]);
    case "insert":
      return Buffer.concat([before, damage.bytes, rest]);
    case "remove":
      return Buffer.concat([before, rest.subarray(damage.length)]);
  }
}

describe("the journal's reader", () => {
  test("takes any bytes for a journal, and finds in them no entry that was not written", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        const { entries: found, goodLength } = decodeJournal(textOf(bytes));
        expect(found.map(encodeEntry).join("")).toBe(textOf(bytes).slice(0, goodLength));
      }),
      { numRuns: 500 },
    );
  });

  test("keeps every entry before the damage, whatever the damage is and wherever it begins", () => {
    fc.assert(
      fc.property(entries, fc.nat(), damages, (written, somewhere, damage) => {
        const lines = written.map((entry) => Buffer.from(encodeEntry(entry)));
        const whole = Buffer.concat(lines);
        const at = whole.length === 0 ? 0 : somewhere % whole.length;
        let end = 0;
        const before = lines.filter((line) => (end += line.length) <= at).length;
        const { entries: found } = decodeJournal(textOf(damaged(whole, at, damage)));
        expect(found.slice(0, before)).toEqual(written.slice(0, before));
        // A checksum vouches for a line, not for there being no line missing before it.
        if (damage.kind !== "remove") expect(found).toEqual(written.slice(0, found.length));
      }),
      { numRuns: 2_000 },
    );
  });
});
