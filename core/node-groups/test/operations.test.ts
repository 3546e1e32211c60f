import { describe, expect, test } from "vitest";
import {
  createNodegroup,
  deleteNodegroup,
  findGroup,
  NO_NODEGROUPS,
  updateNodegroupConfig,
  updateNodegroupVersion,
  withGroup,
  type CreateNodegroupInput,
} from "../src/index.ts";
import { aCall, anActiveGroup, given, INPUT, refused, TEMPLATE } from "./a-group.ts";

describe("CreateNodegroup", () => {
  test("makes a group that is CREATING, with EKS's defaults", () => {
    const { value } = given(createNodegroup(NO_NODEGROUPS, { name: "plain", subnets: ["subnet-a"], nodeRole: INPUT.nodeRole }, aCall()));
    expect(value).toMatchObject({
      status: "CREATING",
      scaling: { minSize: 1, maxSize: 2, desiredSize: 2 },
      instanceTypes: ["t3.medium"],
      amiType: "AL2023_x86_64_STANDARD",
      capacityType: "ON_DEMAND",
      diskSize: 20,
      version: "1.35",
      updateConfig: { maxUnavailable: 1 },
      work: { kind: "create" },
    });
    expect(value.arn).toMatch(/^arn:aws:eks:us-east-1:123456789012:nodegroup\/demo\/plain\/[0-9a-f-]{36}$/);
  });

  test("takes a launch template with an image for one of the operator's own", () => {
    const call = aCall({ data: { ImageId: "ami-0a2b2c3d4e5f60718", InstanceType: "m5.xlarge" } });
    const { instanceTypes: _types, ...input } = INPUT;
    expect(given(createNodegroup(NO_NODEGROUPS, { ...input, launchTemplate: { id: TEMPLATE.id } }, call)).value).toMatchObject({
      amiType: "CUSTOM",
      instanceTypes: [],
      releaseVersion: "ami-0a2b2c3d4e5f60718",
      launchTemplate: { id: TEMPLATE.id, name: "nodes", version: 1 },
    });
  });

  test.each<[string, Partial<CreateNodegroupInput>]>([
    ["must be letters", { name: "a b" }],
    ["Subnets must be given", { subnets: [] }],
    ["'subnet-x' does not exist", { subnets: ["subnet-x"] }],
    ["not in the cluster's VPC", { subnets: ["subnet-other"] }],
    ["cannot be found", { nodeRole: "arn:aws:iam::123456789012:role/nobody" }],
    ["can't be greater than desired size", { scaling: { minSize: 3, maxSize: 5, desiredSize: 2 } }],
    ["can't be greater than max size", { scaling: { minSize: 1, maxSize: 2, desiredSize: 3 } }],
    ["maxSize must be at least 1", { scaling: { minSize: 0, maxSize: 0, desiredSize: 0 } }],
    ["do not exist: [m5.huge]", { instanceTypes: ["m5.huge"] }],
    ["not a valid instance type for requested amiType", { instanceTypes: ["m6g.large"], amiType: "AL2023_x86_64_STANDARD" }],
    ["has no image of the AMI type", { amiType: "WINDOWS_CORE_2022_x86_64" }],
    ["Capacity type", { capacityType: "CHEAP" }],
    ["reserved prefixes", { labels: { "eks.amazonaws.com/nodegroup": "x" } }],
    ["not one Kubernetes allows", { labels: { "bad key": "x" } }],
    ["given twice", { taints: [1, 2].map(() => ({ key: "a", effect: "NoSchedule" })) }],
    ["Only one of maxUnavailable", { updateConfig: { maxUnavailable: 1, maxUnavailablePercentage: 10 } }],
    ["must be from 1 to 100", { updateConfig: { maxUnavailable: 0 } }],
    ["AMI type of CUSTOM needs an image", { amiType: "CUSTOM" }],
    ["does not exist", { launchTemplate: { name: "nobody" } }],
  ])("refuses what EKS refuses: %s", (message, wrong) => {
    const reply = refused(createNodegroup(NO_NODEGROUPS, { ...INPUT, ...wrong }, aCall()));
    expect(reply).toMatch(/^InvalidParameterException: /);
    expect(reply).toContain(message);
  });

  test.each<[string, object, Partial<CreateNodegroupInput>]>([
    ["instance profile", { IamInstanceProfile: { Name: "x" } }, {}],
    ["capacityType", { InstanceMarketOptions: { MarketType: "spot" } }, {}],
    ["shutdown", { InstanceInitiatedShutdownBehavior: "stop" }, {}],
    ["hibernate", { HibernationOptions: { Configured: true } }, {}],
    ["subnet", { NetworkInterfaces: [{ DeviceIndex: 0, SubnetId: "subnet-a" }] }, {}],
    ["security groups both", { NetworkInterfaces: [{ DeviceIndex: 0 }], SecurityGroupIds: ["sg-1"] }, {}],
    ["not both", { InstanceType: "m5.large" }, {}],
    ["Disk size", {}, { diskSize: 30 }],
    ["Remote access", {}, { remoteAccess: { ec2SshKey: "k" } }],
    ["other than CUSTOM", { ImageId: "ami-1" }, { amiType: "AL2_x86_64" }],
    ["kubernetes version", { ImageId: "ami-1" }, { version: "1.35" }],
  ])("refuses in a launch template: %s", (message, data, more) => {
    const call = aCall({ data: { ...data } });
    expect(refused(createNodegroup(NO_NODEGROUPS, { ...INPUT, ...more, launchTemplate: { id: TEMPLATE.id } }, call))).toContain(message);
  });

  test("a name is taken once; the same token makes the same group", () => {
    const { state, value } = given(createNodegroup(NO_NODEGROUPS, { ...INPUT, token: "t" }, aCall()));
    expect(refused(createNodegroup(state, INPUT, aCall()))).toContain("ResourceInUseException: NodeGroup already exists");
    expect(given(createNodegroup(state, { ...INPUT, token: "t" }, aCall())).value).toEqual(value);
  });
});

