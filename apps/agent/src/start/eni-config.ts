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

/** Reads an ENIConfig. Rejects with `KUBE_REFUSED` when there is none of that name, or it names no subnet. */
export async function readEniConfig(kube: Kube, name: string): Promise<EniConfig> {
  const found = await kube.get(ENI_CONFIGS, name);
  const { subnet, securityGroups } = (found?.["spec"] ?? {}) as { subnet?: unknown; securityGroups?: unknown };
  if (typeof subnet !== "string" || subnet === "") {
    const detail = found === undefined ? "custom networking is on and the node selects it" : "it names no subnet";
    throw new Fault("KUBE_REFUSED", {
      verb: "get",
      object: `eniconfig ${name}`,
      status: found === undefined ? 404 : 422,
      reason: "Invalid",
      detail,
    });
  }
  const groups = Array.isArray(securityGroups) ? securityGroups.filter((group) => typeof group === "string") : [];
  return { subnetId: asId(subnet), groups: groups.map((group) => asId(group)) };
}
