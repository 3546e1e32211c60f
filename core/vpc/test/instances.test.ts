import { cidr4, formatIpv4, ipv4 } from "@slash28/address";
import { describe, expect, test } from "vitest";
import type { LaunchEni, RunInstancesInput } from "../src/index.ts";
import { aSubnet, at, launch, must, primaryEni, refused, snapshot } from "./a-cloud.ts";

const plain = { type: "m5.large", imageId: "ami-1", minCount: 1, maxCount: 1 };

describe("a launch", () => {
  test("gives each instance a primary ENI that goes with it", () => {
    const { cloud, vpc, subnet } = aSubnet();
    const { instances } = must(
      cloud.runInstances({ ...plain, minCount: 3, maxCount: 3, subnetId: subnet.id, tags: { Name: "n" }, eniTags: { of: "n" } }, at),
    );
    expect(instances.map(({ privateAddress }) => formatIpv4(privateAddress ?? ipv4("0.0.0.0")))).toEqual([
      "10.0.0.4",
      "10.0.0.5",
      "10.0.0.6",
    ]);
    expect(instances.map(({ launchIndex }) => launchIndex)).toEqual([0, 1, 2]);
    expect(instances[0]).toMatchObject({ state: "running", vpcId: vpc.id, zone: "us-east-1a", tags: { Name: "n" } });
    const eni = primaryEni(cloud, instances[0]!.id);
    expect(eni).toMatchObject({ tags: { of: "n" }, attachment: { deviceIndex: 0, deleteOnTermination: true, status: "attached" } });
  });

  test("starts as many as there is room for, but never fewer than the minimum", () => {
    const { cloud, subnet } = aSubnet("10.0.0.0/28");
    expect(refused(cloud.runInstances({ ...plain, minCount: 12, maxCount: 20, subnetId: subnet.id }, at)).code).toBe(
      "InsufficientFreeAddressesInSubnet",
    );
    expect(must(cloud.runInstances({ ...plain, minCount: 1, maxCount: 20, subnetId: subnet.id }, at)).instances).toHaveLength(11);
  });

  test("takes several ENIs, new and existing", () => {
    const { cloud, subnet } = aSubnet();
    const existing = must(cloud.createEni({ subnetId: subnet.id }, at));
    const enis: LaunchEni[] = [
      { kind: "existing", deviceIndex: 1, eniId: existing.id },
      { kind: "new", deviceIndex: 0, subnetId: subnet.id, carry: { prefixCount: 2 }, deleteOnTermination: false },
    ];
    const [instance] = must(cloud.runInstances({ ...plain, enis }, at)).instances;
    const [primary, second] = cloud.view.attachedEnis(instance!.id);
    expect(primary).toMatchObject({ prefixes: [cidr4("10.0.0.16/28"), cidr4("10.0.0.32/28")], attachment: { deleteOnTermination: false } });
    expect(second?.id).toBe(existing.id);
  });

  test("gives a public address where asked, or where the subnet does so", () => {
    const { cloud, subnet } = aSubnet();
    const enis: LaunchEni[] = [{ kind: "new", deviceIndex: 0, subnetId: subnet.id, hasPublicAddress: true }];
    const [asked] = must(cloud.runInstances({ ...plain, enis }, at)).instances;
    must(cloud.modifySubnet({ subnetId: subnet.id, hasPublicAddressOnLaunch: true }, at));
    const given = launch(cloud, subnet.id);
    expect([asked?.publicAddress, given.publicAddress]).toEqual([ipv4("198.18.0.4"), ipv4("198.18.0.5")]);
    expect(primaryEni(cloud, given.id).publicAddress).toBe(given.publicAddress);
  });

  const bad: readonly (readonly [string, (world: ReturnType<typeof aSubnet>) => Partial<RunInstancesInput>, string])[] = [
    ["an unknown type", () => ({ type: "m5.huge" }), "InvalidParameterValue"],
    ["no subnet", () => ({}), "VPCIdNotSpecified"],
    ["a minimum above the maximum", ({ subnet }) => ({ subnetId: subnet.id, minCount: 3, maxCount: 2 }), "InvalidParameterValue"],
    [
      "a subnet beside network interfaces",
      ({ subnet }) => ({ subnetId: subnet.id, enis: [{ kind: "new", deviceIndex: 0, subnetId: subnet.id }] }),
      "InvalidParameterCombination",
    ],
    ["no primary ENI", ({ subnet }) => ({ enis: [{ kind: "new", deviceIndex: 1, subnetId: subnet.id }] }), "InvalidParameterValue"],
    [
      "a device index twice",
      ({ subnet }) => ({ enis: [0, 0].map((deviceIndex) => ({ kind: "new" as const, deviceIndex, subnetId: subnet.id })) }),
      "InvalidParameterValue",
    ],
    [
      "four ENIs on a type of three",
      ({ subnet }) => ({ enis: [0, 1, 2, 3].map((deviceIndex) => ({ kind: "new" as const, deviceIndex, subnetId: subnet.id })) }),
      "AttachmentLimitExceeded",
    ],
    ["too many addresses", ({ subnet }) => ({ subnetId: subnet.id, addressCount: 10 }), "PrivateIpAddressLimitExceeded"],
    [
      "one address for two",
      ({ subnet }) => ({ subnetId: subnet.id, privateAddress: ipv4("10.0.0.9"), maxCount: 2 }),
      "InvalidParameterCombination",
    ],
    ["a reserved tag", ({ subnet }) => ({ subnetId: subnet.id, tags: { "AWS:x": "" } }), "InvalidParameterValue"],
    [
      "a public address on several ENIs",
      ({ subnet }) => ({
        enis: [0, 1].map((deviceIndex) => ({ kind: "new" as const, deviceIndex, subnetId: subnet.id, hasPublicAddress: true })),
      }),
      "InvalidParameterCombination",
    ],
  ];
  test.each(bad)("with %s is refused and nothing changes", (_what, wish, code) => {
    const world = aSubnet();
    const before = snapshot(world.cloud);
    expect(refused(world.cloud.runInstances({ ...plain, ...wish(world) }, at)).code).toBe(code);
    expect(snapshot(world.cloud)).toBe(before);
  });

  test("repeated with its client token answers the same instances", () => {
    const { cloud, subnet } = aSubnet();
    const input = { ...plain, subnetId: subnet.id, clientToken: "t" };
    const first = must(cloud.runInstances(input, at));
    expect(must(cloud.runInstances(input, at))).toEqual(first);
    expect(refused(cloud.runInstances({ ...input, type: "c5.large" }, at)).code).toBe("IdempotentParameterMismatch");
    expect(cloud.view.instances()).toHaveLength(1);
  });

  test("without an address for the whole minimum leaves none behind, over the ENI quota too", () => {
    const { cloud, subnet } = aSubnet("10.0.0.0/24", { quotas: { enis: 2 } });
    expect(refused(cloud.runInstances({ ...plain, minCount: 3, maxCount: 3, subnetId: subnet.id }, at)).code).toBe(
      "NetworkInterfaceLimitExceeded",
    );
    expect(must(cloud.runInstances({ ...plain, maxCount: 3, subnetId: subnet.id }, at)).instances).toHaveLength(2);
  });
});

