import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { hostLinkName, routeTableOf } from "../src/index.ts";
import { sha1Hex } from "../src/sha1.ts";

test("a pod's host link has the name that the VPC CNI gives", () => {
  const pod = { namespace: "default", name: "web-0" };
  expect(hostLinkName("eni", pod)).toBe("eni0d7763386da");
  expect(hostLinkName("eni", pod, 1)).toBe("enib813f772d20");
});

test("names of any text hash as UTF-8", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (name) => {
      const expected = createHash("sha1").update(`ns.${name}`, "utf8").digest("hex").slice(0, 11);
      expect(hostLinkName("x", { namespace: "ns", name })).toBe(`x${expected}`);
    }),
  );
  expect(hostLinkName("x", { namespace: "ns", name: "\ud800" })).toBe(hostLinkName("x", { namespace: "ns", name: "\ufffd" }));
});

test("SHA-1 agrees with the platform's, at every length around a block", () => {
  for (const length of [0, 1, 3, 54, 55, 56, 57, 63, 64, 65, 119, 120, 128, 1000]) {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 7 + length) & 255);
    expect(sha1Hex(bytes)).toBe(createHash("sha1").update(bytes).digest("hex"));
  }
});

test.each([
  [0, 0, 254],
  [0, 1, 2],
  [0, 14, 15],
  [1, 1, 10101],
  [2, 3, 10203],
])("the ENI on card %i at device index %i has route table %i", (networkCard, deviceIndex, table) => {
  expect(routeTableOf({ networkCard, deviceIndex })).toBe(table);
});
