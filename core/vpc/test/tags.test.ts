import { cidr4 } from "@slash28/address";
import { describe, expect, test } from "vitest";
import { tagsFrom } from "../src/index.ts";
import { aSubnet, at, launch, must, primaryEni, refused, snapshot } from "./a-cloud.ts";

/** One resource of every kind. */
function everything() {
  const { cloud, vpc, subnet } = aSubnet();
  const instance = launch(cloud, subnet.id);
  const [rule] = must(cloud.describeSecurityGroups({}, at))[0]!.rules;
  const ids = [
    vpc.id,
    subnet.id,
    must(cloud.createCidrReservation({ subnetId: subnet.id, cidr: cidr4("10.0.0.128/28"), type: "prefix" }, at)).id,
    primaryEni(cloud, instance.id).id,
    instance.id,
    vpc.defaultGroupId,
    vpc.mainRouteTableId,
    must(cloud.createInternetGateway({}, at)).id,
    rule!.id,
  ] as const;
  return { cloud, subnet, ids };
}

test("every kind of resource takes tags and gives them back", () => {
  const { cloud, ids } = everything();
  must(cloud.createTags({ resourceIds: ids, tags: { a: "1", b: "" } }, at));
  must(cloud.createTags({ resourceIds: ids.slice(0, 1), tags: { a: "2" } }, at));
  const listed = must(cloud.describeTags({}, at));
  expect(listed).toHaveLength(18);
  expect(new Set(listed.map(({ resourceId }) => resourceId))).toEqual(new Set<string>(ids));
  expect(cloud.view.vpc(ids[0])?.tags).toEqual({ a: "2", b: "" });
  must(cloud.deleteTags({ resourceIds: ids, tags: [{ key: "a", value: "1" }, { key: "b" }, { key: "c" }] }, at));
  expect(must(cloud.describeTags({}, at))).toEqual([{ resourceId: ids[0], resourceType: "vpc", key: "a", value: "2" }]);
  must(cloud.deleteTags({ resourceIds: ids }, at));
  expect(must(cloud.describeTags({}, at))).toEqual([]);
});

describe("tags are refused", () => {
  test.each([
    ["with a reserved key", { "aws:cloudformation:stack-name": "x" }, "InvalidParameterValue"],
    ["with an empty key", { "": "x" }, "InvalidParameterValue"],
    ["with a long key", { ["k".repeat(129)]: "x" }, "InvalidParameterValue"],
    ["with a long value", { k: "v".repeat(257) }, "InvalidParameterValue"],
    ["when there are none", {}, "MissingParameter"],
    ["when there are fifty-one", Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`k${i}`, ""])), "TagLimitExceeded"],
  ])("%s", (_why, tags, code) => {
    const { cloud, ids } = everything();
    expect(refused(cloud.createTags({ resourceIds: ids, tags }, at)).code).toBe(code);
  });

  test("when one resource would have too many: then none gets any", () => {
    const { cloud, ids } = everything();
    const fifty = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`k${i}`, ""]));
    must(cloud.createTags({ resourceIds: [ids[0]], tags: fifty }, at));
    const before = snapshot(cloud);
    expect(refused(cloud.createTags({ resourceIds: [ids[1], ids[0]], tags: { more: "" } }, at)).code).toBe("TagLimitExceeded");
    expect(snapshot(cloud)).toBe(before);
    must(cloud.createTags({ resourceIds: [ids[0]], tags: { k0: "changed" } }, at));
  });

  test("for what does not exist, in the words of its kind", () => {
    const { cloud } = everything();
    const tag = (id: string) => refused(cloud.createTags({ resourceIds: [id], tags: { a: "" } }, at)).code;
    expect(tag("eni-0123456789abcdef0")).toBe("InvalidNetworkInterfaceID.NotFound");
    expect(tag("subnet-0")).toBe("InvalidSubnetID.NotFound");
    expect(tag("sgr-0")).toBe("InvalidSecurityGroupRuleId.NotFound");
    expect(tag("vol-0")).toBe("InvalidID");
  });

  test("when a list names a key twice", () => {
    expect(
      must(
        tagsFrom([
          { key: "a", value: "1" },
          { key: "b", value: "2" },
        ]),
      ),
    ).toEqual({ a: "1", b: "2" });
    expect(
      refused(
        tagsFrom([
          { key: "a", value: "1" },
          { key: "a", value: "2" },
        ]),
      ).code,
    ).toBe("InvalidParameterValue");
  });
});
