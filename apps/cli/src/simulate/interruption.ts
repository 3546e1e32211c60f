/** As shells report a program that Ctrl-C ended. */
export const INTERRUPTED = 130;

export interface Interruption {
  readonly signal: AbortSignal;
  /** From now on Ctrl-C ends the process as ever. */
  readonly release: () => void;
}

/** Aborts at Ctrl-C or SIGTERM, so that what is done can still be told; a second time ends the process at once. */
export function interruption(): Interruption {
  const controller = new AbortController();
  const heard = (): void => {
    if (controller.signal.aborted) process.exit(INTERRUPTED);
    controller.abort();
  };
  process.on("SIGINT", heard).on("SIGTERM", heard);
  return { signal: controller.signal, release: () => void process.off("SIGINT", heard).off("SIGTERM", heard) };
}
