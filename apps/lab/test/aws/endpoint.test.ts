import {
  AttachNetworkInterfaceCommand,
  CreateNetworkInterfaceCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSubnetsCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import { asId, type EniId } from "@slash28/address";
import { describe, expect, test } from "vitest";
import { createGate } from "../../src/aws/index.ts";
import { roleAccessKeyId } from "../../src/aws/metadata/role-credentials.ts";
import { beginAwsFault } from "../../src/supervisor/faults/aws-faults.ts";
import { aLabCloud, aLog, aManualClock, anEndpoint, given, listening, post, START_MS } from "./lab-cloud.ts";

const STS = { Version: "2011-06-15", Action: "GetCallerIdentity" };

describe("a form", () => {
  test.each([
    [{ Action: "DescribeSubnetz" }, 400, "InvalidAction"],
    [{ Action: "DescribeVolumes" }, 400, "UnsupportedOperation"],
    [{}, 400, "MissingAction"],
    [{ Action: "DescribeSubnets", Version: "2008-01-01" }, 400, "NoSuchVersion"],
    [{ Action: "CreateTags", "ResourceId.1": "eni-1" }, 400, "MissingParameter"],
    [{ ...STS, Action: "AssumeRoot" }, 400, "UnsupportedOperation"],
  ])("%j is answered %i %s", async (form, status, code) => {
    const reply = await post(anEndpoint(aLabCloud().cloud), form);
    expect(reply.status).toBe(status);
    expect(reply.body).toContain(`<Code>${code}</Code>`);
  });

  test("carries the request id in the header and in the body", async () => {
    const response = await anEndpoint(aLabCloud().cloud).fetch(new Request("http://lab/?Action=DescribeVpcs&Version=2016-11-15"));
    const id = response.headers.get("x-amzn-requestid");
    expect(await response.text()).toContain(`<requestId>${id}</requestId>`);
    expect(response.headers.get("content-type")).toBe("text/xml;charset=UTF-8");
  });

  test("that is none is refused in words", async () => {
    const reply = await anEndpoint(aLabCloud().cloud).fetch(
      new Request("http://lab/", { method: "POST", body: "{}", headers: { "content-type": "application/json" } }),
    );
    expect(reply.status).toBe(400);
    expect(await reply.text()).toContain("send application/x-www-form-urlencoded");
  });
});

test("a role's key from the metadata service names the role and the instance", async () => {
  const { cloud, instanceId } = aLabCloud();
  const instance = cloud.view.instance(instanceId);
  if (instance === undefined) throw new Error("no instance");
  const authorization = `AWS4-HMAC-SHA256 Credential=${roleAccessKeyId(instance)}/20300131/us-east-1/sts/aws4_request, SignedHeaders=host, Signature=0`;
  const request = new Request("http://lab/", { method: "POST", body: new URLSearchParams(STS), headers: { authorization } });
  expect(await (await anEndpoint(cloud).fetch(request)).text()).toContain(
    `<Arn>arn:aws:sts::123456789012:assumed-role/lab-node/${instanceId}</Arn>`,
  );
});

describe("after a mutation", () => {
  test("what follows EC2 has caught up before the reply, and reads do not wake it", async () => {
    const { cloud, subnets } = aLabCloud();
    const seen: number[] = [];
    const endpoint = anEndpoint(cloud, { afterMutation: async () => void seen.push(cloud.view.enis().length) });
    await post(endpoint, { Action: "DescribeSubnets" });
    expect(seen).toEqual([]);
    await post(endpoint, { Action: "CreateNetworkInterface", SubnetId: subnets[0] });
    expect(seen).toEqual([2]);
    await post(endpoint, { Action: "CreateNetworkInterface", SubnetId: subnets[0], DryRun: "true" });
    expect(seen).toEqual([2]);
  });

  test("a failure there is an internal error, told to the log and not to the caller", async () => {
    const { cloud, subnets } = aLabCloud();
    const log = aLog();
    const endpoint = anEndpoint(cloud, { log, afterMutation: () => Promise.reject(new Error("no such namespace")) });
    const reply = await post(endpoint, { Action: "CreateNetworkInterface", SubnetId: subnets[0] });
    expect(reply.status).toBe(500);
    expect(reply.body).toContain("<Code>InternalError</Code>");
    expect(reply.body).not.toContain("no such namespace");
    expect(log.lines.join()).toContain("no such namespace");
  });
});

test("the log never sees a signature or a key", async () => {
  const { cloud } = aLabCloud();
  const log = aLog();
  const authorization = "AWS4-HMAC-SHA256 Credential=AKIASECRET/20300131/us-east-1/ec2/aws4_request, Signature=c0ffee";
  const endpoint = anEndpoint(
    {
      ...cloud,
      describeVpcs: () => {
        throw new Error("broken");
      },
    },
    { log },
  );
  const body = new URLSearchParams({ Action: "DescribeVpcs", Version: "2016-11-15" });
  const reply = await endpoint.fetch(new Request("http://lab/", { method: "POST", body, headers: { authorization } }));
  expect(reply.status).toBe(500);
  expect(log.lines).toHaveLength(1);
  expect(log.lines.join()).not.toMatch(/AKIASECRET|c0ffee/);
});

describe("throttling", () => {
  test("a burst of reads is cut with 503 on that action only; the SDK takes it for throttling", async () => {
    const { cloud } = aLabCloud();
    const clock = aManualClock();
    const endpoint = anEndpoint(cloud, { clock, profile: "realistic" });
    const burst = Array.from({ length: 101 }, () => post(endpoint, { Action: "DescribeSubnets" }));
    await clock.advance(500);
    expect((await Promise.all(burst)).map(({ status }) => status).filter((status) => status === 503)).toHaveLength(1);
    const other = post(endpoint, { Action: "DescribeVpcs" });
    await clock.advance(500);
    expect((await other).status).toBe(200);
  });

  test("by order refuses everything until its time, and the SDK comes through by retrying", async () => {
    const { cloud } = aLabCloud();
    const clock = aManualClock();
    const gate = createGate(clock);
    const endpoint = anEndpoint(cloud, { clock, gate });
    const fault = beginAwsFault(gate, { kind: "throttle", seconds: 30, actions: "ec2:*" });
    void clock.sleep(30_000).then(() => fault.end?.());
    const refused = await post(endpoint, { Action: "DescribeSubnets" });
    expect(refused.status).toBe(503);
    expect(refused.body).toContain("<Code>RequestLimitExceeded</Code><Message>Request limit exceeded.</Message>");

    const http = await listening({ ...endpoint, fetch: (request) => endpoint.fetch(request).finally(() => void clock.advance(15_000)) });
    const patient = new EC2Client({
      endpoint: http.url,
      region: "us-east-1",
      credentials: { accessKeyId: "a", secretAccessKey: "b" },
      maxAttempts: 3,
    });
    const reply = await patient.send(new DescribeSubnetsCommand({}));
    expect(reply.Subnets).toHaveLength(2);
    expect(reply.$metadata.attempts).toBe(3);
    patient.destroy();
    await http.close();
  });
});

describe("the realistic profile", () => {
  test("an ENI attaches in seconds, and what follows EC2 is told when it has", async () => {
    const { cloud, subnets, instanceId } = aLabCloud({ settle: "by-caller" });
    given(cloud.settleInstance({ instanceId }, { now: START_MS }));
    // Nothing else may be on its way: the endpoint ends whatever a cloud was left in the middle of.
    const [primary] = cloud.view.attachedEnis(instanceId);
    given(cloud.settleAttachment({ attachmentId: primary!.attachment!.id }, { now: START_MS }));
    const clock = aManualClock();
    const told: string[] = [];
    const state = (): string =>
      cloud.view
        .enis()
        .map(({ attachment }) => attachment?.status ?? "none")
        .join();
    const endpoint = anEndpoint(cloud, { clock, profile: "realistic", seed: 28, afterMutation: () => void told.push(state()) });
    const eniId = given(cloud.createEni({ subnetId: subnets[0] }, { now: START_MS })).id;
    const attach = post(endpoint, {
      Action: "AttachNetworkInterface",
      NetworkInterfaceId: eniId,
      InstanceId: instanceId,
      DeviceIndex: "1",
    });
    await clock.advance(1000);
    expect((await attach).status).toBe(200);
    expect(cloud.view.eni(eniId)?.attachment?.status).toBe("attaching");
    await clock.advance(3000);
    expect(cloud.view.eni(eniId)?.attachment?.status).toBe("attached");
    expect(told.map((line) => line.split(",")[1])).toEqual(["attaching", "attached"]);
    endpoint.close();
  });

  test("over a cloud that waits for its caller the instant profile settles before it answers", async () => {
    const { cloud, subnets, instanceId } = aLabCloud({ settle: "by-caller" });
    given(cloud.settleInstance({ instanceId }, { now: START_MS }));
    const http = await listening(anEndpoint(cloud));
    const { NetworkInterface } = await http.ec2.send(new CreateNetworkInterfaceCommand({ SubnetId: subnets[0] }));
    const NetworkInterfaceId = NetworkInterface?.NetworkInterfaceId ?? "";
    await http.ec2.send(new AttachNetworkInterfaceCommand({ NetworkInterfaceId, InstanceId: instanceId, DeviceIndex: 1 }));
    const { NetworkInterfaces } = await http.ec2.send(new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [NetworkInterfaceId] }));
    expect(NetworkInterfaces?.[0]?.Attachment?.Status).toBe("attached");
    expect(cloud.view.eni(asId<EniId>(NetworkInterfaceId))?.attachment?.status).toBe("attached");
    await http.close();
  });
});
