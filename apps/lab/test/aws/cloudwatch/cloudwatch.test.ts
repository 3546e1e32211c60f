import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  DescribeAlarmsCommand,
  GetMetricDataCommand,
  GetMetricStatisticsCommand,
  ListMetricsCommand,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
  ResourceNotFound,
  SetAlarmStateCommand,
} from "@aws-sdk/client-cloudwatch";
import {
  GetAWSDefaultServiceQuotaCommand,
  GetServiceQuotaCommand,
  NoSuchResourceException,
  paginateListServiceQuotas,
  RequestServiceQuotaIncreaseCommand,
  ServiceQuotasClient,
} from "@aws-sdk/client-service-quotas";
import { cbor, dateToTag } from "@smithy/core/cbor";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  cloudWatchFormService,
  cloudWatchService,
  createAwsEndpoint,
  createCloudWatch,
  createGate,
  createServiceQuotasService,
  runLabMetrics,
  serve,
  type AwsEndpoint,
} from "../../../src/aws/index.ts";
import { NO_STATE } from "../../../src/state/index.ts";
import { aLabCloud, aLog, aManualClock, given, START_MS, type LabCloud, type ManualClock } from "../lab-cloud.ts";
import { refusalOf } from "../identity/an-identity-lab.ts";

let lab: LabCloud;
let clock: ManualClock;
let endpoint: AwsEndpoint;
let url: string;
let client: CloudWatchClient;
let quotas: ServiceQuotasClient;
let stop: () => Promise<void>;

beforeEach(async () => {
  lab = aLabCloud();
  clock = aManualClock();
  const cloudWatch = createCloudWatch(NO_STATE.document("alarms"));
  const labMetrics = runLabMetrics({ cloudWatch, cloud: lab.cloud, clock });
  const place = { cloud: lab.cloud, clock, gate: createGate(clock), log: aLog() };
  endpoint = createAwsEndpoint({
    ...place,
    profile: "instant",
    services: [cloudWatchService(cloudWatch, place), createServiceQuotasService(place)],
    formServices: [cloudWatchFormService(cloudWatch)],
  });
  const serving = await serve(endpoint.fetch, { kind: "port", host: "127.0.0.1", port: 0 });
  url = `http://127.0.0.1:${serving.port}`;
  const settings = { endpoint: url, region: "us-east-1", credentials: { accessKeyId: "lab", secretAccessKey: "lab" }, maxAttempts: 1 };
  client = new CloudWatchClient(settings);
  quotas = new ServiceQuotasClient(settings);
  stop = async () => {
    labMetrics.stop();
    client.destroy();
    quotas.destroy();
    endpoint.close();
    await serving.close();
  };
});
afterEach(() => stop());

const Dimensions = [{ Name: "CLUSTER_ID", Value: "prod" }];
const around = { StartTime: new Date(START_MS - 600_000), EndTime: new Date(START_MS + 60_000), Period: 60 };

