/** What goes wrong in a simulated world. */
export const FAULT_KINDS = {
  crash: "the agent is killed between two events",
  "crash-in-call": "the agent is killed within a call to the outside: before or after it took effect",
  "crash-in-flight": "the agent is killed with a request to EC2 on its way, which arrives when the next agent runs",
  "journal-torn": "a crash cuts what the journal had not flushed, at any byte",
  "journal-broken": "the disk refuses writes or flushes for a while",
  "kernel-refuses": "the kernel refuses to wire pods for a while",
  "reply-lost": "EC2 does what it is asked and the answer is lost",
  "request-lost": "EC2 never sees the request",
  "reply-late": "EC2 takes seconds, and answers overtake one another",
  duplicated: "EC2 gets a request twice",
  throttled: "EC2 throttles",
  unauthorized: "the node's role may not call EC2 for a while",
  partial: "EC2 does a part of what it is asked",
  "metadata-stale": "the metadata service shows what was, for most of a minute",
  "metadata-away": "the metadata service does not answer",
  "kube-away": "the Kubernetes API does not answer",
  cordon: "the node is made unschedulable for a while",
  "eni-detached": "somebody detaches an ENI",
  "eni-deleted": "somebody detaches and deletes an ENI",
  "address-taken": "somebody unassigns an address or prefix",
  "eni-added": "somebody attaches an ENI of his own",
  "subnet-filled": "a neighbour takes what is free in the subnet, and gives it back later",
  "subnet-fragmented": "neighbours take an address out of every free /28, and give it back later",
  "groups-changed": "the primary ENI gets another security group",
  "vpc-grown": "the VPC gets another range",
  "eni-config-missing": "the ENIConfig that the node selects is away for a while",
  "eni-config-changed": "the ENIConfig names another subnet",
  "clock-jump": "the machine's clock is set forward or back",
  "pod-vanished": "a pod's namespace goes away without a DEL",
  rollout: "the agent is replaced by one with other settings",
} as const;

export type FaultKind = keyof typeof FAULT_KINDS;

export const ALL_FAULTS = Object.keys(FAULT_KINDS) as readonly FaultKind[];

export function isFaultKind(text: string): text is FaultKind {
  return Object.hasOwn(FAULT_KINDS, text);
}
