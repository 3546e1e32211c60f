import { EC2Client, EC2ServiceException } from "@aws-sdk/client-ec2";
import { cidr4, type InstanceId, type SubnetId, type VpcId } from "@slash28/address";
import type { Clock, Log } from "@slash28/ports";
import { createCloud, type Cloud, type CloudOptions, type Ec2Result, type Instance } from "@slash28/vpc";
import { afterAll } from "vitest";
import { createAwsEndpoint, serve, type AwsEndpoint, type AwsEndpointOptions } from "../../src/aws/index.ts";

export const START_MS = Date.parse("2030-01-31T12:00:00Z");

/** A VPC 10.0.0.0/16 with a /24 in each of two zones, and one m5.large in the first. */
export interface LabCloud {
  readonly cloud: Cloud;
  readonly vpcId: VpcId;
  readonly subnets: readonly [SubnetId, SubnetId];
  readonly instanceId: InstanceId;
}

export function given<T>(result: Ec2Result<T>): T {
  if (result.ok) return result.value;
  throw new Error(`${result.error.code}: ${result.error.message}`);
}

export function aLabCloud(options: Partial<CloudOptions> = {}): LabCloud {
  const zones = [
    { name: "us-east-1a", id: "use1-az1" },
    { name: "us-east-1b", id: "use1-az2" },
  ];
  const cloud = createCloud({ region: "us-east-1", accountId: "123456789012", zones, ...options });
  const call = { now: START_MS };
  const vpc = given(cloud.createVpc({ cidr: cidr4("10.0.0.0/16"), tags: { Name: "lab" } }, call));
  const aSubnet = (range: string, zone: string): SubnetId =>
    given(
      cloud.createSubnet({ vpcId: vpc.id, cidr: cidr4(range), zone, tags: { Name: `nodes ${zone}`, "kubernetes.io/role/cni": "1" } }, call),
    ).id;
  const subnets = [aSubnet("10.0.0.0/24", "us-east-1a"), aSubnet("10.0.1.0/24", "us-east-1b")] as const;
  const instance = anInstance(cloud, subnets[0]);
  return { cloud, vpcId: vpc.id, subnets, instanceId: instance.id };
}

export function anInstance(cloud: Cloud, subnetId: SubnetId, type = "m5.large"): Instance {
  const launch = {
    type,
    imageId: "ami-0123456789abcdef0",
    minCount: 1,
    maxCount: 1,
    subnetId,
    instanceProfile: "lab-node",
    tags: { Name: "node" },
  };
  const [instance] = given(cloud.runInstances(launch, { now: START_MS })).instances;
  if (instance === undefined) throw new Error("nothing was launched");
  return instance;
}

export interface ManualClock extends Clock {
  /** Moves time on, waking in order whoever's time has come, and lets what they started run. */
  advance(ms: number): Promise<void>;
}

export function aManualClock(): ManualClock {
  let now = START_MS;
  let sleepers: Array<{ readonly at: number; readonly wake: () => void }> = [];
  const settleMicrotasks = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((wake) => {
        sleepers.push({ at: now + ms, wake });
        signal?.addEventListener("abort", wake, { once: true });
      }),
    async advance(ms) {
      const end = now + ms;
      await settleMicrotasks();
      for (;;) {
        const next = sleepers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
        if (next === undefined) break;
        sleepers = sleepers.filter((sleeper) => sleeper !== next);
        now = next.at;
        next.wake();
        await settleMicrotasks();
      }
      now = end;
    },
  };
}

export interface HeardLog extends Log {
  readonly lines: readonly string[];
}

export function aLog(): HeardLog {
  const lines: string[] = [];
  const hear = (message: string, fields?: object): void => void lines.push(`${message} ${JSON.stringify(fields ?? {})}`);
  const log: HeardLog = { lines, debug: hear, info: hear, warn: hear, error: hear, child: () => log };
  return log;
}

/** An endpoint over the cloud, its time standing still unless the clock is advanced. */
export function anEndpoint(cloud: Cloud, options: Partial<AwsEndpointOptions> = {}): AwsEndpoint {
  return createAwsEndpoint({ cloud, clock: aManualClock(), profile: "instant", log: aLog(), ...options });
}

/** A form posted to the endpoint without any client in between. */
export async function post(
  endpoint: AwsEndpoint,
  form: Readonly<Record<string, string>>,
): Promise<{ readonly status: number; readonly body: string }> {
  const body = new URLSearchParams({ Version: "2016-11-15", ...form });
  const response = await endpoint.fetch(new Request("http://lab/", { method: "POST", body }));
  return { status: response.status, body: await response.text() };
}

export interface ListeningEndpoint {
  readonly url: string;
  readonly ec2: EC2Client;
  close(): Promise<void>;
}

/** The endpoint on a free loopback port, and the unmodified SDK's client for it. One attempt, so that refusals are seen. */
export async function listening(endpoint: AwsEndpoint): Promise<ListeningEndpoint> {
  const serving = await serve(endpoint.fetch, { kind: "port", host: "127.0.0.1", port: 0 });
  const url = `http://127.0.0.1:${serving.port}`;
  const ec2 = new EC2Client({
    endpoint: url,
    region: "us-east-1",
    credentials: { accessKeyId: "AKIALAB", secretAccessKey: "lab" },
    maxAttempts: 1,
  });
  return {
    url,
    ec2,
    async close() {
      ec2.destroy();
      endpoint.close();
      await serving.close();
    },
  };
}

/** A lab cloud and its endpoint for all tests of a file; closed after the last of them. */
export async function aServedCloud(
  options: Partial<CloudOptions> = {},
): Promise<{ readonly lab: LabCloud; readonly http: ListeningEndpoint }> {
  const lab = aLabCloud(options);
  const http = await listening(anEndpoint(lab.cloud));
  afterAll(() => http.close());
  return { lab, http };
}

/** The status, code and text of the error a call ends in. */
export async function refusal(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    if (error instanceof EC2ServiceException) return `${error.$metadata.httpStatusCode} ${error.name}: ${error.message}`;
    throw error;
  }
  return "no error";
}
