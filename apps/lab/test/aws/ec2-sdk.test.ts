import {
  AssignPrivateIpAddressesCommand,
  AttachNetworkInterfaceCommand,
  CreateNetworkInterfaceCommand,
  CreateTagsCommand,
  DeleteNetworkInterfaceCommand,
  DeleteTagsCommand,
  DescribeInstancesCommand,
  DescribeInstanceTypesCommand,
  DescribeNetworkInterfaceAttributeCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSubnetsCommand,
  DescribeTagsCommand,
  DetachNetworkInterfaceCommand,
  ModifyNetworkInterfaceAttributeCommand,
  paginateDescribeInstanceTypes,
  paginateDescribeNetworkInterfaces,
  RunInstancesCommand,
  TerminateInstancesCommand,
  UnassignPrivateIpAddressesCommand,
} from "@aws-sdk/client-ec2";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { instanceTypes } from "@slash28/limits";
import { describe, expect, test } from "vitest";
import { aServedCloud, refusal } from "./lab-cloud.ts";

const { lab, http } = await aServedCloud();

async function createEni(input: Partial<CreateNetworkInterfaceCommand["input"]> = {}) {
  const { NetworkInterface } = await http.ec2.send(new CreateNetworkInterfaceCommand({ SubnetId: lab.subnets[0], ...input }));
  if (NetworkInterface?.NetworkInterfaceId === undefined) throw new Error("no ENI in the reply");
  return { ...NetworkInterface, NetworkInterfaceId: NetworkInterface.NetworkInterfaceId };
}

describe("the life of an ENI as the agent leads it", () => {
  test("create, attach, keep, assign, unassign, detach, delete", async () => {
    const instanceTag = [{ Key: "node.k8s.amazonaws.com/instance_id", Value: lab.instanceId }];
    const eni = await createEni({
      Description: `aws-K8S-${lab.instanceId}`,
      SecondaryPrivateIpAddressCount: 2,
      TagSpecifications: [{ ResourceType: "network-interface", Tags: instanceTag }],
    });
    const id = eni.NetworkInterfaceId;
    expect(eni).toMatchObject({
      Status: "pending",
      InterfaceType: "interface",
      TagSet: instanceTag,
      VpcId: lab.vpcId,
      AvailabilityZone: "us-east-1a",
    });
    expect(eni.PrivateIpAddresses?.map(({ Primary }) => Primary)).toEqual([true, false, false]);

    const { AttachmentId } = await http.ec2.send(
      new AttachNetworkInterfaceCommand({ NetworkInterfaceId: id, InstanceId: lab.instanceId, DeviceIndex: 1 }),
    );
    await http.ec2.send(
      new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId: id, Attachment: { AttachmentId, DeleteOnTermination: true } }),
    );
    const { NetworkInterfaces: [attached] = [] } = await http.ec2.send(new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [id] }));
    expect(attached).toMatchObject({
      Status: "in-use",
      Attachment: {
        AttachmentId,
        InstanceId: lab.instanceId,
        DeviceIndex: 1,
        NetworkCardIndex: 0,
        Status: "attached",
        DeleteOnTermination: true,
      },
    });
    expect(attached?.Attachment?.AttachTime).toBeInstanceOf(Date);

    const assigned = await http.ec2.send(new AssignPrivateIpAddressesCommand({ NetworkInterfaceId: id, Ipv4PrefixCount: 2 }));
    expect(assigned.AssignedPrivateIpAddresses).toEqual([]);
    const prefixes = assigned.AssignedIpv4Prefixes?.map(({ Ipv4Prefix }) => Ipv4Prefix ?? "") ?? [];
    expect(prefixes).toHaveLength(2);
    await http.ec2.send(new UnassignPrivateIpAddressesCommand({ NetworkInterfaceId: id, Ipv4Prefixes: prefixes.slice(0, 1) }));
    const { NetworkInterfaces: [after] = [] } = await http.ec2.send(new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [id] }));
    expect(after?.Ipv4Prefixes).toEqual([{ Ipv4Prefix: prefixes[1] }]);
    expect(after?.PrivateIpAddresses).toHaveLength(3);

    expect(await refusal(http.ec2.send(new DeleteNetworkInterfaceCommand({ NetworkInterfaceId: id })))).toMatch(
      /^400 InvalidParameterValue: .*in use/,
    );
    await http.ec2.send(new DetachNetworkInterfaceCommand({ AttachmentId }));
    await http.ec2.send(new DeleteNetworkInterfaceCommand({ NetworkInterfaceId: id }));
    expect(await refusal(http.ec2.send(new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [id] })))).toMatch(
      new RegExp(`^400 InvalidNetworkInterfaceID.NotFound: .*'${id}'`),
    );
  });

  test("reads and changes one attribute at a time", async () => {
    const { NetworkInterfaceId } = await createEni({ Description: "before" });
    await http.ec2.send(new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId, Description: { Value: "after" } }));
    const asked = { NetworkInterfaceId, Attribute: "description" } as const;
    expect((await http.ec2.send(new DescribeNetworkInterfaceAttributeCommand(asked))).Description?.Value).toBe("after");
    await http.ec2.send(new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId, SourceDestCheck: { Value: false } }));
    const check = await http.ec2.send(new DescribeNetworkInterfaceAttributeCommand({ ...asked, Attribute: "sourceDestCheck" }));
    expect(check.SourceDestCheck?.Value).toBe(false);
    const both = { NetworkInterfaceId, Description: { Value: "x" }, SourceDestCheck: { Value: true } };
    expect(await refusal(http.ec2.send(new ModifyNetworkInterfaceAttributeCommand(both)))).toMatch(/^400 InvalidParameterCombination/);
    expect(await refusal(http.ec2.send(new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId })))).toMatch(
      /^400 MissingParameter/,
    );
  });

  test("an idempotent creation repeated gives the same ENI", async () => {
    const ClientToken = "11111111-2222-3333-4444-555555555555";
    const first = await createEni({ ClientToken });
    const second = await createEni({ ClientToken });
    expect(second.NetworkInterfaceId).toBe(first.NetworkInterfaceId);
  });
});

