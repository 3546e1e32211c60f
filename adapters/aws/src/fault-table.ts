import { Fault, type FaultCode } from "@slash28/ports";

/** An AWS refusal: what was called, on what, and what came back. */
export interface AwsError {
  readonly api: string;
  readonly code: string;
  readonly message: string;
  /** What the call was about, for the text of the fault. */
  readonly about: { readonly eni?: string; readonly subnet?: string; readonly instance?: string; readonly prefixes?: boolean };
}

/**
 * EC2's error code → the fault that a driver decides by. Codes that are missing here become `EC2_FAILED`.
 * The throttling codes are those that the AWS SDKs' standard retry mode knows.
 */
export const AWS_FAULTS: Readonly<Record<string, FaultCode>> = {
  Throttling: "EC2_THROTTLED",
  ThrottlingException: "EC2_THROTTLED",
  ThrottledException: "EC2_THROTTLED",
  RequestThrottled: "EC2_THROTTLED",
  RequestThrottledException: "EC2_THROTTLED",
  TooManyRequestsException: "EC2_THROTTLED",
  RequestLimitExceeded: "EC2_THROTTLED",
  BandwidthLimitExceeded: "EC2_THROTTLED",
  PriorRequestNotComplete: "EC2_THROTTLED",
  SlowDown: "EC2_THROTTLED",
  EC2ThrottledException: "EC2_THROTTLED",
  ServiceUnavailable: "EC2_UNREACHABLE",
  Unavailable: "EC2_UNREACHABLE",
  InternalError: "EC2_UNREACHABLE",
  InternalFailure: "EC2_UNREACHABLE",
  UnauthorizedOperation: "EC2_UNAUTHORIZED",
  AuthFailure: "EC2_UNAUTHORIZED",
  AccessDenied: "EC2_UNAUTHORIZED",
  AccessDeniedException: "EC2_UNAUTHORIZED",
  InsufficientFreeAddressesInSubnet: "SUBNET_FULL",
  InsufficientCidrBlocks: "SUBNET_FRAGMENTED",
  PrivateIpAddressLimitExceeded: "ENI_ADDRESS_LIMIT",
  AttachmentLimitExceeded: "INSTANCE_ENI_LIMIT",
  "InvalidNetworkInterfaceID.NotFound": "ENI_GONE",
  "InvalidAttachmentID.NotFound": "ENI_GONE",
};

/**
 * Turns a refusal into the fault of the table. CreateNetworkInterface says `InvalidParameterValue` where AssignPrivateIpAddresses
 * says `InsufficientCidrBlocks`: when prefixes were asked for and the text speaks of free ones, it means the same.
 */
export function awsFault(error: AwsError): Fault {
  const code = isPrefixExhaustion(error) ? "SUBNET_FRAGMENTED" : (AWS_FAULTS[error.code] ?? "EC2_FAILED");
  const { eni, subnet, instance } = error.about;
  return new Fault(code, {
    api: error.api,
    code: error.code,
    detail: error.message,
    ...(eni === undefined ? {} : { eni }),
    ...(subnet === undefined ? {} : { subnet }),
    ...(instance === undefined ? {} : { instance }),
  });
}

function isPrefixExhaustion(error: AwsError): boolean {
  return (
    error.api === "CreateNetworkInterface" &&
    error.code === "InvalidParameterValue" &&
    error.about.prefixes === true &&
    /sufficient|free/i.test(error.message)
  );
}
