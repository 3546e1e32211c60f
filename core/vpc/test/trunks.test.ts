import { describe, expect, test } from "vitest";
import { limitsOf } from "@slash28/limits";
import type { Cloud, Subnet } from "../src/index.ts";
import { aSubnet, at, launch, must, refused } from "./a-cloud.ts";

/** An m5.large with a trunk at device index 2, with the real limits: nine branches. */
function aTrunk() {
  const { cloud, subnet } = aSubnet("10.0.0.0/24", { limitsOf });
  const instance = launch(cloud, subnet.id);
  const trunk = must(cloud.createEni({ subnetId: subnet.id, kind: "trunk", description: "aws-k8s-trunk-eni" }, at));
  const attachment = must(cloud.attachEni({ eniId: trunk.id, instanceId: instance.id, deviceIndex: 2 }, at));
  return { cloud, subnet, instance, trunk, attachment };
}

function aBranch(cloud: Cloud, subnet: Subnet) {
  return must(cloud.createEni({ subnetId: subnet.id, description: "aws-k8s-branch-eni" }, at));
}

describe("trunk and branch", () => {
  test("a branch is in use without an attachment, and a plain free ENI again once it is off the trunk", () => {
    const { cloud, subnet, trunk } = aTrunk();
    const branch = aBranch(cloud, subnet);
    const association = must(cloud.associateTrunk({ trunkId: trunk.id, branchId: branch.id, vlanId: 1 }, at));
    expect(association.id).toMatch(/^trunk-assoc-0[0-9a-f]{16}$/);
    expect(cloud.view.eni(branch.id)).toMatchObject({ kind: "branch", status: "in-use" });
    expect(cloud.view.eni(branch.id)!.attachment).toBeUndefined();
    expect(cloud.view.eni(trunk.id)).toMatchObject({ kind: "trunk", status: "in-use", attachment: { deviceIndex: 2 } });
    expect(refused(cloud.deleteEni({ eniId: branch.id }, at)).message).toContain("currently in use");
    must(cloud.disassociateTrunk({ associationId: association.id }, at));
    expect(cloud.view.eni(branch.id)).toMatchObject({ kind: "interface", status: "available" });
    expect(refused(cloud.disassociateTrunk({ associationId: association.id }, at)).code).toBe("InvalidAssociationID.NotFound");
    must(cloud.deleteEni({ eniId: branch.id }, at));
  });

  test("an m5.large takes nine branches, each on a VLAN of its own", () => {
    const { cloud, subnet, trunk } = aTrunk();
    const put = (vlanId: number) => cloud.associateTrunk({ trunkId: trunk.id, branchId: aBranch(cloud, subnet).id, vlanId }, at);
    must(put(1));
    expect(refused(put(1)).message).toContain("VLAN 1 is already in use");
    for (let vlanId = 2; vlanId <= 9; vlanId++) must(put(vlanId));
    expect(refused(put(10)).code).toBe("AttachmentLimitExceeded");
    expect(must(cloud.describeTrunkAssociations({}, at))).toHaveLength(9);
  });

  test("the branch must be free and the trunk a trunk, by one channel, and a token gives the same association", () => {
    const { cloud, subnet, trunk, instance } = aTrunk();
    const branch = aBranch(cloud, subnet);
    const base = { trunkId: trunk.id, branchId: branch.id };
    expect(refused(cloud.associateTrunk(base, at)).code).toBe("MissingParameter");
    expect(refused(cloud.associateTrunk({ ...base, vlanId: 1, greKey: 1 }, at)).code).toBe("InvalidParameterCombination");
    expect(refused(cloud.associateTrunk({ ...base, vlanId: 0 }, at)).code).toBe("InvalidParameterValue");
    expect(refused(cloud.associateTrunk({ trunkId: branch.id, branchId: branch.id, vlanId: 1 }, at)).message).toContain("not a trunk");
    const primary = instance.enis[0]!;
    expect(refused(cloud.associateTrunk({ ...base, branchId: primary, vlanId: 1 }, at)).code).toBe("InvalidNetworkInterface.InUse");
    const once = { ...base, vlanId: 4, clientToken: "once" };
    const made = must(cloud.associateTrunk(once, at));
    expect(must(cloud.associateTrunk(once, at)).id).toBe(made.id);
    expect(refused(cloud.associateTrunk({ ...once, vlanId: 5 }, at)).code).toBe("IdempotentParameterMismatch");
  });

  test("ending the instance frees its branches and deletes the trunk that was marked so", () => {
    const { cloud, subnet, trunk, instance, attachment } = aTrunk();
    const branch = aBranch(cloud, subnet);
    must(
      cloud.modifyEni({ eniId: trunk.id, change: { attribute: "delete-on-termination", attachmentId: attachment.id, value: true } }, at),
    );
    must(cloud.associateTrunk({ trunkId: trunk.id, branchId: branch.id, vlanId: 7 }, at));
    expect(refused(cloud.detachEni({ attachmentId: attachment.id }, at)).message).toContain("branch interfaces");
    must(cloud.terminateInstances({ instanceIds: [instance.id] }, at));
    expect(cloud.view.trunkAssociations()).toEqual([]);
    expect(cloud.view.eni(trunk.id)).toBeUndefined();
    expect(cloud.view.eni(branch.id)).toMatchObject({ kind: "interface", status: "available" });
  });

  test("a type that cannot trunk takes no trunk ENI", () => {
    const { cloud, subnet } = aSubnet("10.0.0.0/24", { limitsOf });
    const instance = launch(cloud, subnet.id, "t3.medium");
    const trunk = must(cloud.createEni({ subnetId: subnet.id, kind: "trunk" }, at));
    const attached = cloud.attachEni({ eniId: trunk.id, instanceId: instance.id, deviceIndex: 1 }, at);
    expect(refused(attached).code).toBe("InvalidParameterCombination");
  });
});

test("leave to attach is given once, shown, and not taken back while it is used unless forced", () => {
  const { cloud, trunk } = aTrunk();
  const wish = { eniId: trunk.id, accountId: "444455556666", permission: "INSTANCE-ATTACH" } as const;
  const { id } = must(cloud.createEniPermission(wish, at));
  expect(id).toMatch(/^eni-perm-/);
  expect(refused(cloud.createEniPermission(wish, at)).code).toBe("InvalidParameterValue");
  expect(refused(cloud.createEniPermission({ eniId: trunk.id, permission: "INSTANCE-ATTACH" }, at)).code).toBe("MissingParameter");
  expect(refused(cloud.deleteEniPermission({ permissionId: id }, at)).code).toBe("OperationNotPermitted");
  must(cloud.deleteEniPermission({ permissionId: id, isForced: true }, at));
  expect(must(cloud.describeEniPermissions({}, at))).toEqual([]);
});
