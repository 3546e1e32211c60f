import { RESOURCES } from "@slash28/kube";
import type { Kube, KubeObject } from "@slash28/ports";
import { DISK_DRIVER } from "../kubernetes/controllers/index.ts";
import type { Placed } from "./custom-resources.ts";

/** The classes charts ask for by name. A volume is a directory of this machine that nodes of one zone may use, as an EBS volume. */
export function storageClasses(): readonly Placed[] {
  const wellKnown = ["gp2", "gp3", "standard"].map((name) => storageClass(name, name === "gp2"));
  return wellKnown.map((object) => ({ resource: RESOURCES.storageClasses, object }));
}

function storageClass(name: string, isDefault: boolean): KubeObject {
  return {
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: { name, ...(isDefault ? { annotations: { "storageclass.kubernetes.io/is-default-class": "true" } } : {}) },
    provisioner: DISK_DRIVER,
    reclaimPolicy: "Delete",
    volumeBindingMode: "WaitForFirstConsumer",
    allowVolumeExpansion: false,
  };
}

export async function installStorageClasses(kube: Kube): Promise<void> {
  for (const { resource, object } of storageClasses()) await kube.create(resource, object);
}
