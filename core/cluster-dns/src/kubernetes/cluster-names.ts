/** A Service as DNS sees it. */
export interface NamedService {
  readonly namespace: string;
  readonly name: string;
  readonly kind: "address" | "headless" | "external";
  /** Cluster IPs of both families. */
  readonly addresses: readonly string[];
  /** Where an `ExternalName` points. */
  readonly externalName?: string;
  readonly ports: readonly NamedPort[];
}

export interface NamedPort {
  /** `""` without a name. */
  readonly name: string;
  readonly protocol: "tcp" | "udp" | "sctp";
  readonly port: number;
}

/** One ready address behind a service. */
export interface NamedEndpoint {
  readonly address: string;
  /** The pod's hostname, where it has one. */
  readonly hostname?: string;
  readonly podName?: string;
  readonly ports: readonly NamedPort[];
}

/** The cluster as DNS looks things up in it. */
export interface ClusterNames {
  hasNamespace(name: string): boolean;
  service(namespace: string, name: string): NamedService | undefined;
  endpoints(namespace: string, service: string): readonly NamedEndpoint[];
  /** Services that have this cluster IP. */
  servicesAt(address: string): readonly NamedService[];
  /** Endpoints with this address, with the service each is of. */
  endpointsAt(address: string): readonly EndpointOfService[];
  hasPodAt(namespace: string, address: string): boolean;
}

export interface EndpointOfService {
  readonly namespace: string;
  readonly service: string;
  readonly endpoint: NamedEndpoint;
}

/** One EndpointSlice, by what counts here: only ready endpoints are in it. */
export interface NamedSlice {
  readonly namespace: string;
  readonly service: string;
  readonly endpoints: readonly NamedEndpoint[];
}

/** A store of {@link ClusterNames} that changes come into one by one. */
export class ClusterIndex implements ClusterNames {
  readonly #namespaces = new Set<string>();
  readonly #services = new Map<string, NamedService>();
  readonly #slices = new Map<string, NamedSlice>();
  readonly #slicesOf = new Map<string, Set<string>>();
  readonly #servicesAt = new Map<string, Set<string>>();
  readonly #slicesAt = new Map<string, Set<string>>();
  readonly #pods = new Map<string, string>();
  readonly #podsAt = new Map<string, Set<string>>();

  setNamespace(name: string, exists: boolean): void {
    if (exists) this.#namespaces.add(name);
    else this.#namespaces.delete(name);
  }

  setService(namespace: string, name: string, service: NamedService | undefined): void {
    const key = `${namespace}/${name}`;
    for (const address of this.#services.get(key)?.addresses ?? []) drop(this.#servicesAt, address, key);
    if (service === undefined) return void this.#services.delete(key);
    this.#services.set(key, service);
    for (const address of service.addresses) put(this.#servicesAt, address, key);
  }

  /** `name` is the slice's own. */
  setSlice(namespace: string, name: string, slice: NamedSlice | undefined): void {
    const key = `${namespace}/${name}`;
    const before = this.#slices.get(key);
    if (before !== undefined) {
      drop(this.#slicesOf, `${before.namespace}/${before.service}`, key);
      for (const { address } of before.endpoints) drop(this.#slicesAt, address, key);
    }
    if (slice === undefined) return void this.#slices.delete(key);
    this.#slices.set(key, slice);
    put(this.#slicesOf, `${slice.namespace}/${slice.service}`, key);
    for (const { address } of slice.endpoints) put(this.#slicesAt, address, key);
  }

  /** Only a cluster whose pods are verified needs them. */
  setPod(namespace: string, name: string, address: string | undefined): void {
    const key = `${namespace}/${name}`;
    const before = this.#pods.get(key);
    if (before !== undefined) drop(this.#podsAt, `${namespace}/${before}`, key);
    if (address === undefined) return void this.#pods.delete(key);
    this.#pods.set(key, address);
    put(this.#podsAt, `${namespace}/${address}`, key);
  }

  hasNamespace(name: string): boolean {
    return this.#namespaces.has(name);
  }

  service(namespace: string, name: string): NamedService | undefined {
    return this.#services.get(`${namespace}/${name}`);
  }

  endpoints(namespace: string, service: string): readonly NamedEndpoint[] {
    const keys = this.#slicesOf.get(`${namespace}/${service}`) ?? [];
    return [...keys].flatMap((key) => this.#slices.get(key)?.endpoints ?? []);
  }

  servicesAt(address: string): readonly NamedService[] {
    return [...(this.#servicesAt.get(address) ?? [])].flatMap((key) => this.#services.get(key) ?? []);
  }

  endpointsAt(address: string): readonly EndpointOfService[] {
    return [...(this.#slicesAt.get(address) ?? [])].flatMap((key) => {
      const slice = this.#slices.get(key);
      if (slice === undefined) return [];
      const { namespace, service } = slice;
      return slice.endpoints.filter((endpoint) => endpoint.address === address).map((endpoint) => ({ namespace, service, endpoint }));
    });
  }

  hasPodAt(namespace: string, address: string): boolean {
    return this.#podsAt.has(`${namespace}/${address}`);
  }
}

function put(index: Map<string, Set<string>>, group: string, key: string): void {
  const members = index.get(group) ?? new Set<string>();
  index.set(group, members.add(key));
}

function drop(index: Map<string, Set<string>>, group: string, key: string): void {
  const members = index.get(group);
  members?.delete(key);
  if (members?.size === 0) index.delete(group);
}
