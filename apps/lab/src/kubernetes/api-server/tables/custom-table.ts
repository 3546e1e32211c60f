import type { KubeObject } from "@slash28/kube-store";

import type { PrinterColumn, ResourceDefinition } from "../resources/resource-definition.ts";
import { ageOf, since, UNKNOWN } from "./cell-text.ts";
import { findByPath } from "./json-path.ts";
import { column, type Column, type TableView } from "./table.ts";

const AGE: PrinterColumn = { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" };

/** Rows of a custom resource: its name and the columns its definition asks for, or its age. */
export function customTable(definition: ResourceDefinition): TableView {
  const asked = definition.custom?.columns ?? [];
  const columns = asked.length === 0 ? [AGE] : asked;
  return {
    columns: [column("Name", "Name must be unique within a namespace."), ...columns.map(columnOf)],
    cells: (object, now) => [object.metadata.name, ...columns.map((one) => cellOf(object, one, now))],
  };
}

function columnOf({ name, type, format = "", description = "", priority = 0 }: PrinterColumn): Column {
  return { name, type: type === "date" ? "string" : (type as Column["type"]), format, description, priority };
}

function cellOf(object: KubeObject, { type, jsonPath }: PrinterColumn, now: number): unknown {
  if (jsonPath === AGE.jsonPath) return ageOf(object, now);
  const found = findByPath(object, jsonPath);
  const [first] = found;
  if (first === undefined || first === null) return type === "date" ? UNKNOWN : null;
  switch (type) {
    case "date":
      return since(first, now);
    case "integer":
    case "number":
      return typeof first === "number" ? first : Number(first);
    case "boolean":
      return first === true || first === "true";
    default:
      return found.map((value) => (typeof value === "string" ? value : JSON.stringify(value))).join(",");
  }
}
