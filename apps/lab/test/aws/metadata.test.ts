import { cidr4, ipv4, type InstanceId } from "@slash28/address";
import { describe, expect, test } from "vitest";
import { createMetadataService, type MetadataService } from "../../src/aws/index.ts";
import { readMetadata } from "../../src/aws/metadata/metadata-tree.ts";
import { parseTtlSeconds } from "../../src/aws/metadata/session-tokens.ts";
import { aLabCloud, aManualClock, anInstance, given, START_MS, type ManualClock } from "./lab-cloud.ts";

const TTL = "X-aws-ec2-metadata-token-ttl-seconds";
const TOKEN = "X-aws-ec2-metadata-token";
const CALL = { now: START_MS };

interface Asking {
  readonly service: MetadataService;
  get(path: string, headers?: Record<string, string>): Promise<string>;
  token(headers?: Record<string, string>): Promise<Response>;
}

function asking(
  cloud: ReturnType<typeof aLabCloud>["cloud"],
  instanceId: InstanceId,
  clock: ManualClock = aManualClock(),
  lagMs = 0,
): Asking {
  const service = createMetadataService({ cloud, instanceId, clock, lagMs });
  const ask = (path: string, init: RequestInit): Promise<Response> => service.fetch(new Request(`http://169.254.169.254${path}`, init));
  return {
    service,
    token: (headers = { [TTL]: "60" }) => ask("/latest/api/token", { method: "PUT", headers }),
    async get(path, headers = {}) {
      const response = await ask(path, { headers });
      return response.status === 200 ? response.text() : `${response.status}`;
    },
  };
}

/** A token is needed unless a test says otherwise. */
function withMetadata(needsToken: boolean) {
  const lab = aLabCloud();
  given(lab.cloud.modifyMetadataOptions({ instanceId: lab.instanceId, options: { needsToken } }, CALL));
  return lab;
}

describe("session tokens", () => {
  test("are given for a TTL, which the reply repeats, and open every path until they end", async () => {
    const { cloud, instanceId } = withMetadata(true);
    const clock = aManualClock();
    const imds = asking(cloud, instanceId, clock);
    const reply = await imds.token();
    expect(reply.status).toBe(200);
    expect(reply.headers.get(TTL)).toBe("60");
    const token = await reply.text();
    expect(await imds.get("/latest/meta-data/instance-id", { [TOKEN]: token })).toBe(instanceId);
    await clock.advance(59_999);
    expect(await imds.get("/latest/meta-data/instance-id", { [TOKEN]: token })).toBe(instanceId);
    await clock.advance(1);
    expect(await imds.get("/latest/meta-data/instance-id", { [TOKEN]: token })).toBe("401");
  });

  test("are needed where the instance says so; a wrong one is refused everywhere", async () => {
    const strict = withMetadata(true);
    expect(await asking(strict.cloud, strict.instanceId).get("/latest/meta-data/instance-id")).toBe("401");
    const open = withMetadata(false);
    const imds = asking(open.cloud, open.instanceId);
    expect(await imds.get("/latest/meta-data/instance-id")).toBe(open.instanceId);
    expect(await imds.get("/latest/meta-data/instance-id", { [TOKEN]: "made up" })).toBe("401");
  });

  test("of one instance open nothing on another", async () => {
    const { cloud, instanceId, subnets } = withMetadata(true);
    const other = anInstance(cloud, subnets[1]);
    const token = await (await asking(cloud, other.id).token()).text();
    expect(await asking(cloud, instanceId).get("/latest/meta-data/instance-id", { [TOKEN]: token })).toBe("401");
  });

  test("are refused without a TTL, through a proxy, and by other methods", async () => {
    const { cloud, instanceId } = withMetadata(true);
    const imds = asking(cloud, instanceId);
    expect((await imds.token({})).status).toBe(400);
    expect((await imds.token({ [TTL]: "60", "X-Forwarded-For": "10.0.0.9" })).status).toBe(403);
    expect(await imds.get("/latest/api/token")).toBe("405");
  });

  test.each([
    ["1", 1],
    ["21600", 21_600],
    ["0", undefined],
    ["21601", undefined],
    ["-1", undefined],
    ["1e3", undefined],
    [null, undefined],
  ] as const)("a TTL of %s reads as %s", (header, seconds) => {
    expect(parseTtlSeconds(header)).toBe(seconds);
  });

  test("nothing answers where the metadata service is switched off", async () => {
    const { cloud, instanceId } = withMetadata(false);
    given(cloud.modifyMetadataOptions({ instanceId, options: { isEnabled: false } }, CALL));
    const imds = asking(cloud, instanceId);
    expect(await imds.get("/latest/meta-data/instance-id")).toBe("403");
    expect((await imds.token()).status).toBe(403);
  });
});

