import type { Ec2InstanceType } from "@slash28/ports";
import { quietLog } from "@slash28/testkit";
import { expect, test } from "vitest";
import { limitsOfNode } from "../src/start/limits-of-node.ts";

const NEW: Ec2InstanceType = {
  type: "zz9.48xlarge",
  hypervisor: "nitro",
  bareMetal: false,
  ipv4PerEni: 50,
  networkCards: [
    { index: 0, maxEnis: 2 },
    { index: 1, maxEnis: 15 },
    { index: 2, maxEnis: 15 },
  ],
  defaultNetworkCard: 0,
};

const telling = (told: Ec2InstanceType) => ({ describeInstanceType: () => Promise.resolve(told) });

test("a type of the table needs no call", async () => {
  const silent = { describeInstanceType: () => Promise.reject(new Error("asked")) };
  expect(await limitsOfNode("m5.large", silent, quietLog)).toMatchObject({ maxEnis: 3, ipv4PerEni: 10 });
});

test("a type that the table lacks is asked for, and counts by its default network card, not by the sum of all", async () => {
  expect(await limitsOfNode(NEW.type, telling(NEW), quietLog)).toMatchObject({
    type: NEW.type,
    maxEnis: 2,
    ipv4PerEni: 50,
    hypervisor: "nitro",
  });
  expect(await limitsOfNode(NEW.type, telling({ ...NEW, defaultNetworkCard: 1 }), quietLog)).toMatchObject({ maxEnis: 15 });
});

test("a type that takes no ENI, as EC2 tells, is a fault and is asked for again", async () => {
  const none = telling({ ...NEW, networkCards: [{ index: 0, maxEnis: 0 }] });
  await expect(limitsOfNode(NEW.type, none, quietLog)).rejects.toMatchObject({ code: "EC2_FAILED", retryAfterMs: 5_000 });
});
