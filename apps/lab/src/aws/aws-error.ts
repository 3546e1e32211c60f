/**
 * An answer that is an error, as EC2 would give it. Raised anywhere under an action and turned into error XML by the endpoint.
 * Codes and texts follow the EC2 API reference, "Error codes for the Amazon EC2 API".
 */
export class AwsError extends Error {
  readonly code: string;
  /** HTTP status; 400 unless the code has one of its own. */
  readonly status: number;

  constructor(code: string, message: string, status: number = STATUS[code] ?? 400) {
    super(message);
    this.name = "AwsError";
    this.code = code;
    this.status = status;
  }
}

const STATUS: Readonly<Record<string, number>> = {
  AuthFailure: 401,
  DryRunOperation: 412,
  InternalError: 500,
  RequestLimitExceeded: 503,
  UnauthorizedOperation: 403,
  Unavailable: 503,
};

export function missingParameter(name: string): AwsError {
  return new AwsError("MissingParameter", `The request must contain the parameter ${name}`);
}

export function invalidValue(message: string): AwsError {
  return new AwsError("InvalidParameterValue", message);
}

export function invalidCombination(message: string): AwsError {
  return new AwsError("InvalidParameterCombination", message);
}
