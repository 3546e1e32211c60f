import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AwsError } from "../../src/aws/aws-error.ts";
import { decodeInput } from "../../src/aws/wire/decode.ts";
import { encodeOutput, escapeXml } from "../../src/aws/wire/encode.ts";
import { errorXml, successXml } from "../../src/aws/wire/envelope.ts";
import { formTree } from "../../src/aws/wire/form-tree.ts";
import { parseForm, readForm } from "../../src/aws/wire/request-form.ts";
import { EC2_SCHEMA, STS_SCHEMA, type ServiceSchema } from "../../src/aws/wire/schema.ts";
import { credentialScope } from "../../src/aws/wire/credential-scope.ts";

function decode(action: string, form: string): unknown {
  return decodeInput(EC2_SCHEMA, EC2_SCHEMA.operations[action]?.input, formTree(parseForm(`Action=${action}&Version=2016-11-15&${form}`)));
}

function code(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof AwsError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return "no error";
}

describe("a request", () => {
  test("is read by the names the published model gives its parameters", () => {
    const form =
      "SubnetId=subnet-1&SecurityGroupId.1=sg-1&SecurityGroupId.2=sg-2&Ipv4PrefixCount=1&Description=aws-K8S+i-1" +
      "&TagSpecification.1.ResourceType=network-interface&TagSpecification.1.Tag.1.Key=a&TagSpecification.1.Tag.1.Value=b%20c" +
      "&PrivateIpAddresses.1.PrivateIpAddress=10.0.0.9&PrivateIpAddresses.1.Primary=TRUE&DryRun=false";
    expect(decode("CreateNetworkInterface", form)).toEqual({
      SubnetId: "subnet-1",
      Groups: ["sg-1", "sg-2"],
      Ipv4PrefixCount: 1,
      Description: "aws-K8S i-1",
      TagSpecifications: [{ ResourceType: "network-interface", Tags: [{ Key: "a", Value: "b c" }] }],
      PrivateIpAddresses: [{ PrivateIpAddress: "10.0.0.9", Primary: true }],
      DryRun: false,
    });
  });

  test("orders a list by its numbers, not by the order in the form", () => {
    const form = "Filter.1.Name=vpc-id&Filter.1.Value.10=j&Filter.1.Value.2=b&Filter.1.Value.1=a";
    expect(decode("DescribeSubnets", form)).toEqual({ Filters: [{ Name: "vpc-id", Values: ["a", "b", "j"] }] });
  });

  test.each([
    [
      "a required parameter left out",
      "AttachNetworkInterface",
      "InstanceId=i-1&DeviceIndex=1",
      "MissingParameter: The request must contain the parameter NetworkInterfaceId",
    ],
    ["an unknown parameter", "DescribeSubnets", "Subnet.1=x", "UnknownParameter: The parameter Subnet is not recognized"],
    [
      "an unknown parameter deep inside",
      "DescribeSubnets",
      "Filter.1.Nmae=x",
      "UnknownParameter: The parameter Filter.1.Nmae is not recognized",
    ],
    [
      "a list entry without a number",
      "DescribeSubnets",
      "SubnetId.first=x",
      "UnknownParameter: The parameter SubnetId.first is not recognized",
    ],
    ["a list given as text", "DescribeSubnets", "SubnetId=x", "InvalidParameterValue: The parameter SubnetId is a list; write SubnetId.1"],
    [
      "text for a number",
      "DescribeSubnets",
      "MaxResults=many",
      "InvalidParameterValue: Invalid value 'many' for MaxResults: must be a number",
    ],
    [
      "text for a truth value",
      "DescribeSubnets",
      "DryRun=yes",
      "InvalidParameterValue: Invalid value 'yes' for DryRun: must be true or false",
    ],
    [
      "a parameter given twice",
      "DescribeSubnets",
      "MaxResults=5&MaxResults=6",
      "MalformedQueryString: The parameter 'MaxResults' is given more than once.",
    ],
    [
      "an empty part of a name",
      "DescribeSubnets",
      "Filter..Name=x",
      "MalformedQueryString: The key 'Filter..Name' is not a parameter name.",
    ],
    ["a broken escape", "DescribeSubnets", "NextToken=%zz", "MalformedQueryString: The form contains a broken percent escape."],
  ])("is refused for %s", (_, action, form, refusal) => {
    expect(code(() => decode(action, form))).toBe(refusal);
  });

  test("of any text never ends in anything but a value or an AWS error", () => {
    const part = fc.oneof(fc.constantFrom("Filter", "1", "Name", "Value", "SubnetId", "DryRun", "__proto__", ""), fc.string());
    const key = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join("."));
    fc.assert(
      fc.property(fc.array(fc.tuple(key, fc.string()), { maxLength: 8 }), (fields) => {
        const form = fields.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join("&");
        expect(code(() => decode("DescribeSubnets", form))).toMatch(/^no error$|^[A-Z][A-Za-z]+: /);
      }),
    );
  });
});

