/** Who must act before a fault goes away: the operator, the cloud by itself, the kernel of this host, the caller, or us. */
export type Blame = "operator" | "cloud" | "host" | "caller" | "bug";

export type FaultFields = Readonly<Record<string, string | number | undefined>>;

export interface FaultSpec {
  readonly blame: Blame;
  /** When trying again can help; absent when it cannot. */
  readonly retryAfterMs?: number;
  readonly say: (fields: FaultFields) => string;
}

/** Every error that crosses a port, in one table: code, who must act, when to retry, what to say and do. */
export const FAULTS = {
  EC2_THROTTLED: { blame: "cloud", retryAfterMs: 5_000, say: (f) => `EC2 throttled ${f["api"]}; it is retried with back-off` },
  EC2_UNREACHABLE: {
    blame: "cloud",
    retryAfterMs: 5_000,
    say: (f) => `EC2 did not answer ${f["api"]}: ${f["detail"]}; check the route to the EC2 endpoint`,
  },
  NO_CREDENTIALS: {
    blame: "operator",
    retryAfterMs: 5_000,
    say: (f) =>
      `there are no AWS credentials to call EC2 with: ${f["detail"]}; add an instance profile to the nodes, or a role to the agent's service account`,
  },
  EC2_UNAUTHORIZED: {
    blame: "operator",
    retryAfterMs: 60_000,
    say: (f) => `the node's role may not call ec2:${f["api"]}; add it to the role's policy`,
  },
  EC2_FAILED: { blame: "cloud", retryAfterMs: 5_000, say: (f) => `EC2 refused ${f["api"]} with ${f["code"]}: ${f["detail"]}` },
  SUBNET_FULL: {
    blame: "operator",
    retryAfterMs: 120_000,
    say: (f) =>
      `${f["subnet"] ?? "the subnet"} is full: it has no free address; add a subnet tagged kubernetes.io/role/cni=1 or lower the warm targets`,
  },
  SUBNET_FRAGMENTED: {
    blame: "operator",
    retryAfterMs: 120_000,
    say: (f) =>
      `${f["subnet"] ?? "the subnet"} has no free /28: it is full or fragmented; reserve a CIDR for prefixes or add a subnet tagged kubernetes.io/role/cni=1`,
  },
  SUBNETS_UNKNOWN: {
    blame: "operator",
    retryAfterMs: 300_000,
    say: (f) =>
      `EC2 did not list the subnets of ${f["zone"]}, so new ENIs go to ${f["subnet"]}, tags unseen (${f["detail"]}); check that the node's role may call ec2:DescribeSubnets`,
  },
  ENI_ADDRESS_LIMIT: {
    blame: "cloud",
    retryAfterMs: 1_000,
    say: (f) => `${f["eni"]} has no free slot; its addresses are read again from EC2`,
  },
  INSTANCE_ENI_LIMIT: {
    blame: "operator",
    retryAfterMs: 60_000,
    say: (f) => `${f["instance"]} has every ENI that its type allows; lower max pods or the warm targets, or take a larger type`,
  },
  ENI_GONE: { blame: "cloud", retryAfterMs: 0, say: (f) => `${f["eni"]} no longer exists; the node's ENIs are read again from EC2` },
  METADATA_UNREACHABLE: {
    blame: "operator",
    retryAfterMs: 2_000,
    say: (f) => `the instance metadata service did not answer ${f["path"]}: ${f["detail"]}; check its hop limit and that it is enabled`,
  },
  NO_FREE_ADDRESS: { blame: "cloud", retryAfterMs: 1_000, say: (f) => `no free address on this node: ${f["detail"]}` },
  AGENT_STARTING: { blame: "host", retryAfterMs: 1_000, say: () => "the agent is still starting; the pod is tried again" },
  AGENT_STOPPING: { blame: "host", retryAfterMs: 1_000, say: () => "the agent is stopping; the pod is tried again" },
  POD_NAMESPACE_GONE: { blame: "caller", say: (f) => `the pod's network namespace ${f["netns"]} does not exist` },
  POD_LINK_EXISTS: {
    blame: "caller",
    say: (f) => `the pod's namespace already has a link ${f["link"]}; look for a second CNI plugin that wires pods`,
  },
  KERNEL_REFUSED: { blame: "host", retryAfterMs: 1_000, say: (f) => `the kernel answered ${f["errno"]} ${f["doing"]}` },
  HOST_TOOL_MISSING: { blame: "operator", say: (f) => `${f["tool"]} is not installed; install the package ${f["package"]}` },
  JOURNAL_FAILED: {
    blame: "host",
    retryAfterMs: 1_000,
    say: (f) => `the journal ${f["path"]} could not be written: ${f["detail"]}; check free space and permissions`,
  },
  JOURNAL_DAMAGED: {
    blame: "operator",
    say: (f) =>
      `the journal ${f["path"]} was damaged: ${f["detail"]}; check the disk: the agent goes by what is before that and by the pods' links, and keeps the file as ${f["copy"]}`,
  },
  JOURNAL_UNREADABLE: {
    blame: "operator",
    say: (f) => `the journal ${f["path"]} cannot be read: ${f["detail"]}; move it away to start without it`,
  },
  KUBE_UNREACHABLE: {
    blame: "cloud",
    retryAfterMs: 2_000,
    say: (f) => `the Kubernetes API server did not answer: ${f["detail"]}; check that it runs and can be reached from here`,
  },
  KUBE_REFUSED: {
    blame: "operator",
    say: (f) => `the Kubernetes API server refused ${f["verb"]} ${f["object"]} with ${f["status"]} ${f["reason"]}: ${f["detail"]}`,
  },
  ENI_CONFIG_UNUSABLE: {
    blame: "operator",
    retryAfterMs: 5_000,
    say: (f) =>
      `this node selects ENIConfig ${f["name"]}, which ${f["detail"]}: pods wait for addresses; add or mend it, with a subnet of the node's zone`,
  },
  BAD_REQUEST: { blame: "caller", say: (f) => `${f["detail"]}` },
} as const satisfies Record<string, FaultSpec>;

export type FaultCode = keyof typeof FAULTS;

/** An expected failure of the outside world. Adapters raise it at the call; drivers decide by its blame and its delay. */
export class Fault extends Error {
  readonly code: FaultCode;
  readonly fields: FaultFields;

  constructor(code: FaultCode, fields: FaultFields = {}, options?: { cause?: unknown }) {
    super((FAULTS[code] as FaultSpec).say(fields), options);
    this.name = "Fault";
    this.code = code;
    this.fields = fields;
  }

  get blame(): Blame {
    return FAULTS[this.code].blame;
  }

  /** When trying again can help, in milliseconds; `undefined` when it cannot. */
  get retryAfterMs(): number | undefined {
    return (FAULTS[this.code] as FaultSpec).retryAfterMs;
  }
}
