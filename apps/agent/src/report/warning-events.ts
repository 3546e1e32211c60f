import type { Clock, Fault, FaultCode } from "@slash28/ports";

/** What an operator must act on, told as a Kubernetes event: the fault and the event's reason. */
const REASONS: Partial<Readonly<Record<FaultCode, string>>> = {
  SUBNET_FULL: "InsufficientFreeAddresses",
  SUBNET_FRAGMENTED: "InsufficientCidrBlocks",
  SUBNETS_UNKNOWN: "SubnetDiscoveryFailed",
  ENI_CONFIG_UNUSABLE: "ENIConfigUnusable",
  EC2_UNAUTHORIZED: "MissingIAMPermissions",
  NO_CREDENTIALS: "MissingCredentials",
};
/** The same thing is told again after this long. */
const EVERY_MS = 5 * 60_000;

/** Where warnings go: the node's and the agent pod's events. */
export type TellWarning = (reason: string, message: string) => void;

/** Tells of faults that wait for an operator, each kind now and then. */
export function createWarningEvents(tell: TellWarning, clock: Clock): (fault: Fault) => void {
  const toldAt = new Map<FaultCode, number>();
  return (fault) => {
    const reason = REASONS[fault.code];
    const last = toldAt.get(fault.code);
    if (reason === undefined || (last !== undefined && clock.now() - last < EVERY_MS)) return;
    toldAt.set(fault.code, clock.now());
    tell(reason, fault.message);
  };
}