describe("the body", () => {
  const post = (body: string, headers: Record<string, string> = {}): Request =>
    new Request("http://lab/", {
      method: "POST",
      body,
      headers: { "content-type": "application/x-www-form-urlencoded; charset=utf-8", ...headers },
    });
  const failure = (request: Request): Promise<string> =>
    readForm(request).then(
      () => "no error",
      (error: AwsError) => `${error.status} ${error.code}`,
    );

  test("is read from a form, and from the query string of a GET", async () => {
    expect((await readForm(post("Action=A&B=%2Bc"))).fields).toEqual([
      ["Action", "A"],
      ["B", "+c"],
    ]);
    expect((await readForm(new Request("http://lab/?Action=A"))).fields).toEqual([["Action", "A"]]);
  });

  test("is refused when it is JSON, too large, not UTF-8, or sent by another method", async () => {
    expect(await failure(post("{}", { "content-type": "application/json" }))).toBe("400 InvalidRequest");
    expect(await failure(post(`A=${"x".repeat(1024 * 1024)}`))).toBe("413 RequestEntityTooLarge");
    const bytes = new Request("http://lab/", { method: "POST", body: Uint8Array.of(0x41, 0x3d, 0xff), headers: post("").headers });
    expect(await failure(bytes)).toBe("400 MalformedQueryString");
    expect(await failure(new Request("http://lab/", { method: "DELETE" }))).toBe("405 InvalidRequest");
  });
});

describe("a reply", () => {
  test("puts EC2's members under the root, lists as items, by the model's element names", () => {
    const output = {
      Subnets: [{ SubnetId: "subnet-1", AvailableIpAddressCount: 250, Tags: [{ Key: "a", Value: "<&>" }] }],
      NextToken: undefined,
    };
    expect(successXml(EC2_SCHEMA, "DescribeSubnets", output, "r-1")).toMatchInlineSnapshot(`
      "<?xml version="1.0" encoding="UTF-8"?>
      <DescribeSubnetsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r-1</requestId><subnetSet><item><subnetId>subnet-1</subnetId><availableIpAddressCount>250</availableIpAddressCount><tagSet><item><key>a</key><value>&lt;&amp;&gt;</value></item></tagSet></item></subnetSet></DescribeSubnetsResponse>"
    `);
  });

  test("of an action without output says true", () => {
    expect(successXml(EC2_SCHEMA, "CreateTags", {}, "r-1")).toContain("<requestId>r-1</requestId><return>true</return>");
  });

  test("of AWS Query has a result and metadata", () => {
    expect(successXml(STS_SCHEMA, "GetCallerIdentity", { Account: "1" }, "r-1")).toContain(
      "<GetCallerIdentityResult><Account>1</Account></GetCallerIdentityResult><ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata>",
    );
  });

  test("that is an error has the form of its protocol", () => {
    const error = new AwsError("RequestLimitExceeded", "Request limit exceeded.");
    expect(error.status).toBe(503);
    expect(errorXml(EC2_SCHEMA, error, "r-1")).toContain(
      "<Response><Errors><Error><Code>RequestLimitExceeded</Code><Message>Request limit exceeded.</Message></Error></Errors><RequestID>r-1</RequestID></Response>",
    );
    expect(errorXml(STS_SCHEMA, error, "r-1")).toContain("<Error><Type>Receiver</Type><Code>RequestLimitExceeded</Code>");
  });

  test("with a member the model does not have is a bug, said at once", () => {
    expect(() => encodeOutput(EC2_SCHEMA, "DescribeSubnetsResult", { Subnet: [] })).toThrow("DescribeSubnetsResult has no member Subnet");
  });

  test("writes times and bytes as the protocol does", () => {
    const schema: ServiceSchema = {
      ...EC2_SCHEMA,
      shapes: { Sample: { members: { At: { type: "timestamp" }, Data: { type: "blob" } } } },
    };
    expect(encodeOutput(schema, "Sample", { At: new Date(0), Data: Uint8Array.of(1, 2) })).toBe(
      "<At>1970-01-01T00:00:00.000Z</At><Data>AQI=</Data>",
    );
  });

  test("never carries a character XML forbids", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary-ascii" }), (text) => {
        // oxlint-disable-next-line no-control-regex -- these are what must be gone
        expect(escapeXml(text)).not.toMatch(/[<>"'\u0000-\u0008\u000b\u000c\u000e-\u001f]/);
      }),
    );
  });
});

test("a signature names its key, Region and service", () => {
  const header = "AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/20300131/us-east-1/ec2/aws4_request, SignedHeaders=host, Signature=00";
  expect(credentialScope(header)).toEqual({ accessKeyId: "AKIAEXAMPLE", region: "us-east-1", service: "ec2" });
  expect(credentialScope("Bearer x")).toBeUndefined();
  expect(credentialScope(null)).toBeUndefined();
});
