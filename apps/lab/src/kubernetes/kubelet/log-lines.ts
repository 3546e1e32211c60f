import type { LogOptions } from "../pod-runtime.ts";

/** One line of a container's log file. */
export interface LogLine {
  readonly time: string;
  readonly text: string;
  /** The line goes on in the next entry. */
  readonly isPart: boolean;
}

/** Reads "<time> stdout|stderr F|P <text>"; a line of another form is shown as it is. */
export function readLogLine(line: string): LogLine {
  const match = /^(\S+) (?:stdout|stderr) ([FP]) ?(.*)$/s.exec(line);
  return { time: match?.[1] ?? "", text: match?.[3] ?? line, isPart: match?.[2] === "P" };
}

export function shownLine(line: LogLine, timestamps: boolean): string {
  return `${timestamps ? `${line.time} ` : ""}${line.text}${line.isPart ? "" : "\n"}`;
}

/** The lines written so far that were asked for. */
export function selectLines(
  lines: readonly LogLine[],
  options: Pick<LogOptions, "tailLines" | "sinceSeconds">,
  nowMs: number,
): readonly LogLine[] {
  const since = options.sinceSeconds === undefined ? undefined : nowMs - options.sinceSeconds * 1_000;
  const recent = since === undefined ? lines : lines.filter(({ time }) => Date.parse(time) >= since);
  return options.tailLines === undefined ? recent : recent.slice(Math.max(0, recent.length - options.tailLines));
}
