import pico from "picocolors";

export type OutputFormat = "table" | "json" | "yaml";
export const OUTPUT_FORMATS = ["table", "json", "yaml"] as const satisfies readonly OutputFormat[];

/** Where a command writes: results on stdout, everything else on stderr. Tests pass their own. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  readonly isTty: boolean;
  readonly colours: ReturnType<typeof pico.createColors>;
}

/** The terminal of this process; colour only on a TTY, and never with NO_COLOR. */
export function processTerminal(): Terminal {
  // Node leaves it undefined off a terminal, and picocolors then decides by itself: with CI set, for colour.
  const isTty = "isTTY" in process.stdout && process.stdout.isTTY;
  return {
    out: (text) => void process.stdout.write(text.endsWith("\n") ? text : `${text}\n`),
    err: (text) => void process.stderr.write(text.endsWith("\n") ? text : `${text}\n`),
    isTty,
    colours: pico.createColors(isTty && !process.env["NO_COLOR"]),
  };
}
