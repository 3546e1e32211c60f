import { IAMClient } from "@aws-sdk/client-iam";
import { EC2Client } from "@aws-sdk/client-ec2";
import { STSClient } from "@aws-sdk/client-sts";
import {
  createAwsEndpoint,
  createGate,
  createIdentityServices,
  serve,
  type AwsEndpoint,
  type IdentityServices,
} from "../../../src/aws/index.ts";
import type { IdentityServicesOptions } from "../../../src/aws/index.ts";
import { aLabCloud, aLog, aManualClock, type LabCloud, type ManualClock } from "../lab-cloud.ts";

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export const AS_LAB: Credentials = { accessKeyId: "lab", secretAccessKey: "lab" };

/** An endpoint that holds everyone to their policies, on a loopback port, and unmodified SDK clients for whoever asks. */
export interface IdentityLab {
  readonly lab: LabCloud;
  readonly clock: ManualClock;
  readonly endpoint: AwsEndpoint;
  readonly identity: IdentityServices;
  readonly url: string;
  iam(as?: Credentials): IAMClient;
  sts(as?: Credentials): STSClient;
  ec2(as?: Credentials): EC2Client;
  close(): Promise<void>;
}

export async function anIdentityLab(options: Partial<IdentityServicesOptions> = {}): Promise<IdentityLab> {
  const lab = aLabCloud();
  const clock = aManualClock();
  const gate = createGate(clock);
  const identity = createIdentityServices({ cloud: lab.cloud, clock, ...options });
  gate.add(identity.identities.authorizer.rule);
  const endpoint = createAwsEndpoint({
    cloud: lab.cloud,
    clock,
    profile: "instant",
    log: aLog(),
    gate,
    formServices: identity.formServices,
  });
  const serving = await serve(endpoint.fetch, { kind: "port", host: "127.0.0.1", port: 0 });
  const url = `http://127.0.0.1:${serving.port}`;
  const settings = (as: Credentials) => ({ endpoint: url, region: "us-east-1", credentials: as, maxAttempts: 1 });
  const clients: Array<{ destroy(): void }> = [];
  const kept = <T extends { destroy(): void }>(client: T): T => {
    clients.push(client);
    return client;
  };
  return {
    lab,
    clock,
    endpoint,
    identity,
    url,
    iam: (as = AS_LAB) => kept(new IAMClient(settings(as))),
    sts: (as = AS_LAB) => kept(new STSClient(settings(as))),
    ec2: (as = AS_LAB) => kept(new EC2Client(settings(as))),
    async close() {
      for (const client of clients) client.destroy();
      endpoint.close();
      await serving.close();
    },
  };
}

/** The error a call ends with; a call that succeeds is an error of the test. */
export async function refusalOf(
  call: Promise<unknown>,
): Promise<{ readonly name: string; readonly message: string; readonly status: number | undefined }> {
  try {
    await call;
  } catch (cause) {
    const { name, message, $metadata } = cause as Error & { readonly $metadata?: { readonly httpStatusCode?: number } };
    return { name, message, status: $metadata?.httpStatusCode };
  }
  throw new Error("the call succeeded");
}

export function trusting(principal: object, more: object = {}): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: principal, Action: "sts:AssumeRole", ...more }],
  });
}

export function allowing(action: string | readonly string[], resource: string | readonly string[] = "*", more: object = {}): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: action, Resource: resource, ...more }] });
}
