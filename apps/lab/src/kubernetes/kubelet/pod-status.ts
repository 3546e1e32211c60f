import type { Container, ContainerStatus, Pod, PodCondition, PodPhase, PodStatus } from "./pod.ts";

/** What a kubelet knows of a pod at one moment. */
export interface PodFacts {
  readonly hostIp: string;
  readonly startTime: string;
  /** The sandbox stands and has its network. */
  readonly hasSandbox: boolean;
  /** It was told to end, and every container has. */
  readonly hasEnded: boolean;
  readonly podIp?: string;
  /** Why kubelet ended it, which makes it a failure whatever its containers say. */
  readonly failure?: { readonly reason: string; readonly message: string };
  /** Init containers and containers, in the pod's order. */
  readonly init: readonly ContainerStatus[];
  readonly containers: readonly ContainerStatus[];
  /** Nothing depends on what becomes of them. */
  readonly ephemeral?: readonly ContainerStatus[];
}

/** A pod's status. Transition times of conditions that did not change are kept from `before`. */
export function podStatus(pod: Pod, facts: PodFacts, before: PodStatus | undefined, now: string): PodStatus {
  const phase = phaseOf(pod, facts);
  return {
    phase,
    ...facts.failure,
    conditions: conditionsOf(pod, facts, phase).map((condition) => {
      const earlier = before?.conditions?.find(({ type }) => type === condition.type);
      return {
        lastProbeTime: null,
        ...condition,
        lastTransitionTime: earlier?.status === condition.status ? (earlier.lastTransitionTime ?? now) : now,
      };
    }),
    hostIP: facts.hostIp,
    hostIPs: [{ ip: facts.hostIp }],
    ...(facts.podIp === undefined ? {} : { podIP: facts.podIp, podIPs: [{ ip: facts.podIp }] }),
    startTime: facts.startTime,
    ...(facts.init.length === 0 ? {} : { initContainerStatuses: facts.init }),
    containerStatuses: facts.containers,
    ...ephemeralStatuses(facts.ephemeral),
    qosClass: qosClassOf(pod),
  };
}

function ephemeralStatuses(statuses: readonly ContainerStatus[] = []): Pick<PodStatus, "ephemeralContainerStatuses"> {
  return statuses.length === 0 ? {} : { ephemeralContainerStatuses: statuses.map(({ started: _started, ...shown }) => shown) };
}

/** https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-phase */
function phaseOf(pod: Pod, facts: PodFacts): PodPhase {
  if (facts.failure !== undefined) return "Failed";
  if (facts.hasEnded) return endedPhase(facts);
  const policy = pod.spec.restartPolicy ?? "Always";
  const inits = facts.init.filter((status) => !isSidecar(pod, status.name));
  if (policy === "Never" && inits.some((status) => (status.state.terminated?.exitCode ?? 0) !== 0)) return "Failed";
  if (inits.some((status) => status.state.terminated?.exitCode !== 0)) return "Pending";
  if (
    facts.containers.some(
      ({ state, lastState }) => state.terminated === undefined && state.running === undefined && lastState.terminated === undefined,
    )
  )
    return "Pending";
  const ended = facts.containers.map(({ state }) => state.terminated);
  if (policy === "Always" || ended.some((end) => end === undefined)) return "Running";
  if (ended.every((end) => end?.exitCode === 0)) return "Succeeded";
  return policy === "Never" ? "Failed" : "Running";
}

/** A pod that was deleted shows how it ended; whatever never ran did not succeed. */
function endedPhase({ containers }: PodFacts): PodPhase {
  return containers.every(({ state }) => state.terminated?.exitCode === 0) ? "Succeeded" : "Failed";
}

function conditionsOf(pod: Pod, facts: PodFacts, phase: PodPhase): readonly PodCondition[] {
  const isDone = phase === "Succeeded" || phase === "Failed";
  const because = isDone ? (phase === "Succeeded" ? "PodCompleted" : "PodFailed") : undefined;
  const inits = facts.init
    .filter(({ name, state, started }) => (isSidecar(pod, name) ? !started : state.terminated?.exitCode !== 0))
    .map(({ name }) => name);
  const unready = facts.containers.filter(({ ready }) => !ready).map(({ name }) => name);
  const sidecars = facts.init.filter(({ name, ready }) => isSidecar(pod, name) && !ready).map(({ name }) => name);
  const containersReady = condition(
    "ContainersReady",
    unready.length + sidecars.length === 0,
    because ?? "ContainersNotReady",
    listed("containers with unready status", [...sidecars, ...unready]),
  );
  const gates = (pod.spec.readinessGates ?? []).map(({ conditionType }) => conditionType);
  const closed = gates.filter((type) => pod.status?.conditions?.find((one) => one.type === type)?.status !== "True");
  const ready =
    containersReady.status === "True" && closed.length > 0
      ? condition(
          "Ready",
          false,
          "ReadinessGatesNotReady",
          `corresponding condition of pod readiness gate "${closed[0]}" does not exist or is not "True".`,
        )
      : { ...containersReady, type: "Ready" };
  return [
    condition("PodReadyToStartContainers", facts.hasSandbox),
    condition(
      "Initialized",
      inits.length === 0 || phase === "Succeeded",
      "ContainersNotInitialized",
      listed("containers with incomplete status", inits),
    ),
    ready,
    containersReady,
    condition("PodScheduled", true),
  ];
}

function condition(type: string, holds: boolean, reason?: string, message?: string): PodCondition {
  if (holds) return { type, status: "True" };
  return { type, status: "False", ...(reason === undefined ? {} : { reason }), ...(message === undefined ? {} : { message }) };
}

function listed(what: string, names: readonly string[]): string {
  return `${what}: [${names.join(" ")}]`;
}

export function isSidecar(pod: Pod, name: string): boolean {
  return pod.spec.initContainers?.find((container) => container.name === name)?.restartPolicy === "Always";
}

/** https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/ */
function qosClassOf(pod: Pod): string {
  const all = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])];
  const sets = all
    .flatMap(({ resources }) => Object.keys({ ...resources?.limits, ...resources?.requests }))
    .filter((name) => name === "cpu" || name === "memory");
  if (sets.length === 0) return "BestEffort";
  return all.every(isGuaranteed) ? "Guaranteed" : "Burstable";
}

function isGuaranteed({ resources }: Container): boolean {
  return ["cpu", "memory"].every((name) => {
    const limit = resources?.limits?.[name];
    return limit !== undefined && String(resources?.requests?.[name] ?? limit) === String(limit);
  });
}
