import { cidr4, formatIpv4, offsetIpv4, type Cidr4 } from "@slash28/address";

/** Where the services of a cluster have their addresses unless it was asked for another range. */
export const USUAL_SERVICE_RANGE = cidr4("10.100.0.0/16");

/** What a service range keeps for the cluster itself: its first address is the API's, its tenth DNS's, as on EKS. */
export interface OwnServiceAddresses {
  readonly api: string;
  readonly dns: string;
}

export function ownServiceAddresses({ base }: Cidr4): OwnServiceAddresses {
  return { api: formatIpv4(offsetIpv4(base, 1)), dns: formatIpv4(offsetIpv4(base, 10)) };
}