describe("UpdateNodegroupConfig", () => {
  const state = withGroup(
    NO_NODEGROUPS,
    anActiveGroup({ labels: { a: "1", b: "2" }, taints: [{ key: "t", value: "v", effect: "NoSchedule" }] }),
  );

  test("changes sizes, labels and taints, and tells so in an update", () => {
    const input = {
      name: "workers",
      scaling: { desiredSize: 3 },
      addLabels: { c: "3" },
      removeLabels: ["a"],
      addTaints: [{ key: "t", value: "w", effect: "NoSchedule" as const }],
    };
    const { state: after, value } = given(updateNodegroupConfig(state, input, aCall()));
    expect(value).toMatchObject({ status: "InProgress", type: "ConfigUpdate" });
    expect(value.params).toEqual([
      { type: "DesiredSize", value: "3" },
      { type: "LabelsToAdd", value: '{"c":"3"}' },
      { type: "LabelsToRemove", value: '["a"]' },
      { type: "TaintsToAdd", value: '[{"key":"t","value":"w","effect":"NoSchedule"}]' },
    ]);
    expect(findGroup(after, "demo", "workers")).toMatchObject({
      status: "UPDATING",
      scaling: { minSize: 1, maxSize: 5, desiredSize: 3 },
      labels: { b: "2", c: "3" },
      taints: [{ key: "t", value: "w", effect: "NoSchedule" }],
    });
    expect(refused(updateNodegroupConfig(after, input, aCall()))).toContain("ResourceInUseException: Nodegroup cannot be updated");
  });

  test("refuses sizes that do not fit, nothing to change, and a group that is not there", () => {
    expect(refused(updateNodegroupConfig(state, { name: "workers", scaling: { desiredSize: 9 } }, aCall()))).toContain("max size");
    expect(refused(updateNodegroupConfig(state, { name: "workers" }, aCall()))).toContain("changes nothing");
    expect(refused(updateNodegroupConfig(state, { name: "nobody", scaling: { desiredSize: 1 } }, aCall()))).toBe(
      "ResourceNotFoundException: No node group found for name: nobody.",
    );
  });
});

describe("UpdateNodegroupVersion", () => {
  const templated = withGroup(NO_NODEGROUPS, anActiveGroup({ launchTemplate: { id: TEMPLATE.id } }));

  test("goes to another version of the group's template and remembers what was before", () => {
    const { state: after, value } = given(
      updateNodegroupVersion(templated, { name: "workers", launchTemplate: { id: TEMPLATE.id, version: "2" }, isForced: true }, aCall()),
    );
    expect(value.params).toContainEqual({ type: "LaunchTemplateVersion", value: "2" });
    expect(findGroup(after, "demo", "workers")).toMatchObject({
      status: "UPDATING",
      launchTemplate: { version: 2 },
      work: { kind: "roll", isForced: true, isPrepared: false, before: { launchTemplate: { version: 1 }, launch: { version: 1 } } },
    });
  });

  test("refuses a template for a group made without one, another template, and an image where there was none", () => {
    const plain = withGroup(NO_NODEGROUPS, anActiveGroup());
    const update = { name: "workers", launchTemplate: { id: TEMPLATE.id }, isForced: false };
    expect(refused(updateNodegroupVersion(plain, update, aCall()))).toContain("created without a launch template");
    expect(refused(updateNodegroupVersion(templated, { ...update, launchTemplate: { id: "lt-2" } }, aCall({ id: "lt-2" })))).toContain(
      "only its version",
    );
    expect(refused(updateNodegroupVersion(templated, update, aCall({ data: { ImageId: "ami-1" } })))).toContain("created without one");
    expect(refused(updateNodegroupVersion(templated, { name: "workers", version: "1.30", isForced: false }, aCall()))).toContain(
      "not the cluster's",
    );
  });
});

test("DeleteNodegroup cancels what is under way", () => {
  const state = withGroup(NO_NODEGROUPS, anActiveGroup());
  const updating = given(updateNodegroupConfig(state, { name: "workers", scaling: { desiredSize: 3 } }, aCall())).state;
  const { state: after, value } = given(deleteNodegroup(updating, { name: "workers" }, aCall()));
  expect(value).toMatchObject({ status: "DELETING", work: { kind: "delete" }, updates: [{ status: "Cancelled" }] });
  expect(given(deleteNodegroup(after, { name: "workers" }, aCall())).value).toEqual(value);
});
