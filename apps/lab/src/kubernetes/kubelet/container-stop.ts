import type { RunningContainer } from "./container-runtime.ts";
import { runHook } from "./hooks.ts";
import type { PodSession } from "./pod-session.ts";
import type { Container } from "./pod.ts";

/** Ends a container: its preStop hook, SIGTERM, and when the time is up the end of everything in it. Resolves to its exit code. */
export async function stopContainer(
  session: PodSession,
  container: Container,
  running: RunningContainer,
  graceMs: number,
): Promise<number> {
  const { clock } = session.parts;
  const done = new AbortController();
  const signal = AbortSignal.any([done.signal, session.killing.signal]);
  const timeUp = session.killing.signal.aborted ? Promise.resolve(undefined) : clock.sleep(graceMs, signal).then(() => undefined);
  const polite = async (): Promise<number> => {
    await preStop(session, container, running, graceMs);
    running.terminate();
    return await running.exit;
  };
  const code = await Promise.race([running.exit, polite(), timeUp]);
  done.abort();
  if (code !== undefined) return code;
  running.kill();
  return await running.exit;
}

/** Whoever ends a pod is not kept by a hook that fails. */
async function preStop(session: PodSession, container: Container, running: RunningContainer, graceMs: number): Promise<void> {
  const handler = container.lifecycle?.preStop;
  if (handler === undefined) return;
  const result = await runHook(session, { handler, container, running, timeoutMs: graceMs });
  if (!result.isSuccess) session.report("Warning", "FailedPreStopHook", `PreStopHook failed: ${result.output}`, container.name);
}
