import type { ViewNode } from "../snapshot/cluster-view.ts";

/** Makes an ENIConfig, or changes it: its subnet may be a shell variable. Its network interfaces get the security groups that the nodes' own have. */
export function eniConfigManifest(name: string, subnet: string, nodes: readonly ViewNode[]): string {
  const primary = nodes.flatMap(({ enis }) => enis.filter(({ deviceIndex }) => deviceIndex === 0));
  const groups = [...new Set(primary.flatMap(({ groupIds }) => groupIds))];
  const manifest = {
    apiVersion: "crd.k8s.amazonaws.com/v1alpha1",
    kind: "ENIConfig",
    metadata: { name },
    spec: { subnet, ...(groups.length === 0 ? {} : { securityGroups: groups }) },
  };
  return `kubectl apply -f - <<END\n${JSON.stringify(manifest, undefined, 2)}\nEND`;
}

/** Changes an ENIConfig's subnet: an id, or a shell variable that has it. */
export function eniConfigPatch(name: string, subnet: string): string {
  const patch = JSON.stringify({ spec: { subnet } });
  const quoted = subnet.startsWith("$") ? `"${patch.replaceAll('"', '\\"')}"` : `'${patch}'`;
  return `kubectl patch eniconfig ${name} --type merge -p ${quoted}`;
}
