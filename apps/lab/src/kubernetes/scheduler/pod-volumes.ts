import type { Claim, Node, PersistentVolume, Pod, StorageClass } from "../controllers/objects/index.ts";
import { claimNames } from "../controllers/volumes/claim-plan.ts";
import { matchesTerms } from "./node-fit.ts";

export interface Storage {
  readonly claim: (name: string, namespace: string | undefined) => Claim | undefined;
  readonly volume: (name: string) => PersistentVolume | undefined;
  readonly storageClass: (name: string) => StorageClass | undefined;
}

/** What a pod's claims ask of its node. */
export type PodVolumes =
  | {
      readonly ok: true;
      readonly volumes: readonly PersistentVolume[];
      /** Claims whose volume is made where the pod goes. */
      readonly open: readonly Claim[];
    }
  /** No node will do, for this reason. */
  | { readonly ok: false; readonly why: string };

export function podVolumes(pod: Pod, storage: Storage): PodVolumes {
  const volumes: PersistentVolume[] = [];
  const open: Claim[] = [];
  for (const name of claimNames(pod)) {
    const claim = storage.claim(name, pod.metadata.namespace);
    if (claim === undefined) return { ok: false, why: `persistentvolumeclaim "${name}" not found` };
    if (claim.metadata.deletionTimestamp !== undefined) return { ok: false, why: `persistentvolumeclaim "${name}" is being deleted` };
    const volume = claim.status?.phase === "Bound" ? storage.volume(claim.spec.volumeName ?? "") : undefined;
    if (volume !== undefined) volumes.push(volume);
    else if (waitsForPod(claim, storage)) open.push(claim);
    else return { ok: false, why: "pod has unbound immediate PersistentVolumeClaims" };
  }
  return { ok: true, volumes, open };
}

function waitsForPod({ spec }: Claim, storage: Storage): boolean {
  return storage.storageClass(spec.storageClassName ?? "")?.volumeBindingMode === "WaitForFirstConsumer";
}

/** Why a node cannot use these volumes. */
export function volumeMisfits(volumes: readonly PersistentVolume[], node: Node): readonly string[] {
  const isOutOfReach = volumes.some(({ spec }) => {
    const required = spec.nodeAffinity?.required;
    return required !== undefined && !matchesTerms(required.nodeSelectorTerms, node);
  });
  return isOutOfReach ? ["node(s) had volume node affinity conflict"] : [];
}
