import type {
  GetAWSDefaultServiceQuotaRequest,
  GetServiceQuotaRequest,
  GetServiceQuotaResponse,
  ListServiceQuotasRequest,
  ListServiceQuotasResponse,
  ListServicesResponse,
  RequestServiceQuotaIncreaseRequest,
  RequestServiceQuotaIncreaseResponse,
  ServiceQuota,
} from "@aws-sdk/client-service-quotas";
import { randomUUID } from "node:crypto";
import { QUOTAS, type Cloud, type QuotaName } from "@slash28/vpc";
import { mutation, need, read, type AnyAction } from "../action.ts";
import { AwsError } from "../aws-error.ts";
import { createJsonService, type JsonServiceOptions } from "../aws-json/index.ts";
import { keyPage } from "../query/key-page.ts";
import type { AwsService } from "../service.ts";
import { FIXED_QUOTAS } from "./fixed-quotas.ts";
import { SERVICE_QUOTAS_SCHEMA } from "./schema.ts";

const SERVICE_NAMES: Readonly<Record<string, string>> = {
  ec2: "Amazon Elastic Compute Cloud (Amazon EC2)",
  eks: "Amazon Elastic Kubernetes Service (Amazon EKS)",
  iam: "AWS Identity and Access Management (IAM)",
  vpc: "Amazon Virtual Private Cloud (Amazon VPC)",
};

/** A quota with its value of now: one the model of EC2 enforces, or one of AWS's that is the same for everybody. */
interface Quota {
  readonly serviceCode: string;
  readonly code: string;
  readonly title: string;
  readonly defaultValue: number;
  readonly value: number;
  /** The model's name of it; absent for one that cannot be raised in the lab. */
  readonly name?: QuotaName;
}

/** Service Quotas over the quotas that the model of EC2 holds the account to. */
export const SERVICE_QUOTAS_ACTIONS: readonly AnyAction[] = [
  read<GetServiceQuotaRequest, GetServiceQuotaResponse>("GetServiceQuota", ({ ServiceCode, QuotaCode }, { cloud }) => ({
    Quota: wireQuota(cloud, quotaOf(cloud, ServiceCode, QuotaCode), "applied"),
  })),
  read<GetAWSDefaultServiceQuotaRequest, GetServiceQuotaResponse>("GetAWSDefaultServiceQuota", ({ ServiceCode, QuotaCode }, { cloud }) => ({
    Quota: wireQuota(cloud, quotaOf(cloud, ServiceCode, QuotaCode), "default"),
  })),
  read<ListServiceQuotasRequest, ListServiceQuotasResponse>("ListServiceQuotas", (input, { cloud }) => listed(cloud, input, "applied")),
  read<ListServiceQuotasRequest, ListServiceQuotasResponse>("ListAWSDefaultServiceQuotas", (input, { cloud }) =>
    listed(cloud, input, "default"),
  ),
  read<object, ListServicesResponse>("ListServices", () => ({
    Services: Object.entries(SERVICE_NAMES).map(([ServiceCode, ServiceName]) => ({ ServiceCode, ServiceName })),
  })),
  mutation<RequestServiceQuotaIncreaseRequest, RequestServiceQuotaIncreaseResponse>(
    "RequestServiceQuotaIncrease",
    (input, { cloud, call }) => {
      const quota = quotaOf(cloud, input.ServiceCode, input.QuotaCode);
      const value = need(input.DesiredValue, "DesiredValue");
      if (quota.name === undefined)
        throw new AwsError("IllegalArgumentException", `The quota ${quota.code} (${quota.title}) is not adjustable in the lab.`);
      if (value <= quota.value) {
        throw new AwsError(
          "IllegalArgumentException",
          `You must provide a quota value greater than the current quota value: ${quota.value}`,
        );
      }
      const raised = cloud.raiseQuota({ quota: quota.name, value }, call);
      if (!raised.ok) throw new AwsError("IllegalArgumentException", raised.error.message);
      const at = new Date(call.now);
      return {
        RequestedQuota: {
          Id: randomUUID().replaceAll("-", ""),
          ServiceCode: quota.serviceCode,
          ServiceName: SERVICE_NAMES[quota.serviceCode],
          QuotaCode: quota.code,
          QuotaName: quota.title,
          DesiredValue: value,
          // The lab's support desk is quick: what is asked for is granted at once.
          Status: "APPROVED",
          Created: at,
          LastUpdated: at,
          QuotaArn: quotaArn(cloud, quota),
          GlobalQuota: false,
          Unit: "None",
        },
      };
    },
  ),
];