describe("an instance", () => {
  test("is launched with its ENIs as asked, shown under its reservation, and ended", async () => {
    const launched = await http.ec2.send(
      new RunInstancesCommand({
        ImageId: "ami-0123456789abcdef0",
        InstanceType: "t3.medium",
        MinCount: 1,
        MaxCount: 2,
        NetworkInterfaces: [{ DeviceIndex: 0, SubnetId: lab.subnets[1], Description: "first", SecondaryPrivateIpAddressCount: 1 }],
        MetadataOptions: { HttpTokens: "required", HttpPutResponseHopLimit: 2 },
        TagSpecifications: [
          { ResourceType: "instance", Tags: [{ Key: "Name", Value: "pair" }] },
          { ResourceType: "network-interface", Tags: [{ Key: "of", Value: "pair" }] },
        ],
      }),
    );
    const ids = launched.Instances?.map(({ InstanceId }) => InstanceId ?? "") ?? [];
    const { Reservations } = await http.ec2.send(
      new DescribeInstancesCommand({
        Filters: [
          { Name: "tag:Name", Values: ["p?ir"] },
          { Name: "network-interface.description", Values: ["first"] },
        ],
      }),
    );
    expect(Reservations?.map(({ ReservationId }) => ReservationId)).toEqual([launched.ReservationId]);
    expect(Reservations?.[0]?.Instances?.map(({ InstanceId }) => InstanceId)).toEqual(ids);
    expect(Reservations?.[0]?.Instances?.[0]).toMatchObject({
      InstanceType: "t3.medium",
      State: { Code: 16, Name: "running" },
      SubnetId: lab.subnets[1],
      VpcId: lab.vpcId,
      MetadataOptions: { HttpTokens: "required", HttpPutResponseHopLimit: 2, HttpEndpoint: "enabled" },
      NetworkInterfaces: [{ InterfaceType: "interface", Description: "first", Attachment: { DeviceIndex: 0, NetworkCardIndex: 0 } }],
    });
    expect(Reservations?.[0]?.Instances?.[0]?.NetworkInterfaces?.[0]?.PrivateIpAddresses).toHaveLength(2);

    const ended = await http.ec2.send(new TerminateInstancesCommand({ InstanceIds: ids }));
    expect(ended.TerminatingInstances?.map(({ PreviousState }) => PreviousState?.Name)).toEqual(["running", "running"]);
    const { NetworkInterfaces } = await http.ec2.send(
      new DescribeNetworkInterfacesCommand({ Filters: [{ Name: "tag:of", Values: ["pair"] }] }),
    );
    expect(NetworkInterfaces).toEqual([]);
  });

  test("of a type without room refuses another ENI with the count it would have", async () => {
    const enis = await Promise.all([createEni(), createEni(), createEni()]);
    const attach = (eni: { NetworkInterfaceId: string }, DeviceIndex: number) =>
      http.ec2.send(
        new AttachNetworkInterfaceCommand({ NetworkInterfaceId: eni.NetworkInterfaceId, InstanceId: lab.instanceId, DeviceIndex }),
      );
    const attachments = [await attach(enis[0], 1), await attach(enis[1], 2)];
    expect(await refusal(attach(enis[2], 3))).toBe("400 AttachmentLimitExceeded: Interface count 4 exceeds the limit for m5.large");
    for (const { AttachmentId } of attachments) await http.ec2.send(new DetachNetworkInterfaceCommand({ AttachmentId }));
  });
});

