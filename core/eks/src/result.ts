/** Milliseconds since the Unix epoch. */
export type Millis = number;

/** The error shapes of the EKS API that this model answers with, and the HTTP status each has (Amazon EKS API Reference, "Common Errors"). */
export const EKS_ERROR_STATUS = {
  AccessDeniedException: 403,
  InvalidParameterException: 400,
  InvalidRequestException: 400,
  InvalidStateException: 400,
  NotFoundException: 404,
  ResourceInUseException: 409,
  ResourceLimitExceededException: 400,
  ResourceNotFoundException: 404,
  UnsupportedAvailabilityZoneException: 400,
} as const;

export type EksErrorCode = keyof typeof EKS_ERROR_STATUS;

/** A refusal, in EKS's words; `fields` are the members of the error's shape besides `message`. */
export interface EksError {
  readonly code: EksErrorCode;
  readonly message: string;
  readonly fields: Readonly<Record<string, string>>;
}

export type EksResult<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: EksError };

export function ok<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

export function refuse(error: EksError): { readonly ok: false; readonly error: EksError } {
  return { ok: false, error };
}
