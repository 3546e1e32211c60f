import { parseQuantity } from "@slash28/kube-store";
import { hasEnded, matchesSelector } from "../objects/index.ts";
import type { Claim, Node, PersistentVolume, Pod, StorageClass } from "../objects/index.ts";

/** The provisioner of the classes a lab has: a directory of this machine, shown to nodes of one zone as EBS shows its volumes. */
export const DISK_DRIVER = "disk.slash28.dev";
/** Where the scheduler wants a claim's first pod. */
export const SELECTED_NODE = "volume.kubernetes.io/selected-node";
export const IN_USE_FINALIZER = "kubernetes.io/pvc-protection";
const ZONE = "topology.kubernetes.io/zone";

export interface ClaimObserved {
  readonly claim: Claim;
  readonly volumes: readonly PersistentVolume[];
  readonly classes: readonly StorageClass[];
  readonly nodes: readonly Node[];
  /** Of the claim's namespace. */
  readonly pods: readonly Pod[];
}

export type ClaimPlan =
  | { readonly kind: "nothing" }
  /** The claim is held while pods use it. */
  | { readonly kind: "protect" | "release" }
  /** Give it the default class. */
  | { readonly kind: "classify"; readonly storageClassName: string }
  | { readonly kind: "bind"; readonly volume: PersistentVolume }
  | { readonly kind: "provision"; readonly volume: PersistentVolume }
  | { readonly kind: "lost" }
  /** Cannot go on yet; `reason` is the event's. */
  | { readonly kind: "wait"; readonly type: "Normal" | "Warning"; readonly reason: string; readonly message: string };

/** The next step of a claim. https://kubernetes.io/docs/concepts/storage/persistent-volumes/#lifecycle-of-a-volume-and-claim */
export function planClaim(observed: ClaimObserved): ClaimPlan {
  const { claim, volumes, classes } = observed;
  const isHeld = claim.metadata.finalizers?.includes(IN_USE_FINALIZER) === true;
  if (claim.metadata.deletionTimestamp !== undefined) return isHeld && !isUsed(observed) ? { kind: "release" } : { kind: "nothing" };
  if (!isHeld) return { kind: "protect" };
  const { volumeName, storageClassName } = claim.spec;
  if (volumeName !== undefined)
    return planNamed(
      claim,
      volumes.find(({ metadata }) => metadata.name === volumeName),
    );
  const fallback = classes.find(isDefault)?.metadata.name;
  if (storageClassName === undefined && fallback !== undefined) return { kind: "classify", storageClassName: fallback };
  const fitting = volumes.filter((volume) => fits(claim, volume)).sort((a, b) => sizeOf(a) - sizeOf(b))[0];
  return fitting === undefined ? provisionPlan(observed) : { kind: "bind", volume: fitting };
}

/** A claim that names its volume. */
function planNamed(claim: Claim, volume: PersistentVolume | undefined): ClaimPlan {
  const isBound = claim.status?.phase === "Bound";
  if (volume === undefined) return isBound ? { kind: "lost" } : { kind: "nothing" };
  return isBound ? { kind: "nothing" } : { kind: "bind", volume };
}

function isUsed({ claim, pods }: ClaimObserved): boolean {
  return pods.some((pod) => !hasEnded(pod) && claimNames(pod).includes(claim.metadata.name));
}

/** The claims a pod's volumes name. */
export function claimNames(pod: Pod): readonly string[] {
  const volumes = (pod.spec["volumes"] ?? []) as readonly { readonly persistentVolumeClaim?: { readonly claimName?: string } }[];
  return volumes.flatMap(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName ?? []);
}

function isDefault({ metadata }: StorageClass): boolean {
  return metadata.annotations?.["storageclass.kubernetes.io/is-default-class"] === "true";
}

/** A volume somebody made for claims to find. */
function fits(claim: Claim, volume: PersistentVolume): boolean {
  const { spec } = claim;
  const { accessModes = [], storageClassName = "", volumeMode = "Filesystem" } = volume.spec;
  const { accessModes: wantedModes = [], storageClassName: wantedClass = "", volumeMode: wantedMode = "Filesystem" } = spec;
  return (
    isFreeFor(claim, volume) &&
    storageClassName === wantedClass &&
    volumeMode === wantedMode &&
    wantedModes.every((mode) => accessModes.includes(mode)) &&
    sizeOf(volume) >= (parseQuantity(spec.resources?.requests?.["storage"]) ?? 0) &&
    (spec.selector === undefined || matchesSelector(spec.selector, volume.metadata.labels))
  );
}

