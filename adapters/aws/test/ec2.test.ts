import { asId, cidr4, ipv4, type EniId } from "@slash28/address";
import type { Ec2, Fault } from "@slash28/ports";
import { describe, expect, test } from "vitest";
import { createEc2, type ApiCall, type Ec2Options } from "../src/index.ts";
import { loopback, stillClock, type Answer, type Asked } from "./loopback.ts";

const KEYS = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" };

function client(endpoint: string, more: Partial<Ec2Options> = {}): Ec2 {
  return createEc2({
    region: "us-east-1",
    credentials: () => Promise.resolve(KEYS),
    clock: stillClock(),
    random: () => 0.5,
    endpoint,
    ...more,
  });
}

const ENI = `<networkInterfaceId>eni-0a</networkInterfaceId><subnetId>subnet-0a</subnetId><vpcId>vpc-0a</vpcId><description>aws-K8S-i-0a &amp; co</description>
<status>in-use</status><macAddress>02:00:00:00:00:0A</macAddress><privateIpAddress>10.0.1.5</privateIpAddress><interfaceType>interface</interfaceType>
<groupSet><item><groupId>sg-0a</groupId><groupName>g</groupName></item></groupSet>
<tagSet><item><key>k</key><value>v</value></item><item><key>empty</key><value/></item></tagSet>
<privateIpAddressesSet><item><privateIpAddress>10.0.1.5</privateIpAddress><primary>true</primary></item><item><privateIpAddress>10.0.1.6</privateIpAddress><primary>false</primary></item></privateIpAddressesSet>
<ipv4PrefixSet><item><ipv4Prefix>10.0.1.16/28</ipv4Prefix></item></ipv4PrefixSet>
<attachment><attachmentId>eni-attach-0a</attachmentId><instanceId>i-0a</instanceId><deviceIndex>1</deviceIndex><networkCardIndex>0</networkCardIndex><deleteOnTermination>true</deleteOnTermination></attachment>`;

const eniOf = {
  id: "eni-0a",
  mac: "02:00:00:00:00:0a",
  subnetId: "subnet-0a",
  vpcId: "vpc-0a",
  description: "aws-K8S-i-0a & co",
  kind: "interface",
  status: "in-use",
  primaryAddress: ipv4("10.0.1.5"),
  addresses: [ipv4("10.0.1.6")],
  prefixes: [cidr4("10.0.1.16/28")],
  groups: ["sg-0a"],
  tags: { k: "v", empty: "" },
  attachment: { id: "eni-attach-0a", instanceId: "i-0a", deviceIndex: 1, networkCard: 0, deleteOnTermination: true },
};

function page(enis: string, token = ""): Answer {
  return {
    body: `<?xml version="1.0"?>\n<DescribeNetworkInterfacesResponse xmlns="x"><requestId>r</requestId><networkInterfaceSet>${enis}</networkInterfaceSet>${token}</DescribeNetworkInterfacesResponse>`,
  };
}
function refusal(code: string, message = "no", status = 400): Answer {
  return { status, body: `<Response><Errors><Error><Code>${code}</Code><Message>${message}</Message></Error></Errors></Response>` };
}
const done = (asked: Asked): Answer => ({
  body: `<${asked.form.get("Action")}Response><return>true</return></${asked.form.get("Action")}Response>`,
});
const form = (asked: Asked | undefined): Record<string, string> => Object.fromEntries(asked?.form ?? []);

