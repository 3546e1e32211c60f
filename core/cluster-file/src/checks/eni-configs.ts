import { meant, type ClusterFileProblem } from "../problem.ts";
import type { ClusterFile, ClusterSubnet } from "../schema.ts";

const CUSTOM_NETWORKING = "AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG";
const LABEL = "ENI_CONFIG_LABEL_DEF";
const ZONE_LABEL = "topology.kubernetes.io/zone";
/** As the agent reads a switch. */
const TRUE = new Set(["true", "True", "TRUE", "t", "T", "1"]);

/** ENIConfigs from the start: their subnets exist, in the zone they are for, and the agent reads them sooner or later. */
export function eniConfigProblems(file: ClusterFile): ClusterFileProblem[] {
  const { eniConfigs } = file;
  if (eniConfigs === undefined) return [];
  return [...targetProblems(eniConfigs, file.vpc.subnets, ["eniConfigs"]), ...settingProblems(file, ["eniConfigs"])];
}

/** Zones and subnets that ENIConfigs name. */
export function targetProblems(
  eniConfigs: Readonly<Record<string, string>>,
  subnets: readonly ClusterSubnet[],
  path: readonly (string | number)[],
): ClusterFileProblem[] {
  const names = subnets.flatMap(({ name }) => name ?? []);
  return Object.entries(eniConfigs).flatMap(([zone, wanted]): ClusterFileProblem[] => {
    const at = [...path, zone];
    const zones = [...new Set(subnets.map((subnet) => subnet.zone))];
    if (!zones.includes(zone))
      return [{ path: at, message: `zone ${zone} has no subnet in vpc.subnets${meant(zone, zones)}`, isAboutKey: true }];
    const subnet = subnets.find(({ name }) => name === wanted);
    if (subnet === undefined) return [{ path: at, message: `there is no subnet called ${wanted}${meant(wanted, names)}` }];
    if (subnet.zone === zone) return [];
    return [{ path: at, message: `subnet ${wanted} is in ${subnet.zone}: an instance takes ENIs of its own zone only` }];
  });
}

/** An ENIConfig that no node ever reads is a mistake. */
export function settingProblems(file: ClusterFile, path: readonly (string | number)[]): ClusterFileProblem[] {
  const reads = environments(file).filter((env) => TRUE.has(env[CUSTOM_NETWORKING] ?? ""));
  if (reads.length === 0) {
    return [{ path, message: `nothing reads them: set vpcCni.env.${CUSTOM_NETWORKING}: true, or have a change set it` }];
  }
  if (reads.some((env) => env[LABEL] === ZONE_LABEL)) return [];
  return [{ path, message: `nodes find theirs by zone only with vpcCni.env.${LABEL}: ${ZONE_LABEL}` }];
}

/** The agent's environment at the start, and after each change, in order of time as the file tells it. */
function environments({ vpcCni, changes }: ClusterFile): readonly Readonly<Record<string, string | null>>[] {
  const found: Record<string, string | null>[] = [vpcCni.env];
  for (const { setEnv } of changes) if (setEnv !== undefined) found.push({ ...found.at(-1), ...setEnv });
  return found;
}
