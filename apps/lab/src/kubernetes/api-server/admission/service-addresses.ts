import { isCidr6, type CidrRange } from "@slash28/address";
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
  type FieldError,
  type Fields,
  type KubeObject,
  type Result,
  type Store,
} from "@slash28/kube-store";

import { ClusterAddresses } from "./cluster-addresses.ts";
import { NodePorts } from "./node-ports.ts";
import { serviceFamilies, type IpFamily } from "./service-families.ts";
import { withoutLeftovers } from "./service-type-change.ts";

/** Cluster IPs, their family and node ports of services. The range decides on the family: a cluster has one. */
export class ServiceAddresses {
  readonly #family: IpFamily;
  readonly #addresses: ClusterAddresses;
  readonly #nodePorts = new NodePorts();

  constructor(range: CidrRange, store: Store) {
    this.#family = isCidr6(range) ? "IPv6" : "IPv4";
    this.#addresses = new ClusterAddresses(range);
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
    const families = serviceFamilies(spec, before, this.#family);
    if (!families.ok) return refuse(families.errors);
    const had = textOf(at(before, "spec", "clusterIP"));
    const wanted = textOf(own(spec, "clusterIP")) || textOf(listOf(own(spec, "clusterIPs"))[0]) || had || "";
    const address = wanted === "" ? this.#addresses.free() : wanted;
    if (address === undefined) {
      const message = "Internal error occurred: failed to allocate a serviceIP: range is full";
      return fail({ code: 500, reason: "InternalError", message });
    }
    const why = wanted === "" || wanted === "None" || wanted === had ? undefined : this.#addresses.refusalOf(wanted);
    if (why !== undefined) return refuse([invalidValue("spec.clusterIPs", [wanted], `failed to allocate IP ${wanted}: ${why}`)]);
    const given = listOf(own(spec, "clusterIPs"));
    // What does not fit together is told by the check that follows.
    const addressed: Fields = { ...spec, clusterIP: address, clusterIPs: given.length > 0 ? given : [address], ...families.fields };
    const ports = this.#nodePorts.assign(addressed, before);
    return ports.ok ? succeed({ ...service, spec: ports.spec }) : refuse(ports.errors);
  }

  #count(service: KubeObject | undefined, change: "add" | "delete"): void {
    this.#addresses.count(textOf(at(service, "spec", "clusterIP")) ?? "", change);
    this.#nodePorts.count(service, change);
  }
}
