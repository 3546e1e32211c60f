import type { EksState, ClusterRecord } from "./state.ts";
import { unknown } from "./errors.ts";
import { ok, refuse, type EksResult, type Millis } from "./result.ts";

/** What EKS asks of the VPC before it says yes. */
export interface EksNetwork {
  subnet(
    id: string,
  ): { readonly vpcId: string; readonly zone: string; readonly freeAddresses: number; readonly hasIpv6: boolean } | undefined;
  securityGroup(id: string): { readonly vpcId: string } | undefined;
  /** In how many zones the subnets of a cluster must lie; 2 when absent, as EKS has it. */
  readonly zonesMin?: number;
  /** IPv4 blocks of a VPC, as text. */
  vpcCidrs(vpcId: string): readonly string[];
}

/** What comes with every call besides its parameters. */
export interface EksCall {
  readonly now: Millis;
  /** ARN of who asks. */
  readonly callerArn: string;
  readonly network: EksNetwork;
  /** A fresh UUID, lower case. */
  readonly newUuid: () => string;
  /** Names of a cluster's node groups; they are kept elsewhere. */
  readonly nodeGroups: (cluster: string) => readonly string[];
}

/** The account, for ARNs. */
export interface EksPlace {
  readonly region: string;
  readonly accountId: string;
}

/** What a call that changes something comes to: the state after it, and the answer. */
export interface Changed<T> {
  readonly state: EksState;
  readonly value: T;
}

/** A decision: the state before and the parameters in, the state after or a refusal out. A refusal has changed nothing. */
export type Decide<Input, Output> = (state: EksState, input: Input, call: EksCall, place: EksPlace) => EksResult<Changed<Output>>;

export function findCluster(state: EksState, name: string): EksResult<ClusterRecord> {
  const found = Object.hasOwn(state.clusters, name) ? state.clusters[name] : undefined;
  return found === undefined ? refuse(unknown.cluster(name)) : ok(found);
}

export function withCluster(state: EksState, cluster: ClusterRecord): EksState {
  return { ...state, clusters: { ...state.clusters, [cluster.name]: cluster } };
}

export function without<T>(record: Readonly<Record<string, T>>, key: string): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => name !== key));
}