describe("descriptions", () => {
  test("the SDK's paginator sees every ENI once", async () => {
    const made = await Promise.all(Array.from({ length: 12 }, () => createEni({ Description: "paged" })));
    const seen: string[] = [];
    let pages = 0;
    const filter = { Filters: [{ Name: "description", Values: ["paged"] }] };
    for await (const shown of paginateDescribeNetworkInterfaces({ client: http.ec2, pageSize: 5 }, filter)) {
      pages += 1;
      seen.push(...(shown.NetworkInterfaces ?? []).map(({ NetworkInterfaceId }) => NetworkInterfaceId ?? ""));
    }
    expect(pages).toBe(3);
    expect(seen.sort()).toEqual(made.map(({ NetworkInterfaceId }) => NetworkInterfaceId).sort());
  });

  test("every instance type is there, a hundred a page", async () => {
    const seen: string[] = [];
    for await (const shown of paginateDescribeInstanceTypes({ client: http.ec2 }, {})) {
      expect(shown.InstanceTypes?.length).toBeLessThanOrEqual(100);
      seen.push(...(shown.InstanceTypes ?? []).map(({ InstanceType }) => InstanceType ?? ""));
    }
    expect(seen).toEqual(instanceTypes());
  });

  test("a type with several network cards tells of each", async () => {
    const { InstanceTypes: [type] = [] } = await http.ec2.send(new DescribeInstanceTypesCommand({ InstanceTypes: ["p4d.24xlarge"] }));
    expect(type?.NetworkInfo).toMatchObject({ MaximumNetworkInterfaces: 60, MaximumNetworkCards: 4, DefaultNetworkCardIndex: 0 });
    expect(type?.NetworkInfo?.NetworkCards).toHaveLength(4);
    const metal = await http.ec2.send(new DescribeInstanceTypesCommand({ InstanceTypes: ["c6i.metal"] }));
    expect(metal.InstanceTypes?.[0]?.BareMetal).toBe(true);
    expect(metal.InstanceTypes?.[0]).not.toHaveProperty("Hypervisor");
  });

  test("every filter EC2 documents for ENIs is known", async () => {
    const names =
      "addresses.association.owner-id addresses.association.public-ip addresses.primary addresses.private-ip-address " +
      "association.allocation-id association.association-id association.ip-owner-id association.public-dns-name association.public-ip " +
      "attachment.attach-time attachment.attachment-id attachment.delete-on-termination attachment.device-index attachment.instance-id " +
      "attachment.instance-owner-id attachment.status availability-zone availability-zone-id description group-id interface-type " +
      "ipv6-addresses.ipv6-address mac-address network-interface-id operator.managed operator.principal owner-id private-dns-name " +
      "private-ip-address requester-id requester-managed source-dest-check status subnet-id tag:x tag-key vpc-id";
    for (const Name of names.split(" ")) {
      const none = await http.ec2.send(new DescribeNetworkInterfacesCommand({ Filters: [{ Name, Values: ["matches nothing"] }] }));
      expect(none.NetworkInterfaces).toEqual([]);
    }
    const [eni] = lab.cloud.view.attachedEnis(lab.instanceId);
    const primary: ReadonlyArray<readonly [string, string | undefined]> = [
      ["attachment.instance-id", lab.instanceId],
      ["attachment.device-index", "0"],
      ["attachment.status", "attached"],
      ["addresses.primary", "true"],
      ["mac-address", eni?.mac],
      ["private-dns-name", "ip-10-0-0-*.ec2.internal"],
      ["source-dest-check", "true"],
      ["interface-type", "interface"],
      ["group-id", eni?.groups[0]],
      ["vpc-id", lab.vpcId],
    ];
    const Filters = primary.map(([Name, value]) => ({ Name, Values: [value ?? ""] }));
    const found = await http.ec2.send(new DescribeNetworkInterfacesCommand({ Filters }));
    expect(found.NetworkInterfaces?.map(({ NetworkInterfaceId }) => NetworkInterfaceId)).toEqual([eni?.id]);
  });

  test("wrong questions are refused as EC2 refuses them", async () => {
    const subnets = (input: DescribeSubnetsCommand["input"]) => refusal(http.ec2.send(new DescribeSubnetsCommand(input)));
    expect(await subnets({ SubnetIds: ["subnet-00000000000000000"] })).toBe(
      "400 InvalidSubnetID.NotFound: The subnet ID 'subnet-00000000000000000' does not exist",
    );
    expect(await subnets({ Filters: [{ Name: "vpc", Values: ["x"] }] })).toBe("400 InvalidParameterValue: The filter 'vpc' is invalid");
    expect(await subnets({ MaxResults: 4 })).toMatch(/^400 InvalidParameterValue: Value \( 4 \) for parameter maxResults is invalid/);
    expect(await refusal(http.ec2.send(new DescribeInstancesCommand({ InstanceIds: [lab.instanceId], MaxResults: 5 })))).toBe(
      "400 InvalidParameterCombination: The parameter instancesSet cannot be used with the parameter maxResults",
    );
    expect(await refusal(http.ec2.send(new DescribeInstanceTypesCommand({ InstanceTypes: ["m5.huge" as "m5.large"] })))).toMatch(
      /^400 InvalidInstanceType: .*\[m5.huge\]/,
    );
  });
});