describe("reading", () => {
  test("an instance's ENIs come page by page, signed, every field decoded", async () => {
    await using ec2 = await loopback((_, number) => (number === 1 ? page(`<item>${ENI}</item>`, "<nextToken>t</nextToken>") : page("")));
    expect(await client(ec2.url).describeAttachedEnis(asId("i-0a"))).toEqual([eniOf]);
    expect(form(ec2.asked[0])).toEqual({
      Action: "DescribeNetworkInterfaces",
      Version: "2016-11-15",
      "Filter.1.Name": "attachment.instance-id",
      "Filter.1.Value.1": "i-0a",
      MaxResults: "1000",
    });
    expect(ec2.asked[1]?.form.get("NextToken")).toBe("t");
    expect(ec2.asked[0]?.headers.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/us-east-1\/ec2\/aws4_request, SignedHeaders=\S+, Signature=[0-9a-f]{64}$/,
    );
  });

  test("connection tracking is what was set of it; an ENI with EC2's defaults has none", async () => {
    const tracking = `<connectionTrackingConfiguration><tcpEstablishedTimeout>350</tcpEstablishedTimeout></connectionTrackingConfiguration>`;
    await using ec2 = await loopback(() => page(`<item>${ENI}${tracking}</item><item>${ENI}<connectionTrackingConfiguration/></item>`));
    const [set, unset] = await client(ec2.url).describeAttachedEnis(asId("i-0a"));
    expect(set?.connectionTracking).toEqual({ tcpEstablishedTimeout: 350 });
    expect(unset).toEqual(eniOf);
  });

  test("an instance type with several network cards tells each card's own ENIs", async () => {
    const cards = [0, 1].map(
      (index) =>
        `<item><networkCardIndex>${index}</networkCardIndex><maximumNetworkInterfaces>${15 - index}</maximumNetworkInterfaces></item>`,
    );
    const network = `<maximumNetworkInterfaces>29</maximumNetworkInterfaces><maximumNetworkCards>2</maximumNetworkCards><defaultNetworkCardIndex>0</defaultNetworkCardIndex><networkCards>${cards.join("")}</networkCards><ipv4AddressesPerInterface>50</ipv4AddressesPerInterface>`;
    const type = `<instanceType>zz9.24xlarge</instanceType><bareMetal>false</bareMetal><hypervisor>nitro</hypervisor><vCpuInfo><defaultVCpus>96</defaultVCpus></vCpuInfo><networkInfo>${network}</networkInfo>`;
    await using ec2 = await loopback(() => ({
      body: `<DescribeInstanceTypesResponse><instanceTypeSet><item>${type}</item></instanceTypeSet></DescribeInstanceTypesResponse>`,
    }));
    expect(await client(ec2.url).describeInstanceType("zz9.24xlarge")).toEqual({
      type: "zz9.24xlarge",
      hypervisor: "nitro",
      bareMetal: false,
      ipv4PerEni: 50,
      networkCards: [
        { index: 0, maxEnis: 15 },
        { index: 1, maxEnis: 14 },
      ],
      defaultNetworkCard: 0,
      vcpus: 96,
    });
    expect(form(ec2.asked[0])).toMatchObject({ Action: "DescribeInstanceTypes", "InstanceType.1": "zz9.24xlarge" });
  });

  test("leaked ENIs are asked for by state and tags; an empty value asks for the key alone", async () => {
    await using ec2 = await loopback(() => page(""));
    expect(await client(ec2.url).describeFreeEnis(asId("vpc-0a"), { "node/id": "", cluster: "c" })).toEqual([]);
    expect(form(ec2.asked[0])).toMatchObject({
      "Filter.1.Name": "vpc-id",
      "Filter.2.Name": "status",
      "Filter.2.Value.1": "available",
      "Filter.3.Name": "tag-key",
      "Filter.3.Value.1": "node/id",
      "Filter.4.Name": "tag:cluster",
      "Filter.4.Value.1": "c",
    });
  });

  test("no ids, no call", async () => {
    await using ec2 = await loopback(() => page(""));
    expect(await client(ec2.url).describeEnis([])).toEqual([]);
    expect(ec2.asked).toEqual([]);
  });

  test("subnets with their free addresses", async () => {
    const item = `<item><subnetId>subnet-0a</subnetId><vpcId>vpc-0a</vpcId><availabilityZone>us-east-1a</availabilityZone><cidrBlock>10.0.1.0/24</cidrBlock><availableIpAddressCount>251</availableIpAddressCount></item>`;
    await using ec2 = await loopback(() => ({ body: `<DescribeSubnetsResponse><subnetSet>${item}</subnetSet></DescribeSubnetsResponse>` }));
    expect(await client(ec2.url).describeSubnets(asId("vpc-0a"), "us-east-1a")).toEqual([
      { id: "subnet-0a", vpcId: "vpc-0a", zone: "us-east-1a", cidr: cidr4("10.0.1.0/24"), freeAddresses: 251, tags: {} },
    ]);
  });
});

