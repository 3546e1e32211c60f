import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { filtered, wildcardPattern, type FilterTable } from "../../src/aws/query/filters.ts";
import { eitherIdsOrPages, page } from "../../src/aws/query/pagination.ts";
import { tagsByType } from "../../src/aws/query/tag-specifications.ts";

interface Thing {
  readonly id: string;
  readonly free: number;
  readonly groups: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
}

const THINGS: readonly Thing[] = [
  { id: "a-1", free: 5, groups: ["x", "y"], tags: { Name: "web 1", empty: "" } },
  { id: "a-2", free: 7, groups: [], tags: { Name: "web*" } },
  { id: "b-1", free: 7, groups: ["y"], tags: {} },
];

const TABLE: FilterTable<Thing> = { id: ({ id }) => id, free: ({ free }) => free, "group-id": ({ groups }) => groups };

function ids(...filters: ReadonlyArray<readonly [string, ...string[]]>): readonly string[] {
  return filtered(
    THINGS,
    filters.map(([Name, ...Values]) => ({ Name, Values })),
    TABLE,
  ).map(({ id }) => id);
}

describe("filters", () => {
  test("are all to match, each by any of its values", () => {
    expect(ids(["free", "7"], ["id", "a-1", "a-2"])).toEqual(["a-2"]);
    expect(ids(["group-id", "y"])).toEqual(["a-1", "b-1"]);
    expect(ids()).toEqual(["a-1", "a-2", "b-1"]);
  });

  test("take wildcards, and a backslash takes them back", () => {
    expect(ids(["id", "a-*"])).toEqual(["a-1", "a-2"]);
    expect(ids(["id", "?-1"])).toEqual(["a-1", "b-1"]);
    expect(ids(["tag:Name", "web\\*"])).toEqual(["a-2"]);
    expect(ids(["id", "A-1"])).toEqual([]);
  });

  test("look at tags by key and by value", () => {
    expect(ids(["tag-key", "empty"])).toEqual(["a-1"]);
    expect(ids(["tag:empty", ""])).toEqual(["a-1"]);
    expect(ids(["tag:toString", "*"])).toEqual([]);
  });

  test("of unknown name, without value, or too many, are refused", () => {
    expect(() => ids(["vpc", "x"])).toThrow("The filter 'vpc' is invalid");
    expect(() => ids(["toString", "x"])).toThrow("The filter 'toString' is invalid");
    expect(() => ids(["id"])).toThrow("The filter 'id' has no value");
    expect(() => ids(["id", ...Array.from({ length: 201 }, String)])).toThrow("at most 200");
  });

  test("an escaped text matches itself and nothing else", () => {
    const text = fc.string();
    fc.assert(
      fc.property(text, text, (wanted, other) => {
        const pattern = wildcardPattern(wanted.replace(/[\\*?]/g, "\\$&"));
        expect(pattern.test(wanted)).toBe(true);
        expect(pattern.test(other)).toBe(wanted === other);
      }),
    );
  });
});

describe("pages", () => {
  const rules = { action: "DescribeThings", key: String };
  const items = Array.from({ length: 23 }, (_, i) => i);

  test("show every item once, whatever the size", () => {
    fc.assert(
      fc.property(fc.integer({ min: 5, max: 30 }), (MaxResults) => {
        const seen: number[] = [];
        let NextToken: string | undefined;
        do {
          const shown = page(items, { MaxResults, NextToken }, rules);
          expect(shown.items.length).toBeLessThanOrEqual(MaxResults);
          seen.push(...shown.items);
          NextToken = shown.NextToken;
        } while (NextToken !== undefined);
        expect(seen).toEqual(items);
      }),
    );
  });

  test("go on behind the last item shown although items before it are gone", () => {
    const { NextToken } = page(items, { MaxResults: 5 }, rules);
    expect(page(items.slice(3), { MaxResults: 5, NextToken }, rules).items).toEqual([5, 6, 7, 8, 9]);
    expect(
      page(
        items.filter((item) => item !== 4),
        { MaxResults: 5, NextToken },
        rules,
      ).items,
    ).toEqual([6, 7, 8, 9, 10]);
  });

  test.each([4, 1001, 5.5, 0, -1])("of %d items are refused", (MaxResults) => {
    expect(() => page(items, { MaxResults }, rules)).toThrow(/parameter maxResults is invalid/);
  });

  test("do not take a token of another action, or nonsense", () => {
    const { NextToken } = page(items, { MaxResults: 5 }, rules);
    expect(() => page(items, { NextToken }, { ...rules, action: "DescribeOthers" })).toThrow("not one this action gave");
    expect(() => page(items, { NextToken: "nonsense" }, rules)).toThrow("not one this action gave");
  });

  test("do not go together with ids where EC2 says so", () => {
    expect(() => eitherIdsOrPages(["i-1"], { MaxResults: 5 }, "instancesSet")).toThrow(
      "The parameter instancesSet cannot be used with the parameter maxResults",
    );
    expect(() => eitherIdsOrPages([], { MaxResults: 5 }, "instancesSet")).not.toThrow();
  });
});

test("tags are sorted by the kind of resource they are for, and no other kind is taken", () => {
  const tags = (ResourceType: string) => [{ ResourceType, Tags: [{ Key: "a", Value: "1" }, { Key: "b" }] }];
  expect(tagsByType(["instance", "network-interface"], tags("instance"))).toEqual({ instance: { a: "1", b: "" } });
  expect(() => tagsByType(["subnet"], tags("vpc"))).toThrow("'vpc' is not a valid taggable resource type for this operation.");
  expect(() => tagsByType(["subnet"], [{ ResourceType: "subnet", Tags: [{ Key: "a" }, { Key: "a" }] }])).toThrow("Duplicate tag key 'a'");
});
