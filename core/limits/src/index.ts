export { limitsOf, instanceTypes, type InstanceLimits, type NetworkCard } from "./instance-types.ts";
export { parseCniVersion, isAtLeast, type CniVersion } from "./cni-version.ts";
export {
  HOST_NETWORK_PODS,
  maxPodsOf,
  leastMaxPods,
  type EniBudget,
  type MaxPods,
  type MaxPodsError,
  type MaxPodsErrorCode,
  type MaxPodsMode,
  type MaxPodsOptions,
  type MaxPodsResult,
} from "./max-pods.ts";
export { explainMaxPods } from "./explain-max-pods.ts";
export { kubeReservedOf, type KubeReserved } from "./kube-reserved.ts";
