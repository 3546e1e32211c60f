import type { Ec2Profile } from "../aws/index.ts";
import type { DataPlane, IamMode } from "../control/index.ts";

/** What `lab up` asks of the supervisor it starts. */
export interface LabOrder {
  readonly dataPlane: DataPlane;
  readonly ec2Profile: Ec2Profile;
  readonly apiPort: number;
  readonly awsPort: number;
  readonly seed: number;
  readonly iam: IamMode;
  /** Where VPC and cluster are kept; nowhere when absent. */
  readonly stateDir?: string;
}

/** Reads the order from the command line. The command wrote it, so anything odd is a mistake of ours: it throws. */
export function parseOrder(text: string): LabOrder {
  const value = JSON.parse(text) as Partial<Record<keyof LabOrder, unknown>>;
  const { dataPlane, ec2Profile, apiPort, awsPort, seed, iam, stateDir } = value;
  if (dataPlane !== "kernel" && dataPlane !== "simulated") throw new TypeError(`no data plane ${String(dataPlane)}`);
  if (ec2Profile !== "instant" && ec2Profile !== "realistic") throw new TypeError(`no EC2 profile ${String(ec2Profile)}`);
  if (iam !== "open" && iam !== "strict") throw new TypeError(`no IAM mode ${String(iam)}`);
  if (stateDir !== undefined && (typeof stateDir !== "string" || !stateDir.startsWith("/"))) {
    throw new TypeError(`${JSON.stringify(stateDir)} is not an absolute path`);
  }
  const numbers = { apiPort: whole(apiPort), awsPort: whole(awsPort), seed: whole(seed) };
  return { dataPlane, ec2Profile, iam, ...numbers, ...(stateDir === undefined ? {} : { stateDir }) };
}

function whole(value: unknown): number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0) throw new TypeError(`${String(value)} is not a whole number`);
  return value;
}
