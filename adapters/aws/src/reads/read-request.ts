import { encodeForm, encodeQuery, type QueryParams } from "../query-encoder.ts";
import { READ_SCHEMAS, type AwsReadService } from "./schema.ts";

/** One read of AWS, as the service's API reference names operation and parameters. */
export interface AwsRead {
  readonly service: AwsReadService;
  readonly operation: string;
  /** Form keys of EC2, IAM and Elastic Load Balancing (`Filter`, `SubnetId`); members of AWS JSON; labels and query of EKS's paths. */
  readonly params?: QueryParams;
}

export interface WireRequest {
  readonly method: string;
  /** Path and query, from the slash. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What stands before the operation in `X-Amz-Target` (Service Quotas' published model). */
const TARGET = "ServiceQuotasV20190624";
const FORM = "application/x-www-form-urlencoded; charset=utf-8";

/** A read as it goes over the wire in its service's protocol. */
export function requestOf({ service, operation, params = {} }: AwsRead): WireRequest {
  const schema = READ_SCHEMAS[service];
  switch (schema.protocol) {
    case "ec2":
      return { method: "POST", path: "/", headers: { "content-type": FORM }, body: encodeQuery(operation, params) };
    case "query":
      return { method: "POST", path: "/", headers: { "content-type": FORM }, body: encodeForm(operation, schema.version ?? "", params) };
    case "json":
      return {
        method: "POST",
        path: "/",
        headers: { "content-type": "application/x-amz-json-1.1", "x-amz-target": `${TARGET}.${operation}` },
        body: JSON.stringify(params),
      };
    case "rest-json":
      return {
        method: schema.operations[operation]?.method ?? "GET",
        path: pathOf(schema.operations[operation]?.path ?? "/", params),
        headers: {},
      };
    default:
      return schema.protocol satisfies never;
  }
}

function pathOf(template: string, params: QueryParams): string {
  const left = new Map(Object.entries(params).filter(([, value]) => value !== undefined));
  const path = template.replace(/\{(\w+)\}/g, (_, label: string) => {
    const value = left.get(label);
    left.delete(label);
    return encodeURIComponent(textOf(value));
  });
  const query = new URLSearchParams([...left].map(([key, value]): [string, string] => [key, textOf(value)])).toString();
  return query === "" ? path : `${path}?${query}`;
}

/** Paths carry texts and numbers, no lists. */
function textOf(value: QueryParams[string]): string {
  return typeof value === "string" ? value : JSON.stringify(value ?? "");
}
