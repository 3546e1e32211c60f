import type { Update } from "@aws-sdk/client-eks";
import { EKS_ERROR_STATUS, type Eks, type EksActionName, type EksCall, type EksInput, type EksOutput, type EksResult } from "@slash28/eks";
import { RestError, type RestCall } from "../rest-json/index.ts";

/** Node groups stand beside the clusters' own model; what EKS's shared operations ask of them. */
export interface NodeGroupSide {
  /** Names of a cluster's node groups. */
  names(cluster: string): readonly string[];
  /** Updates of a node group, newest first; `undefined` when there is no such group. */
  updates(cluster: string, nodeGroup: string): readonly Update[] | undefined;
  /** Tags of a node group, by ARN; `undefined` when it is none. */
  tags(arn: string): Readonly<Record<string, string>> | undefined;
  changeTags(arn: string, change: { readonly put: Readonly<Record<string, string>>; readonly remove: readonly string[] }): void;
}

export const NO_NODE_GROUPS: NodeGroupSide = {
  names: () => [],
  updates: () => undefined,
  tags: () => undefined,
  changeTags: () => undefined,
};

/** What EKS's operations work on. */
export interface EksContext {
  readonly eks: Eks;
  /** What the model is told with a call of this caller. */
  readonly call: (callerArn: string) => EksCall;
  /** ARN of who signed a request. */
  readonly callerArn: (call: RestCall) => string;
  readonly nodeGroups: NodeGroupSide;
  /** Called after each change, so that whoever makes it true goes to work. Does not wait for that. */
  readonly afterChange: () => void;
}

/** The model's value, or its refusal raised as the answer. */
export function answer<T>(result: EksResult<T>): T {
  if (result.ok) return result.value;
  const { code, message, fields } = result.error;
  throw new RestError(code, message, EKS_ERROR_STATUS[code], fields);
}

/** Carries an action out for whoever asks. */
export function act<Name extends EksActionName>(context: EksContext, name: Name, input: EksInput<Name>, call: RestCall): EksOutput<Name> {
  const value = answer(context.eks.act(name, input, context.call(context.callerArn(call))));
  context.afterChange();
  return value;
}

/** The cluster of that name as it is now. */
export function clusterOf({ eks }: EksContext, name: string | undefined): Eks["state"]["clusters"][string] {
  const found = name !== undefined && Object.hasOwn(eks.state.clusters, name) ? eks.state.clusters[name] : undefined;
  if (found === undefined) {
    throw new RestError("ResourceNotFoundException", `No cluster found for name: ${name}.`, 404, { clusterName: name });
  }
  return found;
}
