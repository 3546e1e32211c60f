import { dirname, join } from "node:path";
import type { AgentSettings } from "@slash28/ipam";

export type Env = Readonly<Record<string, string | undefined>>;

/** Where the agent finds and puts things on its host; upstream's variables where it has them. */
export interface AgentPaths {
  /** `SLASH28_AGENT_SOCKET`. */
  readonly socket: string;
  /** The VPC CNI's gRPC socket: `SLASH28_IPAMD_SOCKET`; absent: `ipamd.sock` beside the one above. */
  readonly grpcSocket: string;
  /** Beside upstream's checkpoint: `ipam.json` → `ipam.journal`. */
  readonly journal: string;
  readonly checkpoint: string;
  /** What the adaptive warm policy has learned, beside the journal. */
  readonly demand: string;
  /** `HOST_CNI_BIN_PATH`, `HOST_CNI_CONFDIR_PATH`. */
  readonly cniBinDir: string;
  readonly cniConfDir: string;
  /** `SLASH28_CNI_PLUGIN`: the plugin to install; absent: the one beside the program. */
  readonly plugin?: string;
}

/** What EC2 and the metadata service are reached at. */
export interface AwsEndpoints {
  /** Absent: the region's own. */
  readonly ec2?: string;
  /** `AWS_EC2_METADATA_SERVICE_ENDPOINT`. */
  readonly metadata: string;
}

export function pathsOf(env: Env, settings: Pick<AgentSettings, "backingStore">): AgentPaths {
  const plugin = env["SLASH28_CNI_PLUGIN"];
  const socket = env["SLASH28_AGENT_SOCKET"] || "/var/run/aws-node/slash28.sock";
  return {
    socket,
    grpcSocket: env["SLASH28_IPAMD_SOCKET"] || join(dirname(socket), "ipamd.sock"),
    journal: join(dirname(settings.backingStore), "ipam.journal"),
    checkpoint: settings.backingStore,
    demand: join(dirname(settings.backingStore), "ipam.demand"),
    cniBinDir: env["HOST_CNI_BIN_PATH"] || "/host/opt/cni/bin",
    cniConfDir: env["HOST_CNI_CONFDIR_PATH"] || "/host/etc/cni/net.d",
    ...(plugin ? { plugin } : {}),
  };
}

export function endpointsOf(env: Env, { ec2Endpoint }: Pick<AgentSettings, "ec2Endpoint">): AwsEndpoints {
  return {
    ...(ec2Endpoint === undefined ? {} : { ec2: ec2Endpoint.url }),
    metadata: env["AWS_EC2_METADATA_SERVICE_ENDPOINT"] || "http://169.254.169.254",
  };
}

/** `SLASH28_DATA_PLANE=simulated`: the kernel is a model, no packet flows. */
export function isSimulated(env: Env): boolean {
  return env["SLASH28_DATA_PLANE"] === "simulated";
}
