import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cidr4, ipv4 } from "@slash28/address";
import { describe, expect, test } from "vitest";
import { createImds, createMetadata, credentialSource, type Imds } from "../src/index.ts";
import { loopback, stillClock, type Answer, type Asked, type Loopback } from "./loopback.ts";

const MAC = "02:00:00:00:00:01";
const AT = `meta-data/network/interfaces/macs/${MAC}`;
const OTHER = "meta-data/network/interfaces/macs/02:00:00:00:00:02";

const NODE: Readonly<Record<string, string>> = {
  "meta-data/mac": MAC,
  "meta-data/instance-id": "i-0a",
  "meta-data/instance-type": "m5.large",
  "meta-data/placement/availability-zone": "us-east-1a",
  "meta-data/placement/region": "us-east-1",
  "meta-data/local-ipv4": "10.0.1.5",
  "meta-data/network/interfaces/macs/": `${MAC}/\n02:00:00:00:00:02/`,
  [`${AT}/interface-id`]: "eni-0a",
  [`${AT}/device-number`]: "0",
  [`${AT}/subnet-id`]: "subnet-0a",
  [`${AT}/subnet-ipv4-cidr-block`]: "10.0.1.0/24",
  [`${AT}/vpc-id`]: "vpc-0a",
  [`${AT}/vpc-ipv4-cidr-blocks`]: "10.0.0.0/16\n100.64.0.0/16",
  [`${AT}/security-group-ids`]: "sg-0a\nsg-0b",
  [`${AT}/local-ipv4s`]: "10.0.1.5\n10.0.1.9",
  [`${AT}/ipv4-prefix`]: "10.0.1.16/28",
  [`${OTHER}/interface-id`]: "eni-0b",
  [`${OTHER}/device-number`]: "1",
};

interface Service {
  readonly values?: Readonly<Record<string, string>>;
  /** Refuses each token after this many reads. */
  readonly tokenReads?: number;
}

/** A metadata service that insists on tokens. */
async function imdsService({ values = NODE, tokenReads = Number.POSITIVE_INFINITY }: Service = {}): Promise<Loopback> {
  let tokens = 0;
  let reads = 0;
  return await loopback((asked: Asked): Answer => {
    if (asked.path === "/latest/api/token") {
      const isRight = asked.method === "PUT" && asked.headers["x-aws-ec2-metadata-token-ttl-seconds"] === "21600";
      reads = 0;
      return isRight ? { body: `token-${++tokens}` } : { status: 400, body: "" };
    }
    if (asked.headers["x-aws-ec2-metadata-token"] !== `token-${tokens}` || ++reads > tokenReads) return { status: 401, body: "" };
    const value = values[asked.path.replace("/latest/", "")];
    return value === undefined ? { status: 404, body: "<html>not found</html>" } : { body: value };
  });
}
const imdsAt = (endpoint: string, clock = stillClock()): Imds => createImds({ endpoint, clock });

describe("the metadata service", () => {
  test("tells who the node is", async () => {
    await using service = await imdsService();
    expect(await createMetadata({ imds: imdsAt(service.url) }).identity()).toEqual({
      instanceId: "i-0a",
      instanceType: "m5.large",
      region: "us-east-1",
      zone: "us-east-1a",
      vpcId: "vpc-0a",
      vpcCidrs: [cidr4("10.0.0.0/16"), cidr4("100.64.0.0/16")],
      primaryEni: "eni-0a",
      primaryMac: MAC,
      primaryAddress: ipv4("10.0.1.5"),
      subnetId: "subnet-0a",
      groups: ["sg-0a", "sg-0b"],
    });
    expect(service.asked.filter((asked) => asked.method === "PUT")).toHaveLength(1);
  });

  test("lists ENIs, and leaves out one that does not show its address yet", async () => {
    await using service = await imdsService();
    expect(await createMetadata({ imds: imdsAt(service.url) }).enis()).toEqual([
      {
        id: "eni-0a",
        mac: MAC,
        deviceIndex: 0,
        networkCard: 0,
        subnetId: "subnet-0a",
        subnetCidr: cidr4("10.0.1.0/24"),
        primaryAddress: ipv4("10.0.1.5"),
        addresses: [ipv4("10.0.1.9")],
        prefixes: [cidr4("10.0.1.16/28")],
      },
    ]);
  });

  test("gets a new token when one is refused, and when one ends", async () => {
    const clock = stillClock();
    await using service = await imdsService({ tokenReads: 2 });
    const imds = imdsAt(service.url, clock);
    for (let i = 0; i < 5; i++) expect(await imds.read("meta-data/instance-id")).toBe("i-0a");
    expect(service.asked.filter((asked) => asked.method === "PUT")).toHaveLength(3);
    clock.turn(6 * 3_600_000);
    expect(await imds.read("meta-data/instance-id")).toBe("i-0a");
    expect(service.asked.filter((asked) => asked.method === "PUT")).toHaveLength(4);
  });

  test("an absent leaf is undefined to find, and a fault to read", async () => {
    await using service = await imdsService();
    const imds = imdsAt(service.url);
    expect(await imds.find("meta-data/spot")).toBeUndefined();
    await expect(imds.read("meta-data/spot")).rejects.toMatchObject({ code: "METADATA_UNREACHABLE", fields: { path: "meta-data/spot" } });
  });

  test("a service that is away, or talks nonsense, is a fault", async () => {
    await using gone = await loopback(() => "hang up");
    await expect(createMetadata({ imds: imdsAt(gone.url) }).enis()).rejects.toMatchObject({ code: "METADATA_UNREACHABLE" });
    expect(gone.asked).toHaveLength(3);
    await using odd = await imdsService({ values: { ...NODE, [`${AT}/local-ipv4s`]: "ten" } });
    await expect(createMetadata({ imds: imdsAt(odd.url) }).enis()).rejects.toMatchObject({ code: "METADATA_UNREACHABLE" });
  });
});

