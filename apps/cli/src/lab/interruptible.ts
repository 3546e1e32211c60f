/** Runs `work` once on Ctrl-C or SIGTERM until released. */
export function interruptible(work: () => Promise<void>): { release(): void } {
  let started = false;
  const handler = (): void => {
    if (started) return;
    started = true;
    void work();
  };
  process.on("SIGINT", handler).on("SIGTERM", handler);
  return { release: () => void process.off("SIGINT", handler).off("SIGTERM", handler) };
}