describe("paths", () => {
  test("a directory lists its names with and without the slash, a leaf answers without, nothing ends in a newline", () => {
    const root = { a: { b: "1", c: { d: "2" } }, e: undefined };
    expect(readMetadata(root, "/a")).toBe("b\nc/");
    expect(readMetadata(root, "/a/")).toBe("b\nc/");
    expect(readMetadata(root, "/a/c/d")).toBe("2");
    for (const path of ["/a/b/", "/a/x", "/e", "/a//b", "/toString", "/a/b/x"]) expect(readMetadata(root, path)).toBeUndefined();
  });

  test("tell of the instance, its ENIs, subnets and VPC", async () => {
    const { cloud, instanceId, vpcId, subnets } = withMetadata(false);
    const [primary] = cloud.view.attachedEnis(instanceId);
    if (primary === undefined) throw new Error("no primary ENI");
    const imds = asking(cloud, instanceId);
    const data = (path: string): Promise<string> => imds.get(`/latest/meta-data/${path}`);
    const mac = `network/interfaces/macs/${primary.mac}`;
    expect(await data("instance-type")).toBe("m5.large");
    expect(await data("placement/availability-zone-id")).toBe("use1-az1");
    expect(await data("placement/region")).toBe("us-east-1");
    expect(await data("mac")).toBe(primary.mac);
    expect(await data("network/interfaces/macs")).toBe(`${primary.mac}/`);
    expect(await data(`${mac}/interface-id`)).toBe(primary.id);
    expect(await data(`${mac}/device-number`)).toBe("0");
    expect(await data(`${mac}/subnet-id`)).toBe(subnets[0]);
    expect(await data(`${mac}/subnet-ipv4-cidr-block`)).toBe("10.0.0.0/24");
    expect(await data(`${mac}/vpc-id`)).toBe(vpcId);
    expect(await data(`${mac}/security-groups`)).toBe("default");
    expect(await data("local-ipv4")).toBe(await data(`${mac}/local-ipv4s`));
    for (const absent of [`${mac}/ipv4-prefix`, `${mac}/ipv6s`, `${mac}/network-card`, "spot/instance-action", "tags/instance"]) {
      expect(await data(absent)).toBe("404");
    }
  });

  test("list all blocks of the VPC, secondary addresses after the primary one, prefixes apart", async () => {
    const { cloud, instanceId, vpcId } = withMetadata(false);
    const [primary] = cloud.view.attachedEnis(instanceId);
    if (primary === undefined) throw new Error("no primary ENI");
    given(cloud.associateVpcCidr({ vpcId, cidr: cidr4("100.64.0.0/16") }, CALL));
    given(cloud.assignAddresses({ eniId: primary.id, carry: { addresses: [ipv4("10.0.0.200")] } }, CALL));
    given(cloud.assignAddresses({ eniId: primary.id, carry: { prefixes: [cidr4("10.0.0.64/28"), cidr4("10.0.0.80/28")] } }, CALL));
    const mac = `/latest/meta-data/network/interfaces/macs/${primary.mac}`;
    const imds = asking(cloud, instanceId);
    expect(await imds.get(`${mac}/vpc-ipv4-cidr-blocks`)).toBe("10.0.0.0/16\n100.64.0.0/16");
    expect((await imds.get(`${mac}/local-ipv4s`)).split("\n").slice(1)).toEqual(["10.0.0.200"]);
    expect(await imds.get(`${mac}/ipv4-prefix`)).toBe("10.0.0.64/28\n10.0.0.80/28");
    expect((await imds.get(mac)).split("\n")).toContain("ipv4-prefix");
  });

  test("name the network card on types that have several", async () => {
    const { cloud, subnets } = withMetadata(false);
    const big = anInstance(cloud, subnets[0], "p4d.24xlarge");
    given(cloud.modifyMetadataOptions({ instanceId: big.id, options: { needsToken: false } }, CALL));
    const [eni] = cloud.view.attachedEnis(big.id);
    expect(await asking(cloud, big.id).get(`/latest/meta-data/network/interfaces/macs/${eni?.mac}/network-card`)).toBe("0");
  });

  test("show the role's credentials, tags when they are shown, and the identity document", async () => {
    const { cloud, instanceId } = withMetadata(false);
    given(cloud.modifyMetadataOptions({ instanceId, options: { showsTags: true } }, CALL));
    const imds = asking(cloud, instanceId);
    expect(await imds.get("/latest/meta-data/iam/security-credentials/")).toBe("lab-node");
    expect(JSON.parse(await imds.get("/latest/meta-data/iam/security-credentials/lab-node"))).toMatchObject({
      Code: "Success",
      Type: "AWS-HMAC",
      AccessKeyId: expect.stringMatching(/^ASIA[0-9A-Z]{16}$/),
      Expiration: "2030-01-31T18:00:00Z",
    });
    expect(await imds.get("/latest/meta-data/iam/security-credentials/other")).toBe("404");
    expect(await imds.get("/latest/meta-data/tags/instance")).toBe("Name");
    expect(await imds.get("/latest/meta-data/tags/instance/Name")).toBe("node");
    expect(JSON.parse(await imds.get("/latest/dynamic/instance-identity/document"))).toMatchObject({
      accountId: "123456789012",
      architecture: "x86_64",
      availabilityZone: "us-east-1a",
      instanceId,
      instanceType: "m5.large",
      region: "us-east-1",
      version: "2017-09-30",
    });
  });

  test("are gone with the instance", async () => {
    const { cloud, instanceId } = withMetadata(false);
    given(cloud.terminateInstances({ instanceIds: [instanceId] }, CALL));
    expect(await asking(cloud, instanceId).get("/latest/meta-data/instance-id")).toBe("404");
  });
});

