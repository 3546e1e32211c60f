/** What must hold, whatever happens to a node. The first group after every step, the second once all has been quiet for a while. */
export const INVARIANTS = {
  "one-holder": "an address has one pod",
  "keeps-address": "a pod that was told its address keeps it until its DEL",
  cooldown: "an address rests between two pods",
  "owned-address": "the address of a running pod is on an ENI of the node",
  wired: "the address of a running pod is routed to its link",
  "ec2-limits": "neither the type's limits nor MAX_ENI are exceeded",
  "agent-bug": "the agent meets no error that it does not expect",
  serving: "the agent serves pods",
  "orphan-eni": "no unattached ENI of the node is left",
  "held-above-settings": "no more is held than the settings ask for",
  "pool-differs": "the pool is what EC2 says",
  "pod-starved": "pods that wait get an address while the subnet has one",
  "call-storm": "EC2 is asked a few times a minute at most",
  "stale-record": "no address is kept for a pod that is gone",
  "security-groups": "the node's ENIs have the primary one's security groups",
  "vpc-ranges": "the agent knows every range of the VPC",
  "wiring-check": "CHECK finds a running pod's wiring complete",
} as const;

export type Invariant = keyof typeof INVARIANTS;

export interface Violation {
  readonly invariant: Invariant;
  /** What was found, with the objects' names. */
  readonly text: string;
}
