import { expect, test } from "vitest";
import { createAwsReader, type AwsReader } from "../src/reads/index.ts";
import { endpointOf } from "../src/reads/endpoints.ts";
import { loopback, stillClock } from "./loopback.ts";

const KEYS = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" };

function reader(url: string): AwsReader {
  return createAwsReader({
    region: "eu-west-1",
    credentials: () => Promise.resolve(KEYS),
    clock: stillClock(),
    random: () => 0.5,
    env: { AWS_ENDPOINT_URL: url },
  });
}

const xml = (action: string, content: string): { body: string } => ({
  body: `<?xml version="1.0"?><${action}Response>${content}</${action}Response>`,
});

test("EC2's pages become one answer in the shape that the AWS CLI prints: names, numbers, truth values, times, empty lists", async () => {
  await using ec2 = await loopback((asked) =>
    asked.form.get("NextToken") === null
      ? xml(
          "DescribeSubnets",
          "<requestId>r</requestId><nextToken>t1</nextToken><subnetSet><item><subnetId>subnet-1</subnetId><cidrBlock>10.0.0.0/24</cidrBlock><availableIpAddressCount>251</availableIpAddressCount><defaultForAz>false</defaultForAz><tagSet><item><key>a</key><value/></item></tagSet></item></subnetSet>",
        )
      : xml("DescribeSubnets", "<subnetSet><item><subnetId>subnet-2</subnetId><tagSet/></item></subnetSet>"),
  );
  const filter = [{ Name: "vpc-id", Value: ["vpc-1"] }];
  const read = await reader(ec2.url).read({ service: "ec2", operation: "DescribeSubnets", params: { Filter: filter, MaxResults: 1000 } });
  expect(read).toEqual({
    ok: true,
    answer: {
      Subnets: [
        {
          SubnetId: "subnet-1",
          CidrBlock: "10.0.0.0/24",
          AvailableIpAddressCount: 251,
          DefaultForAz: false,
          Tags: [{ Key: "a", Value: "" }],
        },
        { SubnetId: "subnet-2", Tags: [] },
      ],
    },
  });
  expect(ec2.asked.map(({ form }) => [form.get("Filter.1.Value.1"), form.get("MaxResults"), form.get("NextToken")])).toEqual([
    ["vpc-1", "1000", null],
    ["vpc-1", "1000", "t1"],
  ]);
  expect(ec2.asked[0]?.headers.authorization).toContain("/eu-west-1/ec2/aws4_request");
});

test("EKS is read by its paths, and its times are told as text", async () => {
  await using eks = await loopback((asked) =>
    asked.path.includes("nextToken=2")
      ? { body: '{"nodegroups":["b"]}' }
      : asked.path.includes("node-groups")
        ? { body: '{"nodegroups":["a"],"nextToken":"2"}' }
        : { body: '{"cluster":{"name":"x y","createdAt":1767323045.5,"version":"1.33"}}' },
  );
  const aws = reader(eks.url);
  expect(await aws.read({ service: "eks", operation: "DescribeCluster", params: { name: "x y" } })).toEqual({
    ok: true,
    answer: { cluster: { name: "x y", createdAt: "2026-01-02T03:04:05.500+00:00", version: "1.33" } },
  });
  expect(eks.asked[0]?.path).toBe("/clusters/x%20y");
  expect(await aws.read({ service: "eks", operation: "ListNodegroups", params: { clusterName: "x" } })).toEqual({
    ok: true,
    answer: { nodegroups: ["a", "b"] },
  });
});

