import { cidr4Size, type Cidr6, type SubnetId } from "@slash28/address";
import { Gauge } from "../figures/gauge.ts";
import { Holdings } from "../figures/holdings.ts";
import type { FleetSubnet } from "../fleet-input.ts";
import { AddressMap } from "./address-map.ts";

/** A subnet of the run: what the input says of it, its id in the model, and what is counted of it. */
export class SubnetOfRun {
  readonly spec: FleetSubnet;
  readonly id: SubnetId;
  readonly map: AddressMap;
  readonly holdings = new Holdings();
  /** Whatever is not free, AWS's own five left out. */
  readonly used = new Gauge();
  /** Addresses that EC2 gives out. */
  readonly usable: number;
  /** Of an IPv6 cluster's subnets. */
  readonly ipv6Cidr: Cidr6 | undefined;
  /** /80 prefixes that nodes have of it. */
  readonly ipv6Prefixes = new Gauge();
  otherTenants = 0;
  peakMap = "";
  peakMapAt = 0;
  peakMapUsed = -1;

  constructor(spec: FleetSubnet, id: SubnetId, ipv6Cidr?: Cidr6) {
    this.spec = spec;
    this.id = id;
    this.ipv6Cidr = ipv6Cidr;
    this.usable = cidr4Size(spec.cidr) - RESERVED_BY_AWS;
    this.map = new AddressMap(
      spec.cidr,
      (spec.reservations ?? []).map(({ cidr }) => cidr),
    );
  }
}

/** The first four addresses of a subnet and the last. */
const RESERVED_BY_AWS = 5;
