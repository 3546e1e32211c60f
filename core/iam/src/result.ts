/** Milliseconds since the Unix epoch. */
export type Millis = number;

/** Codes of IAM and STS (their API references, "Errors"). */
export type IamErrorCode =
  | "AccessDenied"
  | "DeleteConflict"
  | "EntityAlreadyExists"
  | "ExpiredTokenException"
  | "IDPCommunicationError"
  | "InvalidAuthorizationMessageException"
  | "InvalidIdentityToken"
  | "InvalidInput"
  | "LimitExceeded"
  | "MalformedPolicyDocument"
  | "NoSuchEntity"
  | "PackedPolicyTooLarge"
  | "UnmodifiableEntity"
  | "ValidationError";

/** A refusal in the words of IAM or STS. */
export interface IamError {
  readonly code: IamErrorCode;
  readonly message: string;
}

export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: IamError };

export function ok<T>(value: T): Result<T> {
  return { ok: true, value };
}

export function refuse(code: IamErrorCode, message: string): { readonly ok: false; readonly error: IamError } {
  return { ok: false, error: { code, message } };
}