describe("credentials", () => {
  test("the environment comes first", async () => {
    await using service = await imdsService();
    const env = { AWS_ACCESS_KEY_ID: "id", AWS_SECRET_ACCESS_KEY: "secret", AWS_SESSION_TOKEN: "session" };
    const source = credentialSource({ env, imds: imdsAt(service.url), clock: stillClock() });
    expect(await source()).toEqual({ accessKeyId: "id", secretAccessKey: "secret", sessionToken: "session" });
    expect(service.asked).toEqual([]);
  });

  test("then the role of the service account, by its token as it is in the file at that moment", async () => {
    const folder = mkdtempSync(join(tmpdir(), "token-"));
    const tokenFile = join(folder, "token");
    const clock = stillClock();
    const until = clock.now() + 3_600_000;
    const keys = `<AccessKeyId>w</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>${new Date(until).toISOString()}</Expiration>`;
    const granted = `<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>${keys}</Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`;
    const denied =
      "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>Not authorized</Message></Error></ErrorResponse>";
    await using sts = await loopback(({ form }) =>
      form.get("WebIdentityToken") === "good" ? { body: granted } : { status: 403, body: denied },
    );
    const env = {
      AWS_ROLE_ARN: "arn:aws:iam::111122223333:role/cni",
      AWS_WEB_IDENTITY_TOKEN_FILE: tokenFile,
      AWS_ENDPOINT_URL_STS: sts.url,
      AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://127.0.0.1:9",
    };
    const source = credentialSource({ env, imds: imdsAt("http://127.0.0.1:9"), clock });
    await expect(source()).rejects.toMatchObject({ code: "NO_CREDENTIALS", message: expect.stringContaining("ENOENT") });
    writeFileSync(tokenFile, "bad");
    await expect(source()).rejects.toMatchObject({
      code: "NO_CREDENTIALS",
      message: expect.stringContaining("AccessDenied: Not authorized"),
    });
    writeFileSync(tokenFile, "good\n");
    expect(await source()).toEqual({ accessKeyId: "w", secretAccessKey: "s", sessionToken: "t", expiresAt: until });
    expect(Object.fromEntries(sts.asked.at(-1)?.form ?? [])).toEqual({
      Action: "AssumeRoleWithWebIdentity",
      Version: "2011-06-15",
      RoleArn: "arn:aws:iam::111122223333:role/cni",
      RoleSessionName: "slash28",
      WebIdentityToken: "good",
    });
    expect(sts.asked.at(-1)?.headers.authorization).toBeUndefined();
    rmSync(folder, { recursive: true });
  });

  test("then the container endpoint, with its token", async () => {
    await using endpoint = await loopback(() => ({ body: JSON.stringify({ AccessKeyId: "c", SecretAccessKey: "s", Token: "t" }) }));
    const env = { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${endpoint.url}/v1/credentials`, AWS_CONTAINER_AUTHORIZATION_TOKEN: "who" };
    const source = credentialSource({ env, imds: imdsAt("http://127.0.0.1:9"), clock: stillClock() });
    expect(await source()).toEqual({ accessKeyId: "c", secretAccessKey: "s", sessionToken: "t" });
    expect(endpoint.asked[0]?.headers.authorization).toBe("who");
  });

  test("then the instance's role, kept until shortly before its end and longer while the service is away", async () => {
    const clock = stillClock();
    const expiration = new Date(clock.now() + 3_600_000).toISOString();
    const path = "meta-data/iam/security-credentials/";
    const role: Record<string, string> = {
      [path]: "node-role",
      [`${path}node-role`]: JSON.stringify({ AccessKeyId: "r", SecretAccessKey: "s", Token: "t", Expiration: expiration }),
    };
    await using service = await imdsService({ values: role });
    const source = credentialSource({ env: {}, imds: imdsAt(service.url, clock), clock });
    const [first, second] = await Promise.all([source(), source()]);
    expect(first).toMatchObject({ accessKeyId: "r", sessionToken: "t", expiresAt: clock.now() + 3_600_000 });
    expect(second).toBe(first);
    const reads = (): number => service.asked.filter((asked) => asked.path.endsWith("/node-role")).length;
    expect(reads()).toBe(1);
    clock.turn(56 * 60_000);
    await source();
    expect(reads()).toBe(2);
    delete role[path];
    clock.turn(60_000);
    expect(await source()).toMatchObject({ accessKeyId: "r" });
    clock.turn(5 * 60_000);
    await expect(source()).rejects.toMatchObject({ code: "NO_CREDENTIALS" });
  });
});
