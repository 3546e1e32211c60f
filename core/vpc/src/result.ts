import type { Ec2ErrorCode } from "./error-codes.ts";

/** Milliseconds since the Unix epoch. */
export type Millis = number;

/** A refusal, in EC2's words: the code clients switch on, the message some of them parse. */
export interface Ec2Error {
  readonly code: Ec2ErrorCode;
  readonly message: string;
}

export type Ec2Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: Ec2Error };

/** What comes with every call besides its parameters. */
export interface Call {
  readonly now: Millis;
  /** Checks everything, changes nothing, and answers `DryRunOperation` where the call would have succeeded. */
  readonly dryRun?: boolean;
}

export function ok<T>(value: T): Ec2Result<T> {
  return { ok: true, value };
}

export function refuse(error: Ec2Error): { readonly ok: false; readonly error: Ec2Error } {
  return { ok: false, error };
}
