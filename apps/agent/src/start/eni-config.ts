import { asId } from "@slash28/address";
import type { EniSettings } from "@slash28/ipam";
import { Fault, type Kube, type KubeObject, type KubeResource } from "@slash28/ports";
import type { EniConfig } from "../pool/pool-agent.ts";

const ENI_CONFIGS: KubeResource = { group: "crd.k8s.amazonaws.com", version: "v1alpha1", plural: "eniconfigs" };
/** Set by the VPC resource controller; wins over what the operator configured. */
const EXTERNAL_LABEL = "vpc.amazonaws.com/externalEniConfig";
const DEFAULT_NAME = "default";

/** Which ENIConfig a Node selects (VPC CNI, custom networking): its external label, its annotation, its label, else `default`. */
export function eniConfigNameOf(
  node: KubeObject | undefined,
  settings: Pick<EniSettings, "eniConfigAnnotation" | "eniConfigLabel">,
): string {
  const { labels, annotations } = node?.metadata ?? {};
  return labels?.[EXTERNAL_LABEL] || annotations?.[settings.eniConfigAnnotation] || labels?.[settings.eniConfigLabel] || DEFAULT_NAME;
}

/** Reads an ENIConfig. Rejects with `ENI_CONFIG_UNUSABLE` when there is none of that name, or it names no subnet. */
export async function readEniConfig(kube: Kube, name: string): Promise<EniConfig> {
  const found = await kube.get(ENI_CONFIGS, name);
  const { subnet, securityGroups } = (found?.["spec"] ?? {}) as { subnet?: unknown; securityGroups?: unknown };
  if (typeof subnet !== "string" || subnet === "")
    throw new Fault("ENI_CONFIG_UNUSABLE", { name, detail: found === undefined ? "does not exist" : "names no subnet" });
  const groups = Array.isArray(securityGroups) ? securityGroups.filter((group) => typeof group === "string") : [];
  return { name, subnetId: asId(subnet), groups: groups.map((group) => asId(group)) };
}
