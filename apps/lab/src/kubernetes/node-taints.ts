/** Keys of the taints that tell a node's state: who sets them, who tolerates them and who reads them must mean the same. */
export const NODE_TAINTS = {
  /** A new node has it until it is ready, and an unready one again. */
  notReady: "node.kubernetes.io/not-ready",
  /** Its kubelet is silent. */
  unreachable: "node.kubernetes.io/unreachable",
  /** Cordoned. */
  unschedulable: "node.kubernetes.io/unschedulable",
} as const;
