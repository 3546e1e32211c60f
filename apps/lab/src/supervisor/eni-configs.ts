import type { ClusterFile } from "@slash28/cluster-file";
import type { Kube, KubeObject, KubeResource } from "@slash28/ports";
import type { ProvisionedVpc } from "./provision-vpc.ts";

const ENI_CONFIGS: KubeResource = { group: "crd.k8s.amazonaws.com", version: "v1alpha1", plural: "eniconfigs" };

/** The ENIConfigs a cluster file asks for, each called as its zone. Without groups of their own, ENIs get those of the node's primary one. */
export function eniConfigsOf(file: ClusterFile, { subnets }: Pick<ProvisionedVpc, "subnets">): readonly KubeObject[] {
  return Object.entries(file.eniConfigs ?? {}).map(([zone, name]) => ({
    apiVersion: "crd.k8s.amazonaws.com/v1alpha1",
    kind: "ENIConfig",
    metadata: { name: zone },
    spec: { subnet: subnets[file.vpc.subnets.findIndex((subnet) => subnet.name === name)]?.id },
  }));
}

export async function installEniConfigs(kube: Kube, file: ClusterFile, network: ProvisionedVpc): Promise<void> {
  for (const object of eniConfigsOf(file, network)) await kube.create(ENI_CONFIGS, object);
}