describe("terminating", () => {
  test("deletes the ENIs marked so, frees the others, and shows the instance for an hour", () => {
    const { cloud, subnet } = aSubnet();
    const instance = launch(cloud, subnet.id);
    const [kept, gone] = [1, 2].map((deviceIndex) => {
      const eni = must(cloud.createEni({ subnetId: subnet.id, carry: { addressCount: 1 } }, at));
      return { eni, attachment: must(cloud.attachEni({ eniId: eni.id, instanceId: instance.id, deviceIndex }, at)) };
    });
    const change = { attribute: "delete-on-termination", attachmentId: gone!.attachment.id, value: true } as const;
    must(cloud.modifyEni({ eniId: gone!.eni.id, change }, at));
    expect(must(cloud.terminateInstances({ instanceIds: [instance.id] }, at))).toEqual([
      { instanceId: instance.id, previous: "running", current: "terminated" },
    ]);
    expect(cloud.view.enis()).toEqual([kept!.eni]);
    expect(cloud.view.subnet(subnet.id)?.freeAddresses).toBe(249);
    const seen = (now: number) => must(cloud.describeInstances({}, { now })).map(({ state, enis }) => [state, enis]);
    expect(seen(at.now + 3_599_999)).toEqual([["terminated", []]]);
    expect(seen(at.now + 3_600_000)).toEqual([]);
    expect(refused(cloud.describeInstances({ ids: [instance.id] }, { now: at.now + 3_600_000 })).code).toBe("InvalidInstanceID.NotFound");
    expect(must(cloud.terminateInstances({ instanceIds: [instance.id] }, at))[0]?.current).toBe("terminated");
  });

  test("waits in shutting-down with its ENIs where the caller settles", () => {
    const { cloud, subnet } = aSubnet("10.0.0.0/24", { settle: "by-caller" });
    const { id } = launch(cloud, subnet.id);
    expect(must(cloud.terminateInstances({ instanceIds: [id] }, at))[0]).toMatchObject({ previous: "pending", current: "shutting-down" });
    expect(cloud.view.attachedEnis(id)).toHaveLength(1);
    must(cloud.settleInstance({ instanceId: id }, at));
    expect([cloud.view.instance(id)?.state, cloud.view.enis()]).toEqual(["terminated", []]);
  });
});

test("a stopped instance keeps its private addresses and gives up its public one; a start brings a new one", () => {
  const { cloud, subnet } = aSubnet();
  must(cloud.modifySubnet({ subnetId: subnet.id, hasPublicAddressOnLaunch: true }, at));
  const instance = launch(cloud, subnet.id);
  must(cloud.stopInstances({ instanceIds: [instance.id] }, at));
  expect(cloud.view.instance(instance.id)).toMatchObject({
    state: "stopped",
    privateAddress: instance.privateAddress,
    enis: instance.enis,
  });
  expect([cloud.view.instance(instance.id)?.publicAddress, primaryEni(cloud, instance.id).publicAddress]).toEqual([undefined, undefined]);
  must(cloud.startInstances({ instanceIds: [instance.id] }, at));
  expect(cloud.view.instance(instance.id)).toEqual(instance);
  must(cloud.terminateInstances({ instanceIds: [instance.id] }, at));
  expect(refused(cloud.startInstances({ instanceIds: [instance.id] }, at)).code).toBe("IncorrectInstanceState");
  expect(refused(cloud.stopInstances({ instanceIds: [instance.id] }, at)).code).toBe("IncorrectInstanceState");
});

test("metadata options change within their bounds", () => {
  const { cloud, subnet } = aSubnet();
  const { id } = launch(cloud, subnet.id);
  expect(must(cloud.modifyMetadataOptions({ instanceId: id, options: { needsToken: true, hopLimit: 2 } }, at)).metadata).toEqual({
    isEnabled: true,
    needsToken: true,
    hopLimit: 2,
    showsTags: false,
  });
  expect(refused(cloud.modifyMetadataOptions({ instanceId: id, options: { hopLimit: 65 } }, at)).code).toBe("InvalidParameterValue");
});
