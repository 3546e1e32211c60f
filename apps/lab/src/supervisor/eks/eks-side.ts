import { randomUUID } from "node:crypto";
import {
  addonNamed,
  associationOf,
  createEks,
  defaultVersionOf,
  type AssociationRecord,
  type ClusterRecord,
  type Eks,
  type EksCall,
  type EksState,
} from "@slash28/eks";
import type { Clock, Log } from "@slash28/ports";
import type { Cloud } from "@slash28/vpc";
import { createEksService, eksOperations, NO_NODE_GROUPS, type EksContext, type NodeGroupSide } from "../../aws/eks/index.ts";
import type { AwsService, Gate } from "../../aws/index.ts";
import type { AnyRestOperation } from "../../aws/rest-json/index.ts";
import type { StateStore } from "../../state/index.ts";
import type { Placed } from "../custom-resources.ts";
import type { EventBook } from "../event-book.ts";
import { startAddonDriver, type AddonTarget } from "./addon-driver.ts";
import type { AddonObjects } from "./addon-objects.ts";
import { startClusterDriver, type ClusterDriver } from "./cluster-driver.ts";
import { eksNetwork } from "./cluster-network.ts";
import type { ClusterUnit } from "./cluster-unit.ts";
import type { ClusterHosting } from "./hosting.ts";
import type { IamCallers } from "./iam-authenticator.ts";
import { EKS_CLIENT } from "./server-side-apply.ts";
import { createIssuers, type Issuers } from "./issuer-documents.ts";

export interface EksSideOptions {
  readonly cloud: Cloud;
  readonly clock: Clock;
  readonly log: Log;
  readonly state: StateStore;
  readonly gate: Gate;
  readonly callers: IamCallers;
  readonly random: () => number;
  /** Node groups' side of EKS, and the operations on them. */
  readonly nodeGroups?: { readonly side: NodeGroupSide; readonly operations: readonly AnyRestOperation[] };
  readonly vpcChanged: () => void;
}

/** EKS of a lab: its model, what answers for it on the wire, and what makes its clusters and add-ons true. */
export interface EksSide {
  readonly eks: Eks;
  /** EKS and the issuers of its clusters. */
  readonly services: readonly AwsService[];
  readonly issuers: Issuers;
  readonly callers: IamCallers;
  /** What the model is told with a call of EKS's own. */
  readonly call: () => EksCall;
  /** The role of a cluster's pods that have this service account, for EKS Auth. */
  readonly associationOf: (cluster: string, namespace: string, serviceAccount: string) => AssociationRecord | undefined;
  /** Something may be to do. */
  wake(): void;
  /** Begins to carry out what the model says, with a control plane that runs already. Until then nothing happens to clusters and add-ons. */
  start(addons: AddonObjectsOf, own: OwnUnit, around: EksSurroundings): EksDrivers;
}

/** What the clusters run in, and where it is told what becomes of them. */
export interface EksSurroundings {
  readonly hosting: ClusterHosting;
  readonly events: Pick<EventBook, "record">;
}

export interface OwnUnit {
  readonly name: string;
  readonly unit: ClusterUnit;
}

export interface EksDrivers {
  readonly clusters: ClusterDriver;
  wake(): void;
  close(): Promise<void>;
}

/** What the add-ons of a cluster are made of, by name. */
export type AddonObjectsOf = (cluster: ClusterRecord, unit: ClusterUnit) => Readonly<Record<string, AddonObjects>>;

export function createEksSide(options: EksSideOptions): EksSide {
  const { cloud, clock, log, state, gate, callers } = options;
  const kept = state.document<EksState>("eks");
  const { region, accountId } = cloud;
  const eks = createEks({ region, accountId, saved: kept.saved, onChange: (after) => kept.keep(after) });
  const nodeGroups = options.nodeGroups?.side ?? NO_NODE_GROUPS;
  const network = eksNetwork(cloud);
  const callOf = (callerArn: string): EksCall => ({
    now: clock.now(),
    callerArn,
    network,
    newUuid: randomUUID,
    nodeGroups: (name) => nodeGroups.names(name),
  });
  const late: { wake?: () => void; clusters?: ClusterDriver } = {};
  const context: EksContext = {
    eks,
    call: callOf,
    callerArn: ({ caller, sessionToken }) => callers.arnOf(caller?.accessKeyId ?? "", sessionToken) ?? `arn:aws:iam::${accountId}:root`,
    nodeGroups,
    afterChange: () => late.wake?.(),
  };
  const issuers = createIssuers({ region, state: () => eks.state, apiOf: (name) => late.clusters?.unitOf(name)?.api });
  const operations = [...eksOperations(context, clock), ...(options.nodeGroups?.operations ?? [])];
  const call = (): EksCall => callOf(`arn:aws:iam::${accountId}:root`);
  return {
    eks,
    services: [createEksService({ operations, gate, log }), issuers],
    issuers,
    callers,
    call,
    associationOf: (cluster, namespace, serviceAccount) => {
      const found = eks.state.clusters[cluster];
      return found === undefined ? undefined : associationOf(found, namespace, serviceAccount);
    },
    wake: () => late.wake?.(),
    start(addons, own, around) {
      const drivers = startDrivers({ ...options, eks, call, ...around }, addons, own);
      late.clusters = drivers.clusters;
      late.wake = () => drivers.wake();
      return drivers;
    },
  };
}

function startDrivers(
  options: EksSideOptions & EksSurroundings & { readonly eks: Eks; readonly call: () => EksCall },
  addons: AddonObjectsOf,
  own: OwnUnit,
): EksDrivers {
  const { eks, call, clock, log, events } = options;
  const clusters = startClusterDriver({ ...options, firstObjects: (cluster, unit) => selfManagedObjects(cluster, addons(cluster, unit)) });
  clusters.adopt(own.name, own.unit);
  const targetOf = (name: string): AddonTarget | undefined => {
    const unit = clusters.unitOf(name);
    const cluster = eks.state.clusters[name];
    return unit === undefined || cluster === undefined
      ? undefined
      : { api: unit.api, kube: unit.api.kubeOf(EKS_CLIENT), addons: addons(cluster, unit) };
  };
  const driver = startAddonDriver({ eks, call, targetOf, events, clock, log });
  const wake = (): void => {
    clusters.wake();
    driver.wake();
  };
  return {
    clusters,
    wake,
    async close() {
      await driver.close();
      await clusters.close();
    },
  };
}

/** What EKS puts into a new cluster that is not told to do without: networking and DNS that nobody manages. */
const SELF_MANAGED = ["vpc-cni", "kube-proxy", "coredns"];

function versionOf(addonName: string, kubernetesVersion: string): string {
  const addon = addonNamed(addonName);
  return (addon === undefined ? undefined : defaultVersionOf(addon, kubernetesVersion)?.name) ?? "";
}

function selfManagedObjects(cluster: ClusterRecord, addons: Readonly<Record<string, AddonObjects>>): readonly Placed[] {
  if (!cluster.hasSelfManagedAddons) return [];
  return SELF_MANAGED.flatMap((name) => {
    const make = addons[name];
    return make === undefined ? [] : make({ version: versionOf(name, cluster.version), values: {}, serviceAccountRoleArn: undefined });
  });
}
