import type { Fields, KubeObject } from "@slash28/kube-store";

/** A column of `kubectl get`. Priority 0 is always shown, 1 with `-o wide`. */
export interface Column {
  readonly name: string;
  readonly type: "string" | "integer" | "number" | "boolean" | "date";
  readonly format: string;
  readonly description: string;
  readonly priority: number;
}

/** How the objects of one type are shown as rows. */
export interface TableView {
  readonly columns: readonly Column[];
  readonly cells: (object: KubeObject, now: number) => readonly unknown[];
}

export function column(name: string, description = "", type: Column["type"] = "string"): Column {
  return { name, type, format: name === "Name" ? "name" : "", description, priority: 0 };
}

export function wide(name: string, description = ""): Column {
  return { ...column(name, description), priority: 1 };
}

export type IncludeObject = "None" | "Metadata" | "Object";

/** A `meta.k8s.io/v1` Table of these objects. */
export function tableOf(view: TableView, objects: readonly KubeObject[], include: IncludeObject, now: number): Fields {
  return {
    kind: "Table",
    apiVersion: "meta.k8s.io/v1",
    metadata: {},
    columnDefinitions: view.columns,
    rows: objects.map((object) => ({ cells: view.cells(object, now), object: rowObject(object, include) })),
  };
}

function rowObject(object: KubeObject, include: IncludeObject): unknown {
  switch (include) {
    case "Object":
      return object;
    case "Metadata":
      return { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata: object.metadata };
    case "None":
      return null;
    default:
      return include satisfies never;
  }
}
