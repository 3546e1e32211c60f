import type { LabStatus } from "@slash28/lab";

/** What `eval "$(slash28 lab env)"` sets: stock kubectl, helm, aws and every SDK then talk to the lab. */
export function labEnv(status: LabStatus): Readonly<Record<string, string>> {
  return {
    KUBECONFIG: status.endpoints.kubeconfig,
    AWS_ENDPOINT_URL: status.endpoints.aws,
    AWS_REGION: status.region,
    AWS_DEFAULT_REGION: status.region,
    AWS_ACCESS_KEY_ID: "slash28",
    AWS_SECRET_ACCESS_KEY: "slash28",
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_PAGER: "",
  };
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
