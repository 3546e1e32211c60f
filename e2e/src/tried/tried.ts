/** A command an operator types, with what it must do: run against a lab by a test, and printed in docs/tried-commands.md. */
export interface TriedCommand {
  /** A line for bash, as pasted. Variables kept by earlier commands of the chapter stand in for ids. */
  readonly command: string;
  /** What it must show or do, in a few words. */
  readonly does: string;
  /** The exit code the tool itself gives; 0 when absent. */
  readonly exit?: number;
  /** What its output, standard and error together, must match. */
  readonly shows?: readonly RegExp[];
  /** What must not be in it. */
  readonly lacks?: readonly RegExp[];
  /** Name of a shell variable that takes its trimmed output, for the commands after it. */
  readonly keep?: string;
  /** Tried again until it does so, for what comes with time. */
  readonly eventually?: true;
}

/** Commands of one subject, run in order in a folder of their own. Leaves the lab as it found it. */
export interface TriedChapter {
  readonly title: string;
  /** Files the commands read, by name. */
  readonly files?: Readonly<Record<string, string>>;
  readonly commands: readonly TriedCommand[];
}