describe("connection tracking of an ENI", () => {
  const shown = async (id: string): Promise<unknown> => {
    const { NetworkInterfaces } = await http.ec2.send(new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [id] }));
    return NetworkInterfaces?.[0]?.ConnectionTrackingConfiguration;
  };

  test("is shown as it was set at creation and changed since", async () => {
    const { NetworkInterfaceId: id } = await createEni({ ConnectionTrackingSpecification: { TcpEstablishedTimeout: 350 } });
    expect(await shown(id)).toEqual({ TcpEstablishedTimeout: 350 });
    const change = { NetworkInterfaceId: id, ConnectionTrackingSpecification: { UdpTimeout: 45 } };
    await http.ec2.send(new ModifyNetworkInterfaceAttributeCommand(change));
    expect(await shown(id)).toEqual({ TcpEstablishedTimeout: 350, UdpTimeout: 45 });
    await http.ec2.send(new DeleteNetworkInterfaceCommand({ NetworkInterfaceId: id }));
  });

  test("is refused out of EC2's bounds, and not shown when nobody set it", async () => {
    const wanted = { SubnetId: lab.subnets[0], ConnectionTrackingSpecification: { UdpTimeout: 61 } };
    expect(await refusal(http.ec2.send(new CreateNetworkInterfaceCommand(wanted)))).toMatch(/^400 InvalidParameterValue/);
    const { NetworkInterfaceId: id } = await createEni();
    expect(await shown(id)).toBeUndefined();
    await http.ec2.send(new DeleteNetworkInterfaceCommand({ NetworkInterfaceId: id }));
  });
});