export function createServiceQuotasService(place: Pick<JsonServiceOptions, "cloud" | "clock" | "gate" | "log">): AwsService {
  return createJsonService({
    ...place,
    name: "servicequotas",
    target: "ServiceQuotasV20190624",
    version: "1.1",
    schema: SERVICE_QUOTAS_SCHEMA,
    actions: SERVICE_QUOTAS_ACTIONS,
    errorShapes: { MissingParameter: "IllegalArgumentException", InvalidParameterValue: "IllegalArgumentException" },
    hasOtherForms: false,
  });
}

function quotasOf(cloud: Cloud): readonly Quota[] {
  const enforced = Object.entries(QUOTAS).map(([name, spec]) => ({
    ...spec,
    name: name as QuotaName,
    value: cloud.quotas[name as QuotaName],
  }));
  return [...enforced, ...FIXED_QUOTAS.map((quota) => ({ ...quota, value: quota.defaultValue }))];
}

function quotaOf(cloud: Cloud, serviceCode: string | undefined, code: string | undefined): Quota {
  const quota = quotasOf(cloud).find((candidate) => candidate.serviceCode === serviceCode && candidate.code === code);
  if (quota !== undefined) return quota;
  throw new AwsError(
    "NoSuchResourceException",
    `The request failed because the specified service or quota (${serviceCode}, ${code}) does not exist.`,
  );
}

const RESULTS_MAX = 100;

function listed(cloud: Cloud, input: ListServiceQuotasRequest, as: "applied" | "default"): ListServiceQuotasResponse {
  const service = need(input.ServiceCode, "ServiceCode");
  if (!Object.hasOwn(SERVICE_NAMES, service)) throw new AwsError("NoSuchResourceException", `The service ${service} does not exist.`);
  const { MaxResults: size = RESULTS_MAX, NextToken: after } = input;
  if (!Number.isInteger(size) || size < 1 || size > RESULTS_MAX) {
    throw new AwsError("IllegalArgumentException", `MaxResults must be between 1 and ${RESULTS_MAX}.`);
  }
  const wanted = quotasOf(cloud).filter(
    ({ serviceCode, code }) => serviceCode === service && (input.QuotaCode === undefined || input.QuotaCode === code),
  );
  const { items, last } = keyPage(wanted, ({ code }) => code, { after, size });
  return { Quotas: items.map((quota) => wireQuota(cloud, quota, as)), ...(last === undefined ? {} : { NextToken: last }) };
}

function wireQuota(cloud: Cloud, quota: Quota, as: "applied" | "default"): ServiceQuota {
  return {
    ServiceCode: quota.serviceCode,
    ServiceName: SERVICE_NAMES[quota.serviceCode],
    QuotaArn: quotaArn(cloud, quota),
    QuotaCode: quota.code,
    QuotaName: quota.title,
    Value: as === "default" ? quota.defaultValue : quota.value,
    Unit: "None",
    Adjustable: quota.name !== undefined,
    GlobalQuota: quota.serviceCode === "iam",
    ...(as === "applied" ? { QuotaAppliedAtLevel: "ACCOUNT" as const } : {}),
  };
}

function quotaArn(cloud: Cloud, { serviceCode, code }: Quota): string {
  return `arn:aws:servicequotas:${cloud.region}:${cloud.accountId}:${serviceCode}/${code}`;
}
