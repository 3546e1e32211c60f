import { asId, cidr4, type AttachmentId, type InstanceId } from "@slash28/address";
import { describe, expect, test } from "vitest";
import { aSubnet, at, launch, must, primaryEni, refused } from "./a-cloud.ts";

const attachNew = (world: ReturnType<typeof aSubnet>, instanceId: InstanceId, deviceIndex: number) => {
  const eni = must(world.cloud.createEni({ subnetId: world.subnet.id }, at));
  return { eni, result: world.cloud.attachEni({ eniId: eni.id, instanceId, deviceIndex }, at) };
};

describe("attaching", () => {
  test("makes the ENI part of the instance, by device index", () => {
    const world = aSubnet();
    const instance = launch(world.cloud, world.subnet.id);
    const second = attachNew(world, instance.id, 2).eni;
    const first = attachNew(world, instance.id, 1).eni;
    expect(world.cloud.view.attachedEnis(instance.id).map(({ id }) => id)).toEqual([instance.enis[0], first.id, second.id]);
    expect(world.cloud.view.eni(first.id)).toMatchObject({
      status: "in-use",
      attachment: { deviceIndex: 1, networkCard: 0, status: "attached", deleteOnTermination: false },
    });
  });

  test("stops at the type's ENIs and tells the count it would have been", () => {
    const world = aSubnet();
    const instance = launch(world.cloud, world.subnet.id, "t3.medium");
    must(attachNew(world, instance.id, 1).result);
    must(attachNew(world, instance.id, 2).result);
    expect(refused(attachNew(world, instance.id, 3).result)).toEqual({
      code: "AttachmentLimitExceeded",
      message: "Interface count 4 exceeds the limit for t3.medium",
    });
  });

  test("takes every network card of a large instance", () => {
    const world = aSubnet();
    const instance = launch(world.cloud, world.subnet.id, "p4d.24xlarge");
    const attach = (networkCard: number, deviceIndex: number) => {
      const eni = must(world.cloud.createEni({ subnetId: world.subnet.id }, at));
      return world.cloud.attachEni({ eniId: eni.id, instanceId: instance.id, deviceIndex, networkCard }, at);
    };
    for (let index = 1; index < 15; index++) must(attach(0, index));
    expect(refused(attach(0, 15)).code).toBe("AttachmentLimitExceeded");
    must(attach(1, 1));
    expect(refused(attach(4, 1)).code).toBe("InvalidParameterValue");
  });

  test("a device index is used once", () => {
    const world = aSubnet();
    const instance = launch(world.cloud, world.subnet.id);
    must(attachNew(world, instance.id, 1).result);
    expect(refused(attachNew(world, instance.id, 1).result)).toEqual({
      code: "InvalidParameterValue",
      message: `Instance '${instance.id}' already has an interface attached at device index '1'.`,
    });
  });

  test("an ENI in use, in another zone, or of an instance that is gone cannot be attached", () => {
    const world = aSubnet();
    const { cloud, vpc, subnet } = world;
    const instance = launch(cloud, subnet.id);
    const { eni } = attachNew(world, instance.id, 1);
    expect(refused(cloud.attachEni({ eniId: eni.id, instanceId: instance.id, deviceIndex: 2 }, at))).toEqual({
      code: "InvalidNetworkInterface.InUse",
      message: `Interface: [${eni.id}] in use.`,
    });
    const elsewhere = must(cloud.createSubnet({ vpcId: vpc.id, cidr: cidr4("10.0.9.0/24"), zone: "us-east-1b" }, at));
    const far = must(cloud.createEni({ subnetId: elsewhere.id }, at));
    expect(refused(cloud.attachEni({ eniId: far.id, instanceId: instance.id, deviceIndex: 2 }, at)).code).toBe(
      "InvalidParameterCombination",
    );
    must(cloud.terminateInstances({ instanceIds: [instance.id] }, at));
    expect(refused(attachNew(world, instance.id, 1).result).code).toBe("IncorrectInstanceState");
    const absent = asId<InstanceId>("i-0123456789abcdef0");
    expect(refused(attachNew(world, absent, 1).result).message).toBe(`The instance ID '${absent}' does not exist`);
  });

  test("an ENI that holds more than the type allows is refused", () => {
    const { cloud, subnet } = aSubnet();
    const instance = launch(cloud, subnet.id, "t3.medium");
    const heavy = must(cloud.createEni({ subnetId: subnet.id, carry: { addressCount: 6 } }, at));
    expect(refused(cloud.attachEni({ eniId: heavy.id, instanceId: instance.id, deviceIndex: 1 }, at)).code).toBe(
      "PrivateIpAddressLimitExceeded",
    );
  });

  test("prefixes need Nitro", () => {
    const { cloud, subnet } = aSubnet();
    const instance = launch(cloud, subnet.id, "t2.medium");
    const primary = primaryEni(cloud, instance.id);
    expect(refused(cloud.assignAddresses({ eniId: primary.id, carry: { prefixCount: 1 } }, at)).code).toBe("InvalidParameterCombination");
    const eni = must(cloud.createEni({ subnetId: subnet.id, carry: { prefixCount: 1 } }, at));
    expect(refused(cloud.attachEni({ eniId: eni.id, instanceId: instance.id, deviceIndex: 1 }, at)).code).toBe(
      "InvalidParameterCombination",
    );
  });
});