function isFreeFor({ metadata }: Claim, volume: PersistentVolume): boolean {
  const { claimRef } = volume.spec;
  if (volume.metadata.deletionTimestamp !== undefined) return false;
  if (claimRef === undefined) return true;
  const isReserved = claimRef.name === metadata.name && claimRef.namespace === metadata.namespace;
  return isReserved && (claimRef.uid === undefined || claimRef.uid === metadata.uid);
}

function sizeOf({ spec }: PersistentVolume): number {
  return parseQuantity(spec.capacity?.["storage"]) ?? 0;
}

function wait(type: "Normal" | "Warning", reason: string, message: string): ClaimPlan {
  return { kind: "wait", type, reason, message };
}

function provisionPlan({ claim, classes, nodes }: ClaimObserved): ClaimPlan {
  const className = claim.spec.storageClassName ?? "";
  if (className === "")
    return wait("Normal", "FailedBinding", "no persistent volumes available for this claim and no storage class is set");
  const found = classes.find(({ metadata }) => metadata.name === className);
  if (found === undefined) return wait("Warning", "ProvisioningFailed", `storageclass.storage.k8s.io "${className}" not found`);
  const selected = claim.metadata.annotations?.[SELECTED_NODE];
  const waitsForPod = found.volumeBindingMode === "WaitForFirstConsumer";
  if (waitsForPod && selected === undefined) {
    return wait("Normal", "WaitForFirstConsumer", "waiting for first consumer to be created before binding");
  }
  if (found.provisioner !== DISK_DRIVER) {
    const how = `Waiting for a volume to be created either by the external provisioner '${found.provisioner}' or manually by the system administrator.`;
    return wait("Normal", "ExternalProvisioning", `${how} A lab provisions for ${DISK_DRIVER} only.`);
  }
  const node = selected === undefined ? nodes[0] : nodes.find(({ metadata }) => metadata.name === selected);
  if (node === undefined) return wait("Warning", "ProvisioningFailed", "there is no node to provision a volume for");
  return { kind: "provision", volume: diskFor(claim, found, node.metadata.labels?.[ZONE]) };
}

function diskFor(claim: Claim, of: StorageClass, zone: string | undefined): PersistentVolume {
  const name = `pvc-${claim.metadata.uid ?? ""}`;
  const storage = claim.spec.resources?.requests?.["storage"];
  const terms = [{ matchExpressions: [{ key: ZONE, operator: "In", values: [zone ?? ""] }] }];
  return {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name, annotations: { "pv.kubernetes.io/provisioned-by": DISK_DRIVER } },
    spec: {
      ...(storage === undefined ? {} : { capacity: { storage } }),
      accessModes: claim.spec.accessModes ?? ["ReadWriteOnce"],
      persistentVolumeReclaimPolicy: of.reclaimPolicy ?? "Delete",
      storageClassName: of.metadata.name,
      volumeMode: claim.spec.volumeMode ?? "Filesystem",
      claimRef: claimRefTo(claim),
      csi: { driver: DISK_DRIVER, volumeHandle: name, fsType: "ext4" },
      ...(zone === undefined ? {} : { nodeAffinity: { required: { nodeSelectorTerms: terms } } }),
    },
  };
}

export function claimRefTo({ metadata }: Claim): NonNullable<PersistentVolume["spec"]["claimRef"]> {
  const { name, namespace = "default", uid } = metadata;
  return { apiVersion: "v1", kind: "PersistentVolumeClaim", name, namespace, ...(uid === undefined ? {} : { uid }) };
}

/** What becomes of a volume: whether its claim is gone, and then what its reclaim policy says. */
export function planVolume(volume: PersistentVolume, claim: Claim | undefined): { readonly phase: string; readonly isSpent: boolean } {
  const { claimRef, persistentVolumeReclaimPolicy = "Retain" } = volume.spec;
  if (claimRef?.uid === undefined) return { phase: "Available", isSpent: false };
  if (claim?.metadata.uid === claimRef.uid) return { phase: "Bound", isSpent: false };
  return { phase: "Released", isSpent: persistentVolumeReclaimPolicy === "Delete" };
}

/** The name of a volume's directory; `undefined` for volumes of another kind, and for names that are none. */
export function diskHandle({ spec }: PersistentVolume): string | undefined {
  const { driver, volumeHandle = "" } = spec.csi ?? {};
  return driver === DISK_DRIVER && /^[A-Za-z0-9][-A-Za-z0-9.]*$/.test(volumeHandle) ? volumeHandle : undefined;
}
