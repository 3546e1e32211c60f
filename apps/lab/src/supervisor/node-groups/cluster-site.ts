import type { CniSettings, NodesCluster } from "@slash28/node-groups";
import { RESOURCES } from "@slash28/kube";
import type { Kube, KubeObject } from "@slash28/ports";

/** A cluster whose nodes this lab runs. */
export interface ClusterSite {
  readonly nodes: NodesCluster;
  readonly vpcId: string;
  /** `1.35` */
  readonly version: string;
  readonly isIpv6: boolean;
  /** Why no instance can be its node, whatever it is told; absent when instances can. */
  readonly withoutNodes?: string;
  readonly kube: Kube;
}

interface DaemonSet extends KubeObject {
  readonly spec?: {
    readonly template?: {
      readonly spec?: {
        readonly containers?: readonly {
          readonly name?: string;
          readonly env?: readonly { readonly name: string; readonly value?: string }[];
        }[];
      };
    };
  };
}

/** The VPC CNI version the agent stands for: what it does is that version's. */
const CNI_VERSION = "1.23.1";

/** The CNI's settings at this moment, which EKS looks at when it computes max pods. */
export async function cniSettings({ kube, isIpv6 }: Pick<ClusterSite, "kube" | "isIpv6">): Promise<CniSettings> {
  const daemonSet = await kube.get<DaemonSet>(RESOURCES.daemonSets, "aws-node", "kube-system");
  const container = daemonSet?.spec?.template?.spec?.containers?.find(({ name }) => name === "aws-node");
  const isOn = (name: string): boolean => container?.env?.find((variable) => variable.name === name)?.value?.toLowerCase() === "true";
  return {
    version: CNI_VERSION,
    hasPrefixDelegation: isOn("ENABLE_PREFIX_DELEGATION"),
    hasCustomNetworking: isOn("AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG"),
    isIpv6,
  };
}
