import type { ExplainedSetting, ExplainedSettings } from "@slash28/ipam";
import { renderTable, type Column } from "../output/index.ts";

const COLUMNS: readonly Column<ExplainedSetting>[] = [
  { head: "setting", cell: ({ variable }) => variable },
  { head: "value", cell: ({ value }) => value },
  { head: "source", cell: ({ source }) => source },
  { head: "notes", cell: notes },
];

/** Every setting a line, and below what nobody reads. */
export function settingsTable({ settings, unread }: ExplainedSettings): string {
  const lost = unread.map(({ variable, given, why }) => `  ${variable}=${given}: ${why}`);
  return [renderTable(COLUMNS, settings), ...(lost.length === 0 ? [] : ["", "given, and not read:", ...lost])].join("\n");
}

function notes({ given, problems, overriddenBy, overrides, hasEffect }: ExplainedSetting): string {
  return [
    ...problems.map(({ kind, used, why }) => `${JSON.stringify(given ?? "")} ${reason(kind, why)}; ${used} is used`),
    ...overriddenBy.map(({ by, why }) => `${hasEffect ? "set" : "no effect: overridden"} by ${by.join(" and ")}: ${why}`),
    ...(overrides.length === 0 ? [] : [`overrides ${overrides.join(", ")}`]),
  ].join("; ");
}

function reason(kind: ExplainedSetting["problems"][number]["kind"], why: string): string {
  return kind === "unsupported" ? `is not served: ${why}` : why;
}
