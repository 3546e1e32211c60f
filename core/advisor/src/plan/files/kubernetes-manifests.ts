import { stringify } from "yaml";
import type { Plan } from "../plan-types.ts";
import { placeholder, subnetVariable, type PlanFile } from "./plan-file.ts";

/** An ENIConfig: which subnet and groups new ENIs of a zone's nodes have. */
export function eniConfigsOf({ eniConfigs }: Plan): readonly object[] {
  return eniConfigs.map(({ zone }) => ({
    apiVersion: "crd.k8s.amazonaws.com/v1alpha1",
    kind: "ENIConfig",
    metadata: { name: zone },
    spec: { subnet: placeholder(subnetVariable({ role: "pods", zone })), securityGroups: [placeholder("cluster_security_group")] },
  }));
}

/** An example for one application: its own group, and the cluster's, which lets DNS and kubelet's probes through. */
export function securityGroupPolicy(): object {
  return {
    apiVersion: "vpcresources.k8s.aws/v1beta1",
    kind: "SecurityGroupPolicy",
    metadata: { name: "isolated", namespace: "default" },
    spec: {
      podSelector: { matchLabels: { app: "isolated" } },
      securityGroups: { groupIds: [placeholder("cluster_security_group"), placeholder("isolated_security_group")] },
    },
  };
}

export function kubernetesFiles(plan: Plan): readonly PlanFile[] {
  const files: PlanFile[] = [];
  if (plan.eniConfigs.length > 0) files.push({ path: "kubernetes/eniconfigs.yaml", text: documents(eniConfigsOf(plan)) });
  if (plan.isolation !== null) files.push({ path: "kubernetes/security-group-policy.yaml", text: documents([securityGroupPolicy()]) });
  return files;
}

function documents(objects: readonly object[]): string {
  return objects.map((object) => stringify(object)).join("---\n");
}
