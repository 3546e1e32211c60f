/** Takes lines, and writes those of one turn of the event loop together. */
export interface LineGatherer {
  write(line: string): void;
  /** Writes what waits; to be called before the program ends. */
  flush(): void;
}

/** The lines of a turn go out at its end: a pod that starts waits for its log no more than for its neighbours'. */
export function gatherLines(write: (lines: string) => void): LineGatherer {
  let waiting = "";
  const flush = (): void => {
    if (waiting !== "") write(waiting);
    waiting = "";
  };
  return {
    write(line) {
      if (waiting === "") setImmediate(flush);
      waiting += line;
    },
    flush,
  };
}
