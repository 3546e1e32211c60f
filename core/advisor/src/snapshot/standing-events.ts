import type { SeenEvent, SeenPod } from "./kubernetes-objects.ts";
import type { Snapshot } from "./snapshot.ts";

/** What an agent of this house puts after a reason once it is over. */
const RESOLVED = "Resolved";
const AGENT = { namespace: "kube-system", label: "k8s-app", value: "aws-node" } as const;

/**
 * Events of these reasons that are not over: none about the same object says so, and the agent that told them, and its node, are still there. An agent that comes after
 * it knows nothing of them, and says itself what is wrong. The VPC CNI takes nothing back: its events stand until it restarts, or Kubernetes forgets them.
 */
export function standingEvents({ events = [], pods, nodes }: Snapshot, reasons: RegExp): readonly SeenEvent[] {
  const over = events.filter(({ reason }) => reason.endsWith(RESOLVED));
  const agents = (pods ?? []).filter(({ namespace, labels }) => namespace === AGENT.namespace && labels[AGENT.label] === AGENT.value);
  return events.filter(
    (event) =>
      reasons.test(event.reason) &&
      !event.reason.endsWith(RESOLVED) &&
      !over.some((each) => ends(each, event)) &&
      !(agents.length > 0 && isOfEarlierAgent(event, agents)) &&
      !(event.about.kind === "Node" && nodes?.some(({ name }) => name === event.about.name) === false),
  );
}

function ends(later: SeenEvent, event: SeenEvent): boolean {
  return (
    later.reason === `${event.reason}${RESOLVED}` &&
    later.about.kind === event.about.kind &&
    later.about.name === event.about.name &&
    (later.at ?? "") >= (event.at ?? "")
  );
}

/** An agent tells what is wrong about its own pod and about its node. */
function isOfEarlierAgent({ about, at }: SeenEvent, agents: readonly SeenPod[]): boolean {
  if (about.kind === "Pod" && about.name.startsWith("aws-node-")) return !agents.some(({ name }) => name === about.name);
  if (about.kind !== "Node" || at === undefined) return false;
  const now = agents.filter(({ nodeName }) => nodeName === about.name);
  return now.length > 0 && now.every(({ createdAt }) => createdAt !== undefined && createdAt > at);
}
