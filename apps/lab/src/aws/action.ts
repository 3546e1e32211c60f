import type { Call, Cloud, Ec2Result } from "@slash28/vpc";
import { AwsError } from "./aws-error.ts";
import type { CredentialScope } from "./wire/credential-scope.ts";

/** What an action gets besides its input. */
export interface ActionContext {
  readonly cloud: Cloud;
  readonly call: Call;
  /** Who signed the request; `undefined` when nobody did. */
  readonly caller: CredentialScope | undefined;
}

/**
 * One action of a service. `Input` and `Output` are the SDK's types of the operation: the generated schema has the same members, so what type
 * checks here is what clients send and read.
 */
export interface Action<Input, Output> {
  readonly name: string;
  /** Mutating actions are followed by the endpoint's `afterMutation`, and draw from other token buckets. */
  readonly mutates: boolean;
  /** @throws {AwsError} the answer when it is an error */
  run(input: Input, context: ActionContext): Output | Promise<Output>;
}

/** An action whose types the table does not tell apart. */
export type AnyAction = Action<Readonly<Record<string, unknown>>, object>;

/** An action that only reads. */
export function read<Input, Output extends object>(
  name: string,
  run: (input: Input, context: ActionContext) => Output | Promise<Output>,
): AnyAction {
  return { name, mutates: false, run } as Action<Input, Output> as unknown as AnyAction;
}

/** An action that changes the cloud. */
export function mutation<Input, Output extends object>(
  name: string,
  run: (input: Input, context: ActionContext) => Output | Promise<Output>,
): AnyAction {
  return { name, mutates: true, run } as Action<Input, Output> as unknown as AnyAction;
}

/** The answer of a mutation that has no output. */
export const DONE: Readonly<Record<string, never>> = {};

/** The model's value, or its refusal raised as the answer. */
export function answer<T>(result: Ec2Result<T>): T {
  if (!result.ok) throw new AwsError(result.error.code, result.error.message);
  return result.value;
}

/** A parameter the action cannot do without although the published model lets it be absent. */
export function need<T>(value: T | undefined, parameter: string): T {
  if (value === undefined) throw new AwsError("MissingParameter", `The request must contain the parameter ${parameter}`);
  return value;
}
