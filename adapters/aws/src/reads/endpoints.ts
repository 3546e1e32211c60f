import type { AwsReadService } from "./schema.ts";

export interface AwsEndpoint {
  /** Without a slash at its end. */
  readonly url: string;
  /** What signatures name. */
  readonly signingName: string;
  readonly signingRegion: string;
}

interface ServiceNames {
  /** The end of `AWS_ENDPOINT_URL_…`, as the AWS SDKs form it of the service's id. */
  readonly variable: string;
  readonly host: string;
  readonly signingName: string;
  /** IAM has one endpoint per partition. */
  readonly isGlobal?: true;
}

const SERVICES: Readonly<Record<AwsReadService, ServiceNames>> = {
  ec2: { variable: "EC2", host: "ec2", signingName: "ec2" },
  eks: { variable: "EKS", host: "eks", signingName: "eks" },
  iam: { variable: "IAM", host: "iam", signingName: "iam", isGlobal: true },
  "service-quotas": { variable: "SERVICE_QUOTAS", host: "servicequotas", signingName: "servicequotas" },
  elbv2: { variable: "ELASTIC_LOAD_BALANCING_V2", host: "elasticloadbalancing", signingName: "elasticloadbalancing" },
};

/** Where a service is asked: `AWS_ENDPOINT_URL_<SERVICE>`, else `AWS_ENDPOINT_URL`, else AWS's own (AWS SDKs reference guide, "Service-specific endpoints"). */
export function endpointOf(service: AwsReadService, region: string, env: Readonly<Record<string, string | undefined>>): AwsEndpoint {
  const { variable, host, signingName, isGlobal } = SERVICES[service];
  const told = env[`AWS_ENDPOINT_URL_${variable}`] || env["AWS_ENDPOINT_URL"];
  const china = region.startsWith("cn-");
  const url = told || (isGlobal ? globalUrl(region) : `https://${host}.${region}.amazonaws.com${china ? ".cn" : ""}`);
  return { url: url.replace(/\/+$/, ""), signingName, signingRegion: isGlobal ? globalRegion(region) : region };
}

function globalUrl(region: string): string {
  if (region.startsWith("cn-")) return "https://iam.cn-north-1.amazonaws.com.cn";
  return region.startsWith("us-gov-") ? "https://iam.us-gov.amazonaws.com" : "https://iam.amazonaws.com";
}

function globalRegion(region: string): string {
  if (region.startsWith("cn-")) return "cn-north-1";
  return region.startsWith("us-gov-") ? "us-gov-west-1" : "us-east-1";
}