describe("a dry run", () => {
  test("of what would succeed is a 412 and changes nothing", async () => {
    const revision = lab.cloud.revision;
    const dryRuns = [
      http.ec2.send(new CreateNetworkInterfaceCommand({ SubnetId: lab.subnets[0], DryRun: true })),
      http.ec2.send(new CreateTagsCommand({ Resources: [lab.instanceId], Tags: [{ Key: "a", Value: "b" }], DryRun: true })),
      http.ec2.send(new DescribeInstanceTypesCommand({ DryRun: true })),
    ];
    for (const call of dryRuns)
      expect(await refusal(call)).toMatch(/^412 DryRunOperation: Request would have succeeded, but DryRun flag is set/);
    expect(lab.cloud.revision).toBe(revision);
  });

  test("of what would fail is that failure", async () => {
    const call = http.ec2.send(new CreateNetworkInterfaceCommand({ SubnetId: "subnet-00000000000000000", DryRun: true }));
    expect(await refusal(call)).toMatch(/^400 InvalidSubnetID.NotFound/);
    expect(await refusal(http.ec2.send(new DescribeSubnetsCommand({ DryRun: true, Filters: [{ Name: "x", Values: ["y"] }] })))).toMatch(
      /^400 InvalidParameterValue/,
    );
  });
});

test("tags are put on, listed, filtered by, and taken off", async () => {
  const { NetworkInterfaceId } = await createEni();
  const Resources = [NetworkInterfaceId];
  await http.ec2.send(
    new CreateTagsCommand({
      Resources,
      Tags: [
        { Key: "cluster", Value: "lab" },
        { Key: "owner", Value: "me" },
      ],
    }),
  );
  const tagged = await http.ec2.send(new DescribeNetworkInterfacesCommand({ Filters: [{ Name: "tag:cluster", Values: ["lab"] }] }));
  expect(tagged.NetworkInterfaces?.map((eni) => eni.NetworkInterfaceId)).toEqual(Resources);
  const listed = (filters: DescribeTagsCommand["input"]["Filters"] = []) =>
    http.ec2.send(new DescribeTagsCommand({ Filters: [{ Name: "resource-id", Values: Resources }, ...filters] }));
  expect((await listed([{ Name: "tag:owner", Values: ["m*"] }])).Tags).toEqual([
    { Key: "owner", Value: "me", ResourceId: NetworkInterfaceId, ResourceType: "network-interface" },
  ]);
  await http.ec2.send(new DeleteTagsCommand({ Resources, Tags: [{ Key: "owner", Value: "other" }, { Key: "cluster" }] }));
  expect((await listed()).Tags?.map(({ Key }) => Key)).toEqual(["owner"]);
  await http.ec2.send(new DeleteTagsCommand({ Resources }));
  expect((await listed()).Tags).toEqual([]);
});

test("STS tells who signed", async () => {
  const identity = async (accessKeyId: string) => {
    const sts = new STSClient({ endpoint: http.url, region: "us-east-1", credentials: { accessKeyId, secretAccessKey: "x" } });
    const { Account, Arn } = await sts.send(new GetCallerIdentityCommand({}));
    sts.destroy();
    return { Account, Arn };
  };
  expect(await identity("AKIALAB")).toEqual({ Account: "123456789012", Arn: "arn:aws:iam::123456789012:user/lab" });
});
