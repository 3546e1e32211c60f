import { at, listOf, textOf, type KubeObject } from "@slash28/kube-store";

import { NONE, ageOf } from "./cell-text.ts";
import { column, wide, type TableView } from "./table.ts";

const NAME = column("Name", "Name must be unique within a namespace.");
const AGE = column("Age", "Time since the object was created.");

const SHORT_MODES: Readonly<Record<string, string>> = {
  ReadWriteOnce: "RWO",
  ReadOnlyMany: "ROX",
  ReadWriteMany: "RWX",
  ReadWriteOncePod: "RWOP",
};

function modesOf(value: unknown): string {
  return listOf(value)
    .map((mode) => SHORT_MODES[String(mode)] ?? String(mode))
    .join(",");
}

function statusOf(object: KubeObject): string {
  return object.metadata.deletionTimestamp === undefined ? (textOf(at(object, "status", "phase")) ?? "Pending") : "Terminating";
}

export const claimTable: TableView = {
  columns: [
    NAME,
    column("Status", "What has become of the claim."),
    column("Volume", "The volume it has got."),
    column("Capacity", "How large that is."),
    column("Access Modes", "How it may be used."),
    column("StorageClass", "The class it asks for."),
    column("VolumeAttributesClass", "The attributes it asks for."),
    AGE,
    wide("VolumeMode", "Filesystem or block."),
  ],
  cells: (object, now) => [
    object.metadata.name,
    statusOf(object),
    textOf(at(object, "spec", "volumeName")) ?? "",
    textOf(at(object, "status", "capacity", "storage")) ?? "",
    modesOf(at(object, "status", "accessModes")),
    textOf(at(object, "spec", "storageClassName")) ?? "",
    "<unset>",
    ageOf(object, now),
    textOf(at(object, "spec", "volumeMode")) ?? "Filesystem",
  ],
};

export const volumeTable: TableView = {
  columns: [
    NAME,
    column("Capacity", "How large it is."),
    column("Access Modes", "How it may be used."),
    column("Reclaim Policy", "What becomes of it without its claim."),
    column("Status", "Whether a claim has it."),
    column("Claim", "The claim that has it."),
    column("StorageClass", "The class it is of."),
    column("VolumeAttributesClass", "The attributes it has."),
    column("Reason", "Why it failed."),
    AGE,
    wide("VolumeMode", "Filesystem or block."),
  ],
  cells: (object, now) => {
    const ref = at(object, "spec", "claimRef");
    return [
      object.metadata.name,
      textOf(at(object, "spec", "capacity", "storage")) ?? "",
      modesOf(at(object, "spec", "accessModes")),
      textOf(at(object, "spec", "persistentVolumeReclaimPolicy")) ?? "",
      statusOf(object),
      ref === undefined ? "" : `${textOf(at(ref, "namespace")) ?? ""}/${textOf(at(ref, "name")) ?? ""}`,
      textOf(at(object, "spec", "storageClassName")) ?? "",
      "<unset>",
      textOf(at(object, "status", "reason")) ?? "",
      ageOf(object, now),
      textOf(at(object, "spec", "volumeMode")) ?? "Filesystem",
    ];
  },
};

export const storageClassTable: TableView = {
  columns: [
    NAME,
    column("Provisioner", "What makes its volumes."),
    column("ReclaimPolicy", "What becomes of volumes without claims."),
    column("VolumeBindingMode", "When a claim gets its volume."),
    column("AllowVolumeExpansion", "Whether claims may grow."),
    AGE,
  ],
  cells: (object, now) => {
    const isDefault = object.metadata.annotations?.["storageclass.kubernetes.io/is-default-class"] === "true";
    return [
      `${object.metadata.name}${isDefault ? " (default)" : ""}`,
      textOf(object["provisioner"]) ?? NONE,
      textOf(object["reclaimPolicy"]) ?? "Delete",
      textOf(object["volumeBindingMode"]) ?? "Immediate",
      String(object["allowVolumeExpansion"] === true),
      ageOf(object, now),
    ];
  },
};