describe("a service that lags", () => {
  test("shows an assigned address only after the lag, in the order things happened", async () => {
    const { cloud, instanceId } = withMetadata(false);
    const clock = aManualClock();
    const imds = asking(cloud, instanceId, clock, 1500);
    const [primary] = cloud.view.attachedEnis(instanceId);
    if (primary === undefined) throw new Error("no primary ENI");
    const addresses = async (): Promise<number> =>
      (await imds.get(`/latest/meta-data/network/interfaces/macs/${primary.mac}/local-ipv4s`)).split("\n").length;
    const assign = (): void => void given(cloud.assignAddresses({ eniId: primary.id, carry: { addressCount: 1 } }, { now: clock.now() }));
    assign();
    expect(await addresses()).toBe(1);
    await clock.advance(1000);
    assign();
    await clock.advance(499);
    expect(await addresses()).toBe(1);
    await clock.advance(1);
    expect(await addresses()).toBe(2);
    await clock.advance(1000);
    expect(await addresses()).toBe(3);
    imds.service.close();
  });

  test("does not show an ENI that is still attaching", async () => {
    const lab = aLabCloud({ settle: "by-caller" });
    const { cloud, instanceId, subnets } = lab;
    given(cloud.settleInstance({ instanceId }, CALL));
    given(cloud.modifyMetadataOptions({ instanceId, options: { needsToken: false } }, CALL));
    const eni = given(cloud.createEni({ subnetId: subnets[0] }, CALL));
    const attachment = given(cloud.attachEni({ eniId: eni.id, instanceId, deviceIndex: 1 }, CALL));
    const imds = asking(cloud, instanceId);
    expect(await imds.get(`/latest/meta-data/network/interfaces/macs/${eni.mac}`)).toBe("404");
    given(cloud.settleAttachment({ attachmentId: attachment.id }, CALL));
    expect(await imds.get(`/latest/meta-data/network/interfaces/macs/${eni.mac}/device-number`)).toBe("1");
  });
});
