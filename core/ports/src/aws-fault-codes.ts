import type { FaultCode } from "./fault.ts";

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

/** What of a refusal decides which fault it is. */
export interface AwsRefusal {
  /** `CreateNetworkInterface` */
  readonly api: string;
  readonly code: string;
  readonly message: string;
  /** Whether prefixes were asked for. */
  readonly isForPrefixes: boolean;
}

/**
 * The fault that a refusal is. CreateNetworkInterface says `InvalidParameterValue` where AssignPrivateIpAddresses says
 * `InsufficientCidrBlocks`: when prefixes were asked for and the text speaks of free ones, it means the same.
 */
export function awsFaultCode(refusal: AwsRefusal): FaultCode {
  return isPrefixExhaustion(refusal) ? "SUBNET_FRAGMENTED" : (AWS_FAULTS[refusal.code] ?? "EC2_FAILED");
}

function isPrefixExhaustion({ api, code, message, isForPrefixes }: AwsRefusal): boolean {
  return isForPrefixes && api === "CreateNetworkInterface" && code === "InvalidParameterValue" && /sufficient|free/i.test(message);
}
