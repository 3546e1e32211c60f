import { cidr4Has, cidr4Size, formatCidr4, formatIpv4, offsetIpv4, parseIpv4, type Cidr4, type Ipv4 } from "@slash28/address";
import {
  at,
  fail,
  fieldsOf,
  invalid,
  invalidValue,
  listOf,
  notSupported,
  own,
  succeed,
  textOf,
  type FieldError,
  type Fields,
  type KubeObject,
  type Result,
  type Store,
} from "@slash28/kube-store";

import { NodePorts } from "./node-ports.ts";
import { withoutLeftovers } from "./service-type-change.ts";

/**
 * Cluster IPs and node ports of services. Addresses given by name lie at the start of the range, so dynamic ones start after
 * it (KEP-3070).
 */
export class ServiceAddresses {
  readonly #range: Cidr4;
  readonly #addresses = new Set<Ipv4>();
  readonly #nodePorts = new NodePorts();
  #nextOffset: number;

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
    const spec = withoutLeftovers(fieldsOf(service["spec"]), before);
    const refuse = (errors: readonly FieldError[]): Result<KubeObject> => fail(invalid("Service", service.metadata.name, errors));
    if (own(spec, "type") === "ExternalName") return succeed({ ...service, spec });
    const families = familiesOf(spec);
    if (!families.ok) return refuse(families.errors);
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
      if (why !== undefined) return refuse([invalidValue("spec.clusterIPs", [wanted], why)]);
    }
    const given = listOf(own(spec, "clusterIPs"));
    // What does not fit together is told by the check that follows.
    const addressed: Fields = { ...spec, clusterIP: address, clusterIPs: given.length > 0 ? given : [address], ...families.fields };
    const ports = this.#nodePorts.assign(addressed, before);
    return ports.ok ? succeed({ ...service, spec: ports.spec }) : refuse(ports.errors);
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

  #count(service: KubeObject | undefined, change: "add" | "delete"): void {
    const address = parseIpv4(textOf(at(service, "spec", "clusterIP")) ?? "");
    if (address !== undefined) this.#addresses[change](address);
    this.#nodePorts.count(service, change);
  }
}

type Families = { readonly ok: true; readonly fields: Fields } | { readonly ok: false; readonly errors: readonly FieldError[] };

/** Nodes here have IPv4 alone; what a service asks for beyond it is refused as a single-stack cluster does. */
function familiesOf(spec: Fields): Families {
  const policy = textOf(own(spec, "ipFamilyPolicy"));
  const families = listOf(own(spec, "ipFamilies")).map(String);
  const isOpen = own(spec, "clusterIP") === "None" && Object.keys(fieldsOf(own(spec, "selector"))).length === 0;
  // Whoever makes the endpoints of a headless service decides on their families.
  if (isOpen)
    return {
      ok: true,
      fields: { ipFamilyPolicy: policy ?? "RequireDualStack", ipFamilies: families.length > 0 ? families : ["IPv4", "IPv6"] },
    };
  const strange = families.findIndex((family) => family !== "IPv4" && family !== "IPv6");
  if (strange >= 0) return { ok: false, errors: [notSupported(`spec.ipFamilies[${strange}]`, families[strange], ["IPv4", "IPv6"])] };
  if (policy === "RequireDualStack")
    return { ok: false, errors: [invalidValue("spec.ipFamilyPolicy", policy, "this cluster is not configured for dual-stack services")] };
  const missing = families.indexOf("IPv6");
  if (missing >= 0 && policy !== "PreferDualStack")
    return { ok: false, errors: [invalidValue(`spec.ipFamilies[${missing}]`, "IPv6", "not configured on this cluster")] };
  return { ok: true, fields: { ipFamilyPolicy: policy ?? "SingleStack", ipFamilies: ["IPv4"] } };
}
