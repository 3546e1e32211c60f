import type { LabStatus } from "@slash28/lab";

/** What `eval "$(slash28 lab env)"` sets: stock kubectl, helm, aws and every SDK then talk to the lab. */
export function labEnv(status: LabStatus): Readonly<Record<string, string>> {
  return {
    KUBECONFIG: status.endpoints.kubeconfig,
    AWS_ENDPOINT_URL: status.endpoints.aws,
    AWS_REGION: status.region,
    AWS_DEFAULT_REGION: status.region,
    ...keysOf(status),
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_PAGER: "",
  };
}

/** None where the lab has none to give: whoever has some sets them. */
export function keysOf({ credentials }: Pick<LabStatus, "credentials">): Readonly<Record<string, string>> {
  if (credentials === undefined) return {};
  return { AWS_ACCESS_KEY_ID: credentials.accessKeyId, AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey };
}

/** As lines for a POSIX shell. */
export function exportLines(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => `export ${name}=${quote(value)}`)
    .join("\n");
}

function quote(value: string): string {
  return /^[\w./:-]*$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`;
}
