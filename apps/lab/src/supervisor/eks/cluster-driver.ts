import type { ClusterRecord, Eks, EksCall } from "@slash28/eks";
import type { Clock, Log } from "@slash28/ports";
import type { Cloud } from "@slash28/vpc";
import { textOf } from "../failure-text.ts";
import type { StateStore } from "../../state/index.ts";
import { SECURITY_GROUP_POLICIES, type Placed } from "../custom-resources.ts";
import { syncAccessBindings, POLICY_ROLES } from "./access-bindings.ts";
import { putControlPlaneEnis, removeControlPlaneEnis } from "./control-plane-enis.ts";
import { clusterSecurityGroup } from "./cluster-network.ts";
import { startClusterUnit, type ClusterUnit } from "./cluster-unit.ts";
import type { ClusterHosting } from "./hosting.ts";
import type { IamCallers } from "./iam-authenticator.ts";
import { applyAsEks, EKS_CLIENT } from "./server-side-apply.ts";

export interface ClusterDriverOptions {
  readonly eks: Eks;
  readonly cloud: Cloud;
  /** As whom EKS itself reports what it has done. */
  readonly call: () => EksCall;
  readonly callers: IamCallers;
  /** What a cluster has from the start that was made without EKS add-ons. */
  readonly firstObjects: (cluster: ClusterRecord, unit: ClusterUnit) => readonly Placed[];
  readonly hosting: ClusterHosting;
  /** Told after EKS has changed something in the VPC. */
  readonly vpcChanged: () => void;
  /** Where its clusters keep their objects and keys. */
  readonly state: StateStore;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}

/** Brings control planes up and down as the model's clusters come and go. */
export interface ClusterDriver {
  unitOf(cluster: string): ClusterUnit | undefined;
  /** Takes charge of a control plane that was started elsewhere. */
  adopt(cluster: string, unit: ClusterUnit): void;
  /** Something may be to do. Returns at once. */
  wake(): void;
  close(): Promise<void>;
}

/** Namespaces come and go without EKS being told; policies of namespaces follow them. */
const BINDINGS_MS = 2_000;

export function startClusterDriver(options: ClusterDriverOptions): ClusterDriver {
  const { eks, call, clock, log } = options;
  const units = new Map<string, ClusterUnit>();
  const adopted = new Set<string>();
  const busy = new Map<string, Promise<void>>();
  const life = { isClosed: false };

  const once = (name: string, work: () => Promise<void>): void => {
    if (life.isClosed || busy.has(name)) return;
    const done = work().finally(() => busy.delete(name));
    busy.set(name, done);
  };

  const follow = (): void => {
    for (const cluster of Object.values(eks.state.clusters)) {
      const { name, status } = cluster;
      if (!units.has(name) && (status === "CREATING" || status === "ACTIVE" || status === "UPDATING")) {
        if (!adopted.has(name)) once(name, () => start(options, units, cluster));
      } else if (status === "DELETING") {
        once(name, () => end(options, units, cluster));
      } else if (status === "UPDATING") {
        for (const update of cluster.updates) {
          if (update.status === "InProgress" && update.addonName === undefined)
            eks.act("finishClusterUpdate", { name, updateId: update.id }, call());
        }
      }
    }
  };

  const keepBindings = async (): Promise<void> => {
    while (!life.isClosed) {
      await clock.sleep(BINDINGS_MS);
      follow();
      for (const cluster of Object.values(eks.state.clusters)) {
        const unit = units.get(cluster.name);
        if (unit === undefined || life.isClosed) continue;
        await syncAccessBindings(unit.api.kubeOf(EKS_CLIENT), cluster).catch((cause: unknown) =>
          log.warn("access policies could not be put into the cluster", { cluster: cluster.name, detail: String(cause) }),
        );
      }
    }
  };
  void keepBindings();
  return {
    unitOf: (name) => units.get(name),
    adopt(name, unit) {
      adopted.add(name);
      units.set(name, unit);
    },
    wake: follow,
    async close() {
      life.isClosed = true;
      await Promise.all(busy.values());
      const own = [...units].filter(([name]) => !adopted.has(name));
      await Promise.all(own.map(([name, unit]) => close(options, name, unit)));
      units.clear();
    },
  };
}

async function start(options: ClusterDriverOptions, units: Map<string, ClusterUnit>, cluster: ClusterRecord): Promise<void> {
  const { eks, cloud, call, callers, state, clock, random, log, hosting } = options;
  const { name } = cluster;
  try {
    const groupId = clusterSecurityGroup(cloud, cluster.vpc.vpcId, name, clock.now());
    putControlPlaneEnis(cloud, cluster, groupId, clock.now());
    // A later cluster of the same name is another one.
    const kept = `cluster-${cluster.issuerId.toLowerCase()}`;
    const unit = await startClusterUnit(cluster, {
      eks,
      callers,
      place: hosting.placeOf(cluster),
      objects: state.log(kept),
      keys: state.document(`${kept}-keys`),
      clock,
      random,
      log: log.child({ cluster: name }),
    });
    units.set(name, unit);
    // With a lab that goes on it has them, as others have changed them since.
    await install(unit, cluster.status === "CREATING" ? options.firstObjects(cluster, unit) : []);
    await syncAccessBindings(unit.api.kubeOf(EKS_CLIENT), eks.state.clusters[name] ?? cluster);
    const connection = { endpoint: unit.gateway.outside.url, caPem: unit.api.caPem };
    eks.act("clusterStarted", { name, connection, clusterSecurityGroupId: groupId }, call());
    hosting.opened(eks.state.clusters[name] ?? cluster, unit);
    options.vpcChanged();
    log.info("a cluster is there", { cluster: name, endpoint: connection.endpoint });
  } catch (cause) {
    const message = textOf(cause);
    log.error("a cluster could not be created", { cluster: name, detail: message });
    eks.act("clusterFailed", { name, issue: { code: "InternalFailure", message, resourceIds: [] } }, call());
  }
}

/** Puts objects into a cluster as EKS does, what every cluster has of EKS itself first. */
export async function install(unit: Pick<ClusterUnit, "api">, objects: readonly Placed[]): Promise<void> {
  for (const placed of [...POLICY_ROLES, SECURITY_GROUP_POLICIES, ...objects]) {
    const applied = await applyAsEks(unit.api, placed, { isForced: true, isDryRun: false });
    if (applied.kind === "refused") throw new Error(`${placed.object.kind} ${placed.object.metadata.name}: ${applied.message}`);
  }
}

/** Its nodes first: they want to tell the API how their pods end. */
async function close({ hosting }: ClusterDriverOptions, name: string, unit: ClusterUnit): Promise<void> {
  await hosting.closing(name);
  await unit.close();
}

async function end(options: ClusterDriverOptions, units: Map<string, ClusterUnit>, cluster: ClusterRecord): Promise<void> {
  const { eks, call, cloud, clock, log, vpcChanged, hosting } = options;
  const { name } = cluster;
  const unit = units.get(name);
  units.delete(name);
  if (unit !== undefined) await close(options, name, unit);
  hosting.release(cluster);
  removeControlPlaneEnis(cloud, name, clock.now());
  const groupId = cluster.clusterSecurityGroupId;
  if (groupId !== undefined)
    cloud.deleteSecurityGroup({ groupId: groupId as Parameters<Cloud["deleteSecurityGroup"]>[0]["groupId"] }, { now: clock.now() });
  eks.act("clusterGone", { name }, call());
  vpcChanged();
  log.info("a cluster is gone", { cluster: name });
}
