import { cidr4Has, cidr4Size, formatCidr4, formatIpv4, offsetIpv4, parseIpv4, type Cidr4, type Ipv4 } from "@slash28/address";
import {
  at,
  fail,
  fieldsOf,
  invalid,
  invalidValue,
  listOf,
  own,
  succeed,
  textOf,
  withField,
  type Fields,
  type KubeObject,
  type Result,
  type Store,
} from "@slash28/kube-store";

const NODE_PORT_FIRST = 30_000;
const NODE_PORT_LAST = 32_767;

/**
 * Cluster IPs and node ports of services. Addresses given by name lie at the start of the range, so dynamic ones start after
 * it (KEP-3070).
 */
export class ServiceAddresses {
  readonly #range: Cidr4;
  readonly #addresses = new Set<Ipv4>();
  readonly #nodePorts = new Set<number>();
  #nextOffset: number;
  #nextPort = NODE_PORT_FIRST;

  constructor(range: Cidr4, store: Store) {
    this.#range = range;
    const size = cidr4Size(range);
    this.#nextOffset = size <= 32 ? 1 : Math.min(256, Math.max(16, Math.floor(size / 16)));
    for (const service of store.list("services")) this.#count(service, "add");
    store.onWrite(({ resource, before, after }) => {
      if (resource !== "services") return;
      this.#count(before, "delete");
      this.#count(after, "add");
    });
  }

  /** The service with its cluster IP and node ports given; nothing is taken before it is stored. */
  assign(service: KubeObject, before: KubeObject | undefined): Result<KubeObject> {
    const spec = fieldsOf(service["spec"]);
    if (own(spec, "type") === "ExternalName") return succeed(service);
    const wanted =
      textOf(own(spec, "clusterIP")) ?? textOf(listOf(own(spec, "clusterIPs"))[0]) ?? textOf(at(before, "spec", "clusterIP")) ?? "";
    const address = wanted === "" ? this.#free() : wanted;
    if (address === undefined) {
      return fail({
        code: 500,
        reason: "InternalError",
        message: `failed to allocate a serviceIP: range ${formatCidr4(this.#range)} is full`,
      });
    }
    if (wanted !== "" && wanted !== "None" && wanted !== at(before, "spec", "clusterIP")) {
      const why = this.#refusal(wanted);
      if (why !== undefined) return fail(invalid("Service", service.metadata.name, [invalidValue("spec.clusterIPs", [wanted], why)]));
    }
    const addressed: Fields = { ...spec, clusterIP: address, clusterIPs: [address], ipFamilies: ["IPv4"], ipFamilyPolicy: "SingleStack" };
    return succeed({ ...service, spec: this.#withNodePorts(addressed, before) });
  }

  #refusal(wanted: string): string | undefined {
    const address = parseIpv4(wanted);
    if (address === undefined) return "must be a valid IPv4 address";
    if (!cidr4Has(this.#range, address))
      return `failed to allocate IP ${wanted}: the provided IP is not in the valid range. The range of valid IPs is ${formatCidr4(this.#range)}`;
    return this.#addresses.has(address) ? `failed to allocate IP ${wanted}: provided IP is already allocated` : undefined;
  }

  /** The next free address, going round the dynamic part and then, when it is full, the part kept for given ones. */
  #free(): string | undefined {
    const last = cidr4Size(this.#range) - 2;
    for (let step = 0; step < last; step++) {
      const offset = this.#nextOffset > last ? 1 : this.#nextOffset;
      this.#nextOffset = offset + 1;
      const address = offsetIpv4(this.#range.base, offset);
      if (!this.#addresses.has(address)) return formatIpv4(address);
    }
    return undefined;
  }

  #withNodePorts(spec: Fields, before: KubeObject | undefined): Fields {
    const type = own(spec, "type");
    const needs = type === "NodePort" || (type === "LoadBalancer" && own(spec, "allocateLoadBalancerNodePorts") !== false);
    if (!needs) return spec;
    const known = listOf(at(before, "spec", "ports"));
    const ports = listOf(own(spec, "ports")).map((port) => {
      if (Number(at(port, "nodePort") ?? 0) > 0) return port;
      const same = known.find((other) => at(other, "port") === at(port, "port") && at(other, "protocol") === at(port, "protocol"));
      return withField(fieldsOf(port), "nodePort", at(same, "nodePort") ?? this.#freePort());
    });
    return withField(spec, "ports", ports);
  }

  #freePort(): number {
    for (let tries = 0; tries <= NODE_PORT_LAST - NODE_PORT_FIRST; tries++) {
      const port = this.#nextPort;
      this.#nextPort = port === NODE_PORT_LAST ? NODE_PORT_FIRST : port + 1;
      if (!this.#nodePorts.has(port)) return port;
    }
    return NODE_PORT_FIRST;
  }

  #count(service: KubeObject | undefined, change: "add" | "delete"): void {
    const address = parseIpv4(textOf(at(service, "spec", "clusterIP")) ?? "");
    if (address !== undefined) this.#addresses[change](address);
    for (const port of listOf(at(service, "spec", "ports"))) {
      const nodePort = at(port, "nodePort");
      if (typeof nodePort === "number") this.#nodePorts[change](nodePort);
    }
  }
}
