import { cidr4 } from "@slash28/address";
import { expect, test } from "vitest";
import { QUOTAS } from "../src/index.ts";
import { aCloud, aSubnet, at, must, refused } from "./a-cloud.ts";

test("every quota starts at AWS's default, under a code of its own", () => {
  const { quotas } = aCloud();
  expect(Object.keys(quotas).toSorted()).toEqual(Object.keys(QUOTAS).toSorted());
  expect(quotas.enis).toBe(5_000);
  expect(new Set(Object.values(QUOTAS).map(({ code }) => code)).size).toBe(Object.keys(QUOTAS).length);
});

test("a quota raised counts at once, and is told to whoever listens", () => {
  const cloud = aCloud({ quotas: { vpcs: 1 } });
  const touched: string[] = [];
  cloud.subscribe((change) => touched.push(...change.touched));
  must(cloud.createVpc({ cidr: cidr4("10.0.0.0/16") }, at));
  expect(refused(cloud.createVpc({ cidr: cidr4("10.1.0.0/16") }, at)).code).toBe("VpcLimitExceeded");
  must(cloud.raiseQuota({ quota: "vpcs", value: 2 }, at));
  must(cloud.createVpc({ cidr: cidr4("10.1.0.0/16") }, at));
  expect(touched).toContain("L-F678F1CE");
});

test("AWS's own bounds hold for raised quotas too", () => {
  const { cloud } = aSubnet();
  expect(refused(cloud.raiseQuota({ quota: "groupsPerEni", value: 17 }, at)).message).toContain("16");
  expect(refused(cloud.raiseQuota({ quota: "rulesPerGroup", value: 201 }, at)).message).toContain("1000");
  expect(refused(cloud.raiseQuota({ quota: "nothing" as "vpcs", value: 1 }, at)).code).toBe("InvalidParameterValue");
  expect(refused(cloud.raiseQuota({ quota: "vpcs", value: -1 }, at)).code).toBe("InvalidParameterValue");
});
