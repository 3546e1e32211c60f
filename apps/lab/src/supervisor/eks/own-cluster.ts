import type { ClusterFile } from "@slash28/cluster-file";
import { configurationFaults, type ClusterRecord, type ConfigurationInput } from "@slash28/eks";
import type { ProvisionedVpc } from "../provision-vpc.ts";
import type { EksSide } from "./eks-side.ts";

export interface OwnClusterOptions {
  readonly name: string;
  readonly network: ProvisionedVpc;
}

const ROLE = "slash28-cluster";

/** Puts the lab's own cluster on EKS's books; one that is on them already stays as it is. */
export function registerOwnCluster(side: EksSide, { name, network }: OwnClusterOptions): ClusterRecord {
  const known = side.eks.state.clusters[name];
  if (known !== undefined) return known;
  const { accountId } = side.eks;
  const result = side.eks.act(
    "createCluster",
    {
      name,
      roleArn: `arn:aws:iam::${accountId}:role/${ROLE}`,
      vpcConfig: { subnetIds: network.subnets.map(({ id }) => id), endpointPrivateAccess: true },
      authenticationMode: "API_AND_CONFIG_MAP",
      hasSelfManagedAddons: false,
    },
    { ...side.call(), callerArn: `arn:aws:iam::${accountId}:user/lab`, network: anyNetwork(side, network) },
  );
  if (result.ok) return result.value;
  throw new Error(`EKS refused the lab's cluster: ${result.error.message}`);
}

/** A lab may have what EKS would not take: one zone, or subnets of a few addresses. */
function anyNetwork(side: EksSide, { vpc, subnets }: ProvisionedVpc): ReturnType<EksSide["call"]>["network"] {
  const zones = new Map(subnets.map(({ id, zone }) => [String(id), zone]));
  return {
    ...side.call().network,
    zonesMin: 1,
    subnet: (id) => {
      const zone = zones.get(id);
      return zone === undefined ? undefined : { vpcId: vpc.id, zone, freeAddresses: Number.MAX_SAFE_INTEGER, hasIpv6: false };
    },
  };
}

/**
 * The networking add-ons of the lab's own cluster; the agent's settings in the cluster file are the configuration of `vpc-cni`. Answers the names
 * of those that were not there yet.
 */
export function installOwnAddons(side: EksSide, name: string, env: ClusterFile["vpcCni"]["env"]): readonly string[] {
  const wanted = [["vpc-cni", configurationOf(env)] as const, ["kube-proxy", undefined] as const];
  return wanted.flatMap(([addon, configuration]) => (installOwnAddon(side, name, addon, configuration) ? [addon] : []));
}

/** Installs an add-on of the lab's own cluster; one it has already stays as it is. Answers whether there was anything to do. */
export function installOwnAddon(side: EksSide, cluster: string, addon: string, configuration?: ConfigurationInput): boolean {
  if (side.eks.state.clusters[cluster]?.addons[addon] !== undefined) return false;
  const result = side.eks.act("createAddon", { cluster, addon, resolveConflicts: "OVERWRITE", configuration }, side.call());
  if (!result.ok) throw new Error(`EKS refused the add-on ${addon}: ${result.error.message}`);
  side.wake();
  return true;
}

function configurationOf(env: Readonly<Record<string, string>>): ConfigurationInput | undefined {
  const known = Object.entries(env).filter(([name, value]) => isKnown(name, value));
  if (known.length === 0) return undefined;
  const values = { env: Object.fromEntries(known) };
  return { text: JSON.stringify(values), values };
}

/** Variables of a cluster file that the add-on's schema does not have: they belong to the lab's manifest and stay whatever the configuration. */
export function extraEnv(env: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(env).filter(([name, value]) => !isKnown(name, value)));
}

function isKnown(name: string, value: string): boolean {
  return configurationFaults("vpc-cni", { env: { [name]: value } }).length === 0;
}