test("secondary addresses and prefixes share the ENI's slots", () => {
  const { cloud, subnet } = aSubnet();
  const eniId = primaryEni(cloud, launch(cloud, subnet.id, "m5.large").id).id;
  must(cloud.assignAddresses({ eniId, carry: { addressCount: 4 } }, at));
  must(cloud.assignAddresses({ eniId, carry: { prefixCount: 5 } }, at));
  for (const carry of [{ addressCount: 1 }, { prefixCount: 1 }]) {
    expect(refused(cloud.assignAddresses({ eniId, carry }, at))).toEqual({
      code: "PrivateIpAddressLimitExceeded",
      message: "Number of private addresses will exceed limit.",
    });
  }
});

describe("detaching", () => {
  test("frees the ENI, its position, and lets it be deleted", () => {
    const world = aSubnet();
    const { cloud } = world;
    const instance = launch(cloud, world.subnet.id);
    const { eni, result } = attachNew(world, instance.id, 1);
    expect(refused(cloud.deleteEni({ eniId: eni.id }, at))).toEqual({
      code: "InvalidParameterValue",
      message: `Network interface '${eni.id}' is currently in use.`,
    });
    const attachmentId = must(result).id;
    expect(must(cloud.detachEni({ attachmentId }, at)).status).toBe("detaching");
    expect(cloud.view.eni(eni.id)).toEqual(eni);
    expect(refused(cloud.detachEni({ attachmentId }, at)).code).toBe("InvalidAttachmentID.NotFound");
    must(attachNew(world, instance.id, 1).result);
    must(cloud.deleteEni({ eniId: eni.id }, at));
  });

  test("the primary ENI stays", () => {
    const { cloud, subnet } = aSubnet();
    const primary = primaryEni(cloud, launch(cloud, subnet.id).id);
    expect(refused(cloud.detachEni({ attachmentId: primary.attachment!.id }, at)).code).toBe("OperationNotPermitted");
  });

  test("an unknown attachment is named", () => {
    const absent = asId<AttachmentId>("eni-attach-1");
    expect(refused(aSubnet().cloud.detachEni({ attachmentId: absent }, at)).message).toBe(
      "The attachment ID 'eni-attach-1' does not exist",
    );
  });
});

test("where the caller settles, attaching and detaching last until it does", () => {
  const world = aSubnet("10.0.0.0/24", { settle: "by-caller" });
  const { cloud } = world;
  const instance = launch(cloud, world.subnet.id);
  expect(instance.state).toBe("pending");
  must(cloud.settleInstance({ instanceId: instance.id }, at));
  const { eni, result } = attachNew(world, instance.id, 1);
  const attachmentId = must(result).id;
  const status = () => cloud.view.eni(eni.id)?.attachment?.status;
  expect(status()).toBe("attaching");
  must(cloud.settleAttachment({ attachmentId }, at));
  expect(status()).toBe("attached");
  must(cloud.detachEni({ attachmentId }, at));
  expect([status(), cloud.view.eni(eni.id)?.status]).toEqual(["detaching", "in-use"]);
  expect(refused(cloud.deleteEni({ eniId: eni.id }, at)).code).toBe("InvalidParameterValue");
  must(cloud.settleAttachment({ attachmentId }, at));
  expect([status(), cloud.view.eni(eni.id)?.status]).toEqual([undefined, "available"]);
  const { revision } = cloud;
  must(cloud.settleAttachment({ attachmentId }, at));
  expect(cloud.revision).toBe(revision);
});