describe("metrics", () => {
  test("are put and read back by the SDK, as values and as statistics", async () => {
    await client.send(
      new PutMetricDataCommand({
        Namespace: "Kubernetes",
        MetricData: [
          { MetricName: "pods", Dimensions, Values: [1, 5], Counts: [2, 1], Timestamp: new Date(START_MS) },
          {
            MetricName: "pods",
            Dimensions,
            StatisticValues: { SampleCount: 1, Sum: 9, Minimum: 9, Maximum: 9 },
            Timestamp: new Date(START_MS - 60_000),
          },
        ],
      }),
    );
    const query = { Namespace: "Kubernetes", MetricName: "pods", Dimensions };
    const read = await client.send(
      new GetMetricStatisticsCommand({ ...query, ...around, Statistics: ["Average", "Maximum", "SampleCount"] }),
    );
    expect(read.Datapoints).toMatchObject([
      { Timestamp: new Date(START_MS - 60_000), Average: 9, SampleCount: 1 },
      { Timestamp: new Date(START_MS), Average: 7 / 3, Maximum: 5, SampleCount: 3 },
    ]);
    const MetricDataQueries = [{ Id: "m1", MetricStat: { Metric: query, Period: 60, Stat: "Sum" } }];
    const data = await client.send(new GetMetricDataCommand({ ...around, MetricDataQueries }));
    expect(data.MetricDataResults?.[0]).toMatchObject({
      Id: "m1",
      Values: [7, 9],
      Timestamps: [new Date(START_MS), new Date(START_MS - 60_000)],
    });
    const listed = await client.send(new ListMetricsCommand({ Namespace: "Kubernetes" }));
    expect(listed.Metrics).toEqual([{ Namespace: "Kubernetes", MetricName: "pods", Dimensions }]);
  });

  test("are put by CBOR with its times and echo of the protocol", async () => {
    const path = `${url}/service/GraniteServiceVersion20100801/operation`;
    const headers = { "smithy-protocol": "rpc-v2-cbor", "content-type": "application/cbor" };
    const MetricData = [{ MetricName: "m", Value: 4, Timestamp: dateToTag(new Date(START_MS)) }];
    const body = Buffer.from(cbor.serialize({ Namespace: "N", MetricData }));
    const put = await fetch(`${path}/PutMetricData`, { method: "POST", headers, body });
    expect([put.status, put.headers.get("smithy-protocol")]).toEqual([200, "rpc-v2-cbor"]);
    expect(cbor.deserialize(new Uint8Array(await put.arrayBuffer()))).toEqual({});
    const query = {
      Namespace: "N",
      MetricName: "m",
      Statistics: ["Sum"],
      StartTime: dateToTag(around.StartTime),
      EndTime: dateToTag(around.EndTime),
      Period: 60,
    };
    const got = await fetch(`${path}/GetMetricStatistics`, { method: "POST", headers, body: Buffer.from(cbor.serialize(query)) });
    expect(cbor.deserialize(new Uint8Array(await got.arrayBuffer()))).toMatchObject({
      Datapoints: [{ Sum: 4, Timestamp: { tag: 1, value: START_MS / 1000 } }],
    });
    const wrong = await fetch(`${path}/PutMetricData`, { method: "POST", headers, body: Buffer.from(cbor.serialize({})) });
    expect([wrong.status, wrong.headers.get("x-amzn-query-error")]).toEqual([400, "MissingParameter;Sender"]);
    expect(cbor.deserialize(new Uint8Array(await wrong.arrayBuffer()))).toMatchObject({ __type: "MissingRequiredParameterException" });
  });

  test("that cannot be are refused", async () => {
    const put = (Namespace: string, datum: object): Promise<unknown> =>
      client.send(new PutMetricDataCommand({ Namespace, MetricData: [{ MetricName: "m", ...datum }] }));
    expect((await refusalOf(put("AWS/EC2", { Value: 1 }))).name).toBe("InvalidParameterValueException");
    expect((await refusalOf(put("N", {}))).message).toContain("MetricData.member.1");
    expect((await refusalOf(put("N", { Value: 1, Timestamp: new Date(0) }))).message).toContain("two weeks");
    expect((await refusalOf(put("N", { Values: [1], Counts: [1, 2] }))).message).toContain("same size");
  });
});

describe("alarms", () => {
  const lowAddresses = (SubnetId: string) =>
    new PutMetricAlarmCommand({
      AlarmName: "subnet nearly full",
      Namespace: "Slash28/VPC",
      MetricName: "AvailableIpAddressCount",
      Dimensions: [{ Name: "SubnetId", Value: SubnetId }],
      Statistic: "Minimum",
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 50,
      ComparisonOperator: "LessThanThreshold",
    });
  const state = async (): Promise<string | undefined> =>
    (await client.send(new DescribeAlarmsCommand({ AlarmNames: ["subnet nearly full"] }))).MetricAlarms?.[0]?.StateValue;

  test("on a subnet's free addresses go off when it fills up, and recover", async () => {
    await client.send(lowAddresses(lab.subnets[0]));
    expect(await state()).toBe("OK");
    const eni = given(lab.cloud.createEni({ subnetId: lab.subnets[0], carry: { prefixCount: 13 } }, { now: START_MS }));
    await clock.advance(60_000);
    expect(await state()).toBe("ALARM");
    const { MetricAlarms } = await client.send(new DescribeAlarmsCommand({ StateValue: "ALARM" }));
    expect(MetricAlarms?.[0]?.StateReason).toMatch(/^Threshold Crossed: 1 datapoint\(s\) \[\d+\] were less than the threshold \(50\)/);
    given(lab.cloud.deleteEni({ eniId: eni.id }, { now: START_MS }));
    await clock.advance(120_000);
    expect(await state()).toBe("OK");
  });

  test("without data are told so; a state can be set by hand; deleting twice is an error of the SDK's own", async () => {
    await client.send(lowAddresses("subnet-00000000000000000"));
    expect(await state()).toBe("INSUFFICIENT_DATA");
    await client.send(new SetAlarmStateCommand({ AlarmName: "subnet nearly full", StateValue: "ALARM", StateReason: "a drill" }));
    await client.send(new DeleteAlarmsCommand({ AlarmNames: ["subnet nearly full"] }));
    await expect(client.send(new DeleteAlarmsCommand({ AlarmNames: ["subnet nearly full"] }))).rejects.toBeInstanceOf(ResourceNotFound);
  });
});

test("whatever the body, in JSON or CBOR, the answer is no failure of the lab", async () => {
  const operation = fc.constantFrom("PutMetricData", "GetMetricData", "PutMetricAlarm", "DescribeAlarms", "ListMetrics", "Nonsense");
  const near = fc.dictionary(
    fc.constantFrom("Namespace", "MetricData", "AlarmNames", "StartTime", "MetricDataQueries", "Dimensions"),
    fc.jsonValue(),
  );
  const body = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    near.map((value) => new TextEncoder().encode(JSON.stringify(value))),
    near.map((value) => Uint8Array.from(cbor.serialize(value))),
  );
  await fc.assert(
    fc.asyncProperty(operation, body, fc.boolean(), async (name, bytes, isCbor) => {
      const path = isCbor ? `/service/GraniteServiceVersion20100801/operation/${name}` : "/";
      const headers: Record<string, string> = isCbor ? {} : { "x-amz-target": `GraniteServiceVersion20100801.${name}` };
      const reply = await endpoint.fetch(new Request(`http://lab${path}`, { method: "POST", headers, body: Buffer.from(bytes) }));
      expect(reply.status).toBeLessThan(500);
    }),
    { numRuns: 300 },
  );
});

