import stringWidth from "string-width";

export interface Column<Row> {
  readonly head: string;
  readonly cell: (row: Row) => string | number;
  readonly align?: "left" | "right";
}

const GAP = "   ";

/** Rows as aligned text, kubectl's way: upper-case heads, no rules, three spaces between columns. Width counts what a terminal shows. */
export function renderTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const body = rows.map((row) => columns.map((column) => String(column.cell(row))));
  const head = columns.map((column) => column.head.toUpperCase());
  const widths = columns.map((_, at) => Math.max(...[head, ...body].map((line) => stringWidth(line[at] ?? ""))));
  return [head, ...body]
    .map((line) =>
      line
        .map((cell, at) => pad(cell, widths[at] ?? 0, columns[at]?.align))
        .join(GAP)
        .trimEnd(),
    )
    .join("\n");
}

function pad(cell: string, width: number, align: "left" | "right" = "left"): string {
  const space = " ".repeat(Math.max(0, width - stringWidth(cell)));
  return align === "right" ? space + cell : cell + space;
}