describe("changing", () => {
  test("a new ENI says all it is to be, and a retry repeats its client token", async () => {
    await using ec2 = await loopback((asked, number) =>
      number === 1
        ? refusal("RequestLimitExceeded", "slow", 503)
        : { body: `<CreateNetworkInterfaceResponse><networkInterface>${ENI}</networkInterface></CreateNetworkInterfaceResponse>` },
    );
    const made = await client(ec2.url).createEni({
      subnetId: asId("subnet-0a"),
      groups: [asId("sg-0a"), asId("sg-0b")],
      description: "aws-K8S-i-0a",
      tags: { a: "1", b: "" },
      connectionTracking: { tcpEstablishedTimeout: 350, udpTimeout: 45 },
      carry: { kind: "prefixes", count: 2 },
      clientToken: "one-of-a-kind",
    });
    expect(made).toEqual(eniOf);
    const { ClientToken: token, ...rest } = form(ec2.asked[1]);
    expect(token).toBe("one-of-a-kind");
    expect(form(ec2.asked[0])["ClientToken"]).toBe(token);
    expect(rest).toEqual({
      Action: "CreateNetworkInterface",
      Version: "2016-11-15",
      SubnetId: "subnet-0a",
      "SecurityGroupId.1": "sg-0a",
      "SecurityGroupId.2": "sg-0b",
      Description: "aws-K8S-i-0a",
      "TagSpecification.1.ResourceType": "network-interface",
      "TagSpecification.1.Tag.1.Key": "a",
      "TagSpecification.1.Tag.1.Value": "1",
      "TagSpecification.1.Tag.2.Key": "b",
      "TagSpecification.1.Tag.2.Value": "",
      "ConnectionTrackingSpecification.TcpEstablishedTimeout": "350",
      "ConnectionTrackingSpecification.UdpTimeout": "45",
      Ipv4PrefixCount: "2",
    });
  });

  test("the other calls send what EC2 expects", async () => {
    await using ec2 = await loopback((asked) => {
      switch (asked.form.get("Action")) {
        case "AttachNetworkInterface":
          return { body: "<AttachNetworkInterfaceResponse><attachmentId>eni-attach-0b</attachmentId></AttachNetworkInterfaceResponse>" };
        case "AssignPrivateIpAddresses":
          return {
            body: `<AssignPrivateIpAddressesResponse><assignedPrivateIpAddressesSet><item><privateIpAddress>10.0.1.7</privateIpAddress></item></assignedPrivateIpAddressesSet>
              <assignedIpv4PrefixSet><item><ipv4Prefix>10.0.1.32/28</ipv4Prefix></item></assignedIpv4PrefixSet></AssignPrivateIpAddressesResponse>`,
          };
        default:
          return done(asked);
      }
    });
    const node = client(ec2.url);
    const eni: EniId = asId("eni-0a");
    expect(await node.attachEni(eni, asId("i-0a"), 2, 0)).toBe("eni-attach-0b");
    await node.deleteOnTermination(eni, asId("eni-attach-0b"));
    expect(await node.assignAddresses(eni, 1)).toEqual([ipv4("10.0.1.7")]);
    expect(await node.assignPrefixes(eni, 1)).toEqual([cidr4("10.0.1.32/28")]);
    await node.unassign(eni, { addresses: [ipv4("10.0.1.7")], prefixes: [cidr4("10.0.1.32/28")] });
    await node.setGroups(eni, [asId("sg-0b")]);
    await node.tag(eni, { a: "1" });
    await node.detachEni(asId("eni-attach-0b"));
    await node.deleteEni(eni);
    const sent = ec2.asked.map((asked) => decodeURIComponent(asked.body).replace("&Version=2016-11-15", "").replace("Action=", ""));
    expect(sent.join("\n")).toMatchInlineSnapshot(`
      "AttachNetworkInterface&NetworkInterfaceId=eni-0a&InstanceId=i-0a&DeviceIndex=2&NetworkCardIndex=0
      ModifyNetworkInterfaceAttribute&NetworkInterfaceId=eni-0a&Attachment.AttachmentId=eni-attach-0b&Attachment.DeleteOnTermination=true
      AssignPrivateIpAddresses&NetworkInterfaceId=eni-0a&SecondaryPrivateIpAddressCount=1
      AssignPrivateIpAddresses&NetworkInterfaceId=eni-0a&Ipv4PrefixCount=1
      UnassignPrivateIpAddresses&NetworkInterfaceId=eni-0a&Ipv4Prefix.1=10.0.1.32/28
      UnassignPrivateIpAddresses&NetworkInterfaceId=eni-0a&PrivateIpAddress.1=10.0.1.7
      ModifyNetworkInterfaceAttribute&NetworkInterfaceId=eni-0a&SecurityGroupId.1=sg-0b
      CreateTags&ResourceId.1=eni-0a&Tag.1.Key=a&Tag.1.Value=1
      DetachNetworkInterface&AttachmentId=eni-attach-0b
      DeleteNetworkInterface&NetworkInterfaceId=eni-0a"
    `);
  });

  test("deleting an ENI that is gone succeeds", async () => {
    await using ec2 = await loopback(() => refusal("InvalidNetworkInterfaceID.NotFound"));
    await expect(client(ec2.url).deleteEni(asId("eni-0a"))).resolves.toBeUndefined();
  });
});

