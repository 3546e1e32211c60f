import * as fc from "fast-check";
import { expect, test } from "vitest";
import { BitTree } from "../src/addresses/bit-tree.ts";

test("the lowest member is found across four levels", () => {
  const tree = new BitTree(65_536);
  tree.add(65_535);
  expect(tree.next(0)).toBe(65_535);
  tree.add(40_000);
  expect(tree.next(0)).toBe(40_000);
  expect(tree.next(40_001)).toBe(65_535);
  tree.remove(65_535);
  expect(tree.next(40_001)).toBeUndefined();
});

test("it agrees with a plain set after any adds and removes", () => {
  const size = fc.integer({ min: 1, max: 5_000 });
  fc.assert(
    fc.property(
      size,
      fc.array(fc.tuple(fc.boolean(), fc.nat()), { maxLength: 200 }),
      fc.array(fc.nat(), { maxLength: 20 }),
      (n, steps, asked) => {
        const tree = new BitTree(n);
        const model = new Set<number>();
        for (const [isAdded, raw] of steps) {
          const member = raw % n;
          tree.set(member, isAdded);
          if (isAdded) model.add(member);
          else model.delete(member);
        }
        const sorted = [...model].sort((a, b) => a - b);
        for (const raw of asked) {
          const from = raw % n;
          expect(tree.next(from)).toBe(sorted.find((member) => member >= from));
          expect(tree.has(from)).toBe(model.has(from));
        }
      },
    ),
  );
});
