/** A taint as kubelet registers its node with. */
export interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: TaintEffect;
}

export const TAINT_EFFECTS = ["NoSchedule", "PreferNoSchedule", "NoExecute"] as const;
export type TaintEffect = (typeof TAINT_EFFECTS)[number];

/** Amounts by resource, as Kubernetes writes them: `cpu: 80m`, `memory: 574Mi`. */
export type Amounts = Readonly<Record<string, string>>;

/** What one source says of kubelet's settings; absent is unsaid. */
export interface KubeletWishes {
  readonly maxPods?: number;
  /** Pods for each core; bounds `maxPods`. */
  readonly podsPerCore?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly Taint[];
  readonly kubeReserved?: Amounts;
  readonly systemReserved?: Amounts;
  readonly evictionHard?: Amounts;
  readonly clusterDns?: readonly string[];
  /** The longest wait before a container that ended runs again, in seconds. */
  readonly crashLoopBackOffMaxSeconds?: number;
}

/** Where a node's number of pods comes from. */
export type MaxPodsSource = "kubelet flag" | "kubelet configuration" | "maxPodsExpression" | "instance type" | "kubelet default";

/** A kubelet as it would run on the instance. */
export interface KubeletSettings {
  readonly maxPods: number;
  readonly maxPodsFrom: MaxPodsSource;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  readonly kubeReserved: Amounts;
  readonly systemReserved: Amounts;
  readonly evictionHard: Amounts;
  readonly clusterDns: readonly string[];
  readonly crashLoopBackOffMaxSeconds?: number;
}
