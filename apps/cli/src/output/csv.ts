/** Rows as CSV (RFC 4180). A spreadsheet takes no text for a formula. */
export function csvText(rows: readonly (readonly (string | number)[])[]): string {
  return `${rows.map((row) => row.map((field) => (typeof field === "number" ? String(field) : csvField(field))).join(",")).join("\n")}\n`;
}

function csvField(text: string): string {
  const safe = /^[=+\-@\t]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
