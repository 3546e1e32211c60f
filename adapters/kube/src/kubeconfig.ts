import { Fault } from "@slash28/ports";
import type { Clock } from "@slash28/ports";
import type { KubeConnection, KubeCredentials } from "./connection.ts";
import { createKube } from "./kube-client.ts";
import type { KubeClient } from "./kube-client.ts";

export interface KubeconfigOptions {
  readonly clock: Clock;
  /** Absent: the file's `current-context`. */
  readonly context?: string;
  /** For `certificate-authority`, `client-certificate`, `client-key`, `tokenFile`; absent: such entries are refused. */
  readonly readFile?: (path: string) => Promise<string>;
  /** Runs a credential plugin and gives what it prints; absent: users that need one are refused. */
  readonly runPlugin?: (plugin: CredentialPlugin) => Promise<string>;
}

/** A program that a kubeconfig names for its user's token, such as `aws eks get-token`. */
export interface CredentialPlugin {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

interface ClusterEntry {
  readonly server?: string;
  readonly "certificate-authority"?: string;
  readonly "certificate-authority-data"?: string;
  readonly "insecure-skip-tls-verify"?: boolean;
}

interface UserEntry {
  readonly token?: string;
  readonly tokenFile?: string;
  readonly "client-certificate"?: string;
  readonly "client-certificate-data"?: string;
  readonly "client-key"?: string;
  readonly "client-key-data"?: string;
  readonly exec?: ExecEntry;
}

interface ExecEntry {
  readonly apiVersion?: string;
  readonly command?: string;
  readonly args?: readonly string[] | null;
  readonly env?: readonly { readonly name: string; readonly value: string }[] | null;
}

interface Kubeconfig {
  readonly "current-context"?: string;
  readonly clusters?: readonly { readonly name: string; readonly cluster: ClusterEntry }[];
  readonly users?: readonly { readonly name: string; readonly user: UserEntry }[];
  readonly contexts?: readonly { readonly name: string; readonly context: { readonly cluster: string; readonly user: string } }[];
}

/** A client for one context of a kubeconfig. Tokens, token files, client certificates, and credential plugins where `runPlugin` is given. */
export async function kubeFromKubeconfig(text: string, options: KubeconfigOptions): Promise<KubeClient> {
  return createKube(await connectionFromKubeconfig(text, options));
}

/** What `kubeFromKubeconfig` connects with. */
export async function connectionFromKubeconfig(text: string, options: KubeconfigOptions): Promise<KubeConnection> {
  const config = await readConfig(text);
  const name = options.context ?? config["current-context"];
  const context = config.contexts?.find((entry) => entry.name === name)?.context;
  if (context === undefined) throw bad(`it has no context ${name ?? "(current-context is not set)"}`);
  const cluster = config.clusters?.find((entry) => entry.name === context.cluster)?.cluster;
  if (cluster?.server === undefined) throw bad(`context ${name} names the cluster ${context.cluster}, which has no server`);
  const user = config.users?.find((entry) => entry.name === context.user)?.user ?? {};
  const ca = await pem(cluster["certificate-authority-data"], cluster["certificate-authority"], options);
  return {
    server: cluster.server,
    ...(ca === undefined ? {} : { ca }),
    ...(cluster["insecure-skip-tls-verify"] === true ? { skipTlsVerify: true } : {}),
    credentials: await credentialsOf(user, options),
    clock: options.clock,
  };
}

/** A node's agent reads no kubeconfig: it shall not carry a YAML parser about. */
async function readConfig(text: string): Promise<Kubeconfig> {
  const { parseYaml } = await import("./yaml-text.ts");
  try {
    return parseYaml(text) ?? {};
  } catch (cause) {
    // What follows the first line shows the file's own, and with it perhaps a token.
    const [said = ""] = (cause instanceof Error ? cause.message : "").split("\n");
    throw new Fault("BAD_REQUEST", { detail: `the kubeconfig is not YAML: ${said.replace(/:$/, "")}` });
  }
}

async function credentialsOf(user: UserEntry, options: KubeconfigOptions): Promise<KubeCredentials> {
  if (user.token !== undefined) return { kind: "token", token: user.token };
  const { tokenFile } = user;
  if (tokenFile !== undefined) return { kind: "token-file", read: () => readNamed(tokenFile, options) };
  const certificate = await pem(user["client-certificate-data"], user["client-certificate"], options);
  const key = await pem(user["client-key-data"], user["client-key"], options);
  if (certificate !== undefined && key !== undefined) return { kind: "certificate", certificate, key };
  if (user.exec !== undefined) return await pluginCredentials(user.exec, options);
  return { kind: "none" };
}

/** What a plugin prints is an `ExecCredential` (Kubernetes documentation, "client-go credential plugins"). */
async function pluginCredentials(exec: ExecEntry, { runPlugin }: KubeconfigOptions): Promise<KubeCredentials> {
  if (runPlugin === undefined) throw bad("its user runs a credential plugin, which is not supported; use a token");
  const { command } = exec;
  if (command === undefined) throw bad("its user's credential plugin has no command");
  const env = Object.fromEntries((exec.env ?? []).map(({ name, value }) => [name, value]));
  const info = { apiVersion: exec.apiVersion, kind: "ExecCredential", spec: { interactive: false } };
  const printed = await runPlugin({ command, args: exec.args ?? [], env: { ...env, KUBERNETES_EXEC_INFO: JSON.stringify(info) } });
  const status = statusOf(printed);
  if (status?.token !== undefined) return { kind: "token", token: status.token };
  const { clientCertificateData: certificate, clientKeyData: key } = status ?? {};
  if (certificate !== undefined && key !== undefined) return { kind: "certificate", certificate, key };
  throw bad(`${command} printed no credentials`);
}

interface PluginStatus {
  readonly token?: string;
  readonly clientCertificateData?: string;
  readonly clientKeyData?: string;
}

function statusOf(printed: string): PluginStatus | undefined {
  try {
    return (JSON.parse(printed) as { readonly status?: PluginStatus } | null)?.status;
  } catch {
    return undefined;
  }
}

async function pem(data: string | undefined, path: string | undefined, options: KubeconfigOptions): Promise<string | undefined> {
  if (data !== undefined) return Buffer.from(data, "base64").toString("utf8");
  return path === undefined ? undefined : await readNamed(path, options);
}

async function readNamed(path: string, options: KubeconfigOptions): Promise<string> {
  if (options.readFile === undefined) throw bad(`it names the file ${path}, and files are not read here`);
  return await options.readFile(path);
}

function bad(detail: string): Fault {
  return new Fault("BAD_REQUEST", { detail: `the kubeconfig cannot be used: ${detail}` });
}
