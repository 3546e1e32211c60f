/** What stands in for an image: files of this machine instead of a pulled root filesystem. */
export interface ImageRule {
  /** `*` matches any characters. Compared with the image without registry `docker.io/`, `library/`, tag, and digest. */
  readonly image: string;
  /** Runs unless the container gives `command`. Absent: an image without a program of its own. */
  readonly entrypoint?: readonly string[];
  /** Arguments unless the container gives `args` or `command`. */
  readonly args?: readonly string[];
  /** The entrypoint is run even if the container gives a `command`: the image's real program does not exist here. */
  readonly isPinned?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  readonly workingDir?: string;
  /** Files of this machine the stand-in needs, put at the same or another place, read-only. */
  readonly files?: readonly { readonly source: string; readonly target: string }[];
}
