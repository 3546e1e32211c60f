import type { AddonRecord, ClusterRecord } from "@slash28/eks";
import type { Clock } from "@slash28/ports";
import type { Cloud } from "@slash28/vpc";
import type { ProvisionedVpc } from "../provision-vpc.ts";
import type { Undo } from "../undo.ts";
import { install } from "./cluster-driver.ts";
import type { ClusterUnit } from "./cluster-unit.ts";
import { putControlPlaneEnis } from "./control-plane-enis.ts";
import type { EksSide, EksSurroundings } from "./eks-side.ts";
import { labAddons, type LabAddonsOptions } from "./lab-addons.ts";
import { installOwnAddons } from "./own-cluster.ts";

export interface StartOwnClusterOptions extends LabAddonsOptions, EksSurroundings {
  readonly cloud: Cloud;
  readonly cluster: ClusterRecord;
  readonly network: ProvisionedVpc;
  readonly unit: ClusterUnit;
  readonly clock: Clock;
  readonly undo: Undo;
}

const POLL_MS = 20;

/** Has EKS take charge of the lab's own control plane, and waits until its add-ons have put their objects into it. */
export async function startOwnCluster(side: EksSide, options: StartOwnClusterOptions): Promise<void> {
  const { file, cloud, cluster, network, unit, hosting, events, clock, undo } = options;
  const { name } = file;
  // The control plane ends with the lab, not with EKS.
  const own = { name, unit: { ...unit, close: () => Promise.resolve() } };
  const drivers = side.start(labAddons(options), own, { hosting, events });
  undo.add("EKS", () => drivers.close());
  await install(unit, []);
  putControlPlaneEnis(cloud, cluster, network.clusterGroup, clock.now());
  const connection = { endpoint: unit.gateway.outside.url, caPem: unit.api.caPem };
  side.eks.act("clusterStarted", { name, connection, clusterSecurityGroupId: network.clusterGroup }, side.call());
  const installed = installOwnAddons(side, name, file.vpcCni.env);
  drivers.wake();
  // Others than these may be at work, or have failed, since a lab before this one: they may need the nodes that come next.
  const addons = (): readonly AddonRecord[] =>
    Object.values(side.eks.state.clusters[name]?.addons ?? {}).filter((addon) => installed.includes(addon.name));
  while (addons().some(({ status }) => status === "CREATING")) await clock.sleep(POLL_MS);
  const failed = addons().find(({ status }) => status === "CREATE_FAILED");
  if (failed !== undefined)
    throw new Error(`the add-on ${failed.name} could not be installed: ${failed.health.map(({ message }) => message).join("; ")}`);
}
