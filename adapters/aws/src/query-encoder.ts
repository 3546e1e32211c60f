/** A parameter of the EC2 query protocol. Lists are flattened and counted from 1; nested values are joined by dots; absent ones are left out. */
export type QueryValue = string | number | boolean | undefined | readonly QueryValue[] | { readonly [name: string]: QueryValue };

export type QueryParams = Readonly<Record<string, QueryValue>>;

/** The API version that EC2 has answered to since 2016. */
const VERSION = "2016-11-15";

/** The form body of one EC2 call: `{ Filter: [{ Name: "vpc-id", Value: ["vpc-1"] }] }` → `Filter.1.Name=vpc-id&Filter.1.Value.1=vpc-1`. */
export function encodeQuery(action: string, params: QueryParams): string {
  return encodeForm(action, VERSION, params);
}

/** The same for another service of form protocols; lists of IAM and Elastic Load Balancing are written as `{ Names: { member: […] } }`. */
export function encodeForm(action: string, version: string, params: QueryParams): string {
  const form = new URLSearchParams({ Action: action, Version: version });
  put(form, "", params);
  return form.toString();
}

function put(form: URLSearchParams, name: string, value: QueryValue): void {
  if (value === undefined) return;
  if (typeof value !== "object") {
    form.append(name, String(value));
  } else if (isList(value)) {
    value.forEach((item, index) => put(form, `${name}.${index + 1}`, item));
  } else {
    for (const [key, item] of Object.entries(value)) put(form, name === "" ? key : `${name}.${key}`, item);
  }
}

function isList(value: object): value is readonly QueryValue[] {
  return Array.isArray(value);
}
