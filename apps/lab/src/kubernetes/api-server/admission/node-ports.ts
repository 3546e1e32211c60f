import {
  at,
  fieldsOf,
  invalidValue,
  listOf,
  own,
  textOf,
  withField,
  type FieldError,
  type Fields,
  type KubeObject,
} from "@slash28/kube-store";

const FIRST = 30_000;
const LAST = 32_767;
/** Ports given by name lie at the start of the range; dynamic ones come after it first (KEP-3668). */
const STATIC_BAND = 86;

/** A service's node ports, or why they cannot be given. */
export type NodePortOutcome = { readonly ok: true; readonly spec: Fields } | { readonly ok: false; readonly errors: readonly FieldError[] };

/** The node ports of a cluster: each belongs to one service at most, which may use it for several protocols. */
export class NodePorts {
  /** How many of its uses are known, by port. */
  readonly #taken = new Map<number, number>();
  #next = FIRST + STATIC_BAND;

  count(service: KubeObject | undefined, change: "add" | "delete"): void {
    for (const port of portsOf(fieldsOf(service?.["spec"]))) {
      const uses = (this.#taken.get(port) ?? 0) + (change === "add" ? 1 : -1);
      if (uses > 0) this.#taken.set(port, uses);
      else this.#taken.delete(port);
    }
  }

  /** Gives the ports that the service's type needs and takes away those it must not have; nothing is taken before it is stored. */
  assign(spec: Fields, before: KubeObject | undefined): NodePortOutcome {
    const had = fieldsOf(before?.["spec"]);
    const mine = new Set(portsOf(had));
    const errors: FieldError[] = [];
    const given = new Set<number>();
    const fresh = (): number => {
      const port = this.#free((candidate) => given.has(candidate));
      given.add(port);
      return port;
    };
    const needs = needsNodePorts(spec);
    const ports = listOf(own(spec, "ports")).map((port, index) => {
      const wanted = Number(at(port, "nodePort") ?? 0);
      const earlier = sameNodePort(had, port);
      if (!needs && wanted === 0) return port;
      if (wanted === 0) return withField(fieldsOf(port), "nodePort", earlier ?? siblingPort(spec, port) ?? fresh());
      const why = this.#refusal(wanted, mine);
      if (why !== undefined) errors.push(invalidValue(`spec.ports[${index}].nodePort`, wanted, why));
      given.add(wanted);
      return port;
    });
    const withPorts = ports.length === 0 ? spec : withField(spec, "ports", ports);
    const checked = this.#withHealthCheck(withPorts, had, mine, fresh);
    errors.push(...checked.errors);
    return errors.length > 0 ? { ok: false, errors } : { ok: true, spec: checked.spec };
  }

  #withHealthCheck(
    spec: Fields,
    had: Fields,
    mine: ReadonlySet<number>,
    fresh: () => number,
  ): { readonly spec: Fields; readonly errors: readonly FieldError[] } {
    const isChecked = own(spec, "type") === "LoadBalancer" && own(spec, "externalTrafficPolicy") === "Local";
    const wanted = Number(own(spec, "healthCheckNodePort") ?? 0);
    const earlier = Number(own(had, "healthCheckNodePort") ?? 0);
    if (!isChecked)
      return { spec: wanted > 0 && wanted === earlier ? withField(spec, "healthCheckNodePort", undefined) : spec, errors: [] };
    if (wanted === 0) return { spec: withField(spec, "healthCheckNodePort", earlier > 0 ? earlier : fresh()), errors: [] };
    const why = this.#refusal(wanted, mine);
    return { spec, errors: why === undefined ? [] : [invalidValue("spec.healthCheckNodePort", wanted, why)] };
  }

  #refusal(port: number, mine: ReadonlySet<number>): string | undefined {
    if (port < FIRST || port > LAST) return `provided port is not in the valid range. The range of valid ports is ${FIRST}-${LAST}`;
    return this.#taken.has(port) && !mine.has(port) ? "provided port is already allocated" : undefined;
  }

  /** Round the dynamic part, and then, when it is full, the part kept for given ones. */
  #free(isGiven: (port: number) => boolean): number {
    const start = FIRST + STATIC_BAND;
    for (let tries = 0; tries <= LAST - start; tries++) {
      const port = this.#next;
      this.#next = port === LAST ? start : port + 1;
      if (!this.#taken.has(port) && !isGiven(port)) return port;
    }
    for (let port = FIRST; port < start; port++) if (!this.#taken.has(port) && !isGiven(port)) return port;
    throw new RangeError("every node port is taken");
  }
}

function needsNodePorts(spec: Fields): boolean {
  const type = own(spec, "type");
  return type === "NodePort" || (type === "LoadBalancer" && own(spec, "allocateLoadBalancerNodePorts") !== false);
}

function portsOf(spec: Fields): readonly number[] {
  const health = Number(own(spec, "healthCheckNodePort") ?? 0);
  const ports = new Set(listOf(own(spec, "ports")).map((port) => Number(at(port, "nodePort") ?? 0)));
  return [...ports, health].filter((port) => port > 0);
}

/** The node port the same port had before. */
function sameNodePort(had: Fields, port: unknown): number | undefined {
  const same = listOf(own(had, "ports")).find((other) => at(other, "port") === at(port, "port") && protocolOf(other) === protocolOf(port));
  const found = Number(at(same, "nodePort") ?? 0);
  return found > 0 ? found : undefined;
}

/** One number for TCP and UDP of the same port, where the service gives one of them. */
function siblingPort(spec: Fields, port: unknown): number | undefined {
  const sibling = listOf(own(spec, "ports")).find(
    (other) => at(other, "port") === at(port, "port") && protocolOf(other) !== protocolOf(port) && Number(at(other, "nodePort") ?? 0) > 0,
  );
  return sibling === undefined ? undefined : Number(at(sibling, "nodePort"));
}

function protocolOf(port: unknown): string {
  return textOf(at(port, "protocol")) ?? "TCP";
}