describe("service quotas", () => {
  const ENIS = { ServiceCode: "vpc", QuotaCode: "L-DF5E4CA3" };
  test("are those EC2 is held to; an increase is granted at once and holds", async () => {
    expect((await quotas.send(new GetServiceQuotaCommand(ENIS))).Quota).toMatchObject({
      QuotaName: "Network interfaces per Region",
      Value: 5000,
      Adjustable: true,
    });
    const asked = await quotas.send(new RequestServiceQuotaIncreaseCommand({ ...ENIS, DesiredValue: 6000 }));
    expect(asked.RequestedQuota).toMatchObject({ Status: "APPROVED", DesiredValue: 6000 });
    expect(lab.cloud.quotas.enis).toBe(6000);
    expect((await quotas.send(new GetServiceQuotaCommand(ENIS))).Quota?.Value).toBe(6000);
    expect((await quotas.send(new GetAWSDefaultServiceQuotaCommand(ENIS))).Quota?.Value).toBe(5000);
  });

  test("come in pages, by service; what is not there or cannot be raised is refused", async () => {
    const codes: string[] = [];
    for await (const page of paginateListServiceQuotas({ client: quotas, pageSize: 4 }, { ServiceCode: "vpc" })) {
      codes.push(...(page.Quotas ?? []).map(({ QuotaCode = "" }) => QuotaCode));
    }
    expect(codes).toContain("L-DF5E4CA3");
    expect(codes).toContain("L-F678F1CE");
    expect(new Set(codes).size).toBe(codes.length);
    await expect(quotas.send(new GetServiceQuotaCommand({ ServiceCode: "vpc", QuotaCode: "L-00000000" }))).rejects.toBeInstanceOf(
      NoSuchResourceException,
    );
    const clusters = new RequestServiceQuotaIncreaseCommand({ ServiceCode: "eks", QuotaCode: "L-1194D53C", DesiredValue: 200 });
    expect((await refusalOf(quotas.send(clusters))).name).toBe("IllegalArgumentException");
    expect((await refusalOf(quotas.send(new RequestServiceQuotaIncreaseCommand({ ...ENIS, DesiredValue: 10 })))).message).toContain(
      "greater than the current",
    );
  });
});

const AWS = "/usr/bin/aws";

/** Debian's AWS CLI, which speaks CloudWatch's old form protocol. */
function aws(...args: readonly string[]): Promise<string> {
  const env = {
    PATH: "/usr/bin:/bin",
    HOME: "/nonexistent",
    AWS_ACCESS_KEY_ID: "lab",
    AWS_SECRET_ACCESS_KEY: "lab",
    AWS_DEFAULT_REGION: "us-east-1",
    AWS_PAGER: "",
  };
  const child = spawn(AWS, ["--endpoint-url", url, "--output", "json", ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
  let out = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => void (out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => void (out += text));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status) => (status === 0 ? resolve(out) : reject(new Error(out))));
  });
}

describe.skipIf(!existsSync(AWS))("the AWS CLI", { timeout: 60_000 }, () => {
  test("sets an alarm on a subnet's free addresses and reads the metric", async () => {
    const metric = [
      "--namespace",
      "Slash28/VPC",
      "--metric-name",
      "AvailableIpAddressCount",
      "--dimensions",
      `Name=SubnetId,Value=${lab.subnets[1]}`,
    ];
    const rule = [
      "--statistic",
      "Minimum",
      "--period",
      "60",
      "--evaluation-periods",
      "1",
      "--threshold",
      "300",
      "--comparison-operator",
      "LessThanThreshold",
    ];
    await aws("cloudwatch", "put-metric-alarm", "--alarm-name", "low", ...metric, ...rule);
    const alarm = JSON.parse(
      await aws("cloudwatch", "describe-alarms", "--alarm-names", "low", "--query", "MetricAlarms[0].StateValue"),
    ) as unknown;
    expect(alarm).toBe("ALARM");
    const span = [
      "--start-time",
      "2030-01-31T11:50:00Z",
      "--end-time",
      "2030-01-31T12:10:00Z",
      "--period",
      "60",
      "--statistics",
      "Minimum",
    ];
    expect(JSON.parse(await aws("cloudwatch", "get-metric-statistics", ...metric, ...span, "--query", "Datapoints[0].Minimum"))).toBe(251);
    expect(
      await aws("service-quotas", "get-service-quota", "--service-code", "vpc", "--quota-code", "L-DF5E4CA3", "--query", "Quota.Value"),
    ).toContain("5000");
  });
});
