import type { RunningContainer } from "./container-runtime.ts";
import type { PodSession } from "./pod-session.ts";
import type { Container } from "./pod.ts";
import { probeTarget } from "./probe-target.ts";

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

async function preStop(session: PodSession, container: Container, running: RunningContainer, graceMs: number): Promise<void> {
  const hook = container.lifecycle?.preStop;
  if (hook === undefined) return;
  if (hook.sleep !== undefined) {
    await session.parts.clock.sleep(hook.sleep.seconds * 1_000, session.killing.signal);
    return;
  }
  const target = probeTarget({ ...hook, timeoutSeconds: graceMs / 1_000 }, container, session.podIp ?? session.parts.node.address);
  if (target.kind === "impossible") return;
  const result = target.kind === "command" ? await running.run(target.command, graceMs) : await session.parts.runtime.probe(target.probe);
  if (!result.isSuccess) session.report("Warning", "FailedPreStopHook", `PreStopHook failed: ${result.output}`, container.name);
}