test("IAM's pages follow its marker, and its policies come decoded", async () => {
  await using iam = await loopback((asked) => {
    if (asked.form.get("Action") === "GetRolePolicy")
      return xml(
        "GetRolePolicy",
        `<GetRolePolicyResult><RoleName>r</RoleName><PolicyName>p</PolicyName><PolicyDocument>${encodeURIComponent('{"Statement":[]}')}</PolicyDocument></GetRolePolicyResult>`,
      );
    const names = asked.form.get("Marker") === null ? ["a", "m"] : ["b", ""];
    const more = names[1] === "" ? "<IsTruncated>false</IsTruncated>" : `<IsTruncated>true</IsTruncated><Marker>${names[1]}</Marker>`;
    return xml(
      "ListAttachedRolePolicies",
      `<ListAttachedRolePoliciesResult><AttachedPolicies><member><PolicyName>${names[0]}</PolicyName></member></AttachedPolicies>${more}</ListAttachedRolePoliciesResult>`,
    );
  });
  const aws = reader(iam.url);
  expect(await aws.read({ service: "iam", operation: "ListAttachedRolePolicies", params: { RoleName: "r" } })).toEqual({
    ok: true,
    answer: { AttachedPolicies: [{ PolicyName: "a" }, { PolicyName: "b" }] },
  });
  expect(await aws.read({ service: "iam", operation: "GetRolePolicy", params: { RoleName: "r", PolicyName: "p" } })).toEqual({
    ok: true,
    answer: { RoleName: "r", PolicyName: "p", PolicyDocument: { Statement: [] } },
  });
  expect(iam.asked[0]?.form.get("Version")).toBe("2010-05-08");
  expect(iam.asked[0]?.headers.authorization).toContain("/us-east-1/iam/aws4_request");
});

test.each([
  [
    "ec2",
    403,
    "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message></Error></Errors></Response>",
    "UnauthorizedOperation",
  ],
  [
    "iam",
    403,
    "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>",
    "AccessDenied",
  ],
  ["service-quotas", 400, '{"__type":"x#NoSuchResourceException","message":"no"}', "NoSuchResourceException"],
  ["eks", 404, '{"__type":"ResourceNotFoundException","message":"no"}', "ResourceNotFoundException"],
] as const)("a refusal of %s is a value with AWS's code", async (service, status, body, code) => {
  await using aws = await loopback(() => ({ status, body }));
  const operation = { ec2: "DescribeVpcs", iam: "ListRolePolicies", "service-quotas": "GetServiceQuota", eks: "DescribeCluster" }[service];
  expect(await reader(aws.url).read({ service, operation })).toEqual({ ok: false, code, message: "no" });
});

test("a throttled read is tried again, and an endpoint that is not there is a value too", async () => {
  await using aws = await loopback((_, number) =>
    number < 3
      ? {
          status: 503,
          body: "<Response><Errors><Error><Code>RequestLimitExceeded</Code><Message>slow</Message></Error></Errors></Response>",
        }
      : xml("DescribeVpcs", "<vpcSet/>"),
  );
  expect(await reader(aws.url).read({ service: "ec2", operation: "DescribeVpcs" })).toEqual({ ok: true, answer: { Vpcs: [] } });
  expect(await reader("http://127.0.0.1:1").read({ service: "ec2", operation: "DescribeVpcs" })).toMatchObject({
    ok: false,
    code: "Unreachable",
  });
});

test.each([
  ["ec2", "eu-west-1", "https://ec2.eu-west-1.amazonaws.com", "eu-west-1"],
  ["iam", "eu-west-1", "https://iam.amazonaws.com", "us-east-1"],
  ["iam", "cn-north-1", "https://iam.cn-north-1.amazonaws.com.cn", "cn-north-1"],
  ["service-quotas", "cn-north-1", "https://servicequotas.cn-north-1.amazonaws.com.cn", "cn-north-1"],
  ["elbv2", "us-east-2", "https://elasticloadbalancing.us-east-2.amazonaws.com", "us-east-2"],
] as const)("%s in %s is asked at %s", (service, region, url, signingRegion) => {
  expect(endpointOf(service, region, {})).toMatchObject({ url, signingRegion });
});

test("a service's own variable comes before the one for all", () => {
  const env = { AWS_ENDPOINT_URL: "http://all/", AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2: "http://elb" };
  expect([endpointOf("elbv2", "x", env).url, endpointOf("eks", "x", env).url]).toEqual(["http://elb", "http://all"]);
});
