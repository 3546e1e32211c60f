import { invalidValue } from "../errors.ts";
import type { Ec2Error } from "../result.ts";

/** How long EC2 keeps track of idle connections of an ENI, in seconds; what is absent is EC2's default. */
export interface ConnectionTracking {
  readonly tcpEstablishedTimeout?: number;
  readonly udpStreamTimeout?: number;
  readonly udpTimeout?: number;
}

/** What EC2 takes, in seconds (EC2 user guide, idle connection tracking timeout). */
const BOUNDS: Readonly<Record<keyof ConnectionTracking, readonly [least: number, most: number]>> = {
  tcpEstablishedTimeout: [60, 432_000],
  udpStreamTimeout: [60, 180],
  udpTimeout: [30, 60],
};

export function connectionTrackingFault(wanted: ConnectionTracking): Ec2Error | undefined {
  for (const [field, [least, most]] of Object.entries(BOUNDS)) {
    const value = wanted[field as keyof ConnectionTracking];
    if (value !== undefined && !(Number.isInteger(value) && value >= least && value <= most))
      return invalidValue(`Value (${value}) for parameter ${field} is invalid: it must be from ${least} to ${most} seconds.`);
  }
  return undefined;
}