describe("failing", () => {
  test.each([
    ["RequestLimitExceeded", 503, "EC2_THROTTLED"],
    ["UnauthorizedOperation", 403, "EC2_UNAUTHORIZED"],
    ["InsufficientFreeAddressesInSubnet", 400, "SUBNET_FULL"],
    ["InsufficientCidrBlocks", 400, "SUBNET_FRAGMENTED"],
    ["PrivateIpAddressLimitExceeded", 400, "ENI_ADDRESS_LIMIT"],
    ["InvalidNetworkInterfaceID.NotFound", 400, "ENI_GONE"],
    ["InvalidParameterValue", 400, "EC2_FAILED"],
    ["InternalError", 500, "EC2_UNREACHABLE"],
  ])("%s (%i) is the fault %s", async (code, status, fault) => {
    await using ec2 = await loopback(() => refusal(code, "why", status));
    await expect(client(ec2.url).assignPrefixes(asId("eni-0a"), 1)).rejects.toMatchObject({
      code: fault,
      fields: { api: "AssignPrivateIpAddresses", code, eni: "eni-0a" },
    });
  });

  test("a call without an answer ends after the time that one exchange may take", async () => {
    await using ec2 = await loopback(() => "say nothing");
    await expect(client(ec2.url, { timeoutMs: 50, tries: 1 }).detachEni(asId("eni-attach-0a"))).rejects.toMatchObject({
      code: "EC2_UNREACHABLE",
    });
  });

  test("CreateNetworkInterface's own word for a fragmented subnet is understood, and only for prefixes", async () => {
    await using ec2 = await loopback(() => refusal("InvalidParameterValue", "There aren't sufficient free Ipv4 addresses or prefixes"));
    const base = { subnetId: asId("subnet-0a"), groups: [], description: "", tags: {} } as const;
    const node = client(ec2.url);
    await expect(node.createEni({ ...base, carry: { kind: "prefixes", count: 1 } } as never)).rejects.toMatchObject({
      code: "SUBNET_FRAGMENTED",
      fields: { subnet: "subnet-0a" },
    });
    await expect(node.createEni({ ...base, carry: { kind: "addresses", count: 1 } } as never)).rejects.toMatchObject({
      code: "EC2_FAILED",
    });
  });

  test("throttling is tried again with growing, jittered pauses for a few seconds; a refusal is not", async () => {
    const clock = stillClock();
    await using slow = await loopback(() => refusal("RequestLimitExceeded", "slow", 503));
    await expect(client(slow.url, { clock }).detachEni(asId("eni-attach-0a"))).rejects.toMatchObject({ code: "EC2_THROTTLED" });
    expect(clock.slept).toEqual([2_000]);
    expect(slow.asked).toHaveLength(2);
    await using firm = await loopback(() => refusal("UnauthorizedOperation", "no", 403));
    await expect(client(firm.url).detachEni(asId("eni-attach-0a"))).rejects.toMatchObject({ code: "EC2_UNAUTHORIZED" });
    expect(firm.asked).toHaveLength(1);
  });

  test("a refusal after a try without an answer does not say that nothing was done", async () => {
    const answers = ["hang up" as const, refusal("RequestLimitExceeded", "slow", 503), refusal("UnauthorizedOperation", "no", 403)];
    await using ec2 = await loopback((_, number) => answers[number - 1] ?? "hang up");
    await expect(client(ec2.url, { tries: 3 }).detachEni(asId("eni-attach-0a"))).rejects.toMatchObject({ code: "EC2_UNREACHABLE" });
    expect(ec2.asked).toHaveLength(3);
  });

  test("an endpoint that hangs up, or talks nonsense, is a fault that names the call", async () => {
    await using gone = await loopback(() => "hang up");
    await expect(client(gone.url).describeAttachedEnis(asId("i-0a"))).rejects.toMatchObject({
      name: "Fault",
      code: "EC2_UNREACHABLE",
      fields: { api: "DescribeNetworkInterfaces" },
    });
    for (const body of ["not xml", "", "<a><b></a>", page(`<item>${ENI.replace("10.0.1.5", "10.0.1.500")}</item>`).body]) {
      await using odd = await loopback(() => ({ body }));
      await expect(client(odd.url).describeAttachedEnis(asId("i-0a")), body).rejects.toMatchObject({
        code: "EC2_FAILED",
        fields: { code: "UnexpectedAnswer" },
      });
    }
  });

  test("every exchange is metered once, with its code", async () => {
    const calls: Pick<ApiCall, "api" | "code" | "failed">[] = [];
    await using ec2 = await loopback((asked, number) => (number === 1 ? refusal("RequestLimitExceeded", "", 503) : done(asked)));
    const node = client(ec2.url, { meter: ({ api, code, failed }) => calls.push({ api, code, failed }) });
    await node.tag("eni-0a", { a: "1" });
    expect(calls).toEqual([
      { api: "CreateTags", code: "RequestLimitExceeded", failed: true },
      { api: "CreateTags", code: "200", failed: false },
    ]);
    const fault: Fault = (await client(ec2.url)
      .attachEni(asId("eni-0a"), asId("i-0a"), 1, 0)
      .catch((cause: Fault) => cause)) as Fault;
    expect(fault.message).toContain("attachmentId is missing");
  });
});
