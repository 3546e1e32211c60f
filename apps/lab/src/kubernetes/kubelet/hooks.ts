import type { ProbeResult, RunningContainer } from "./container-runtime.ts";
import { messageOf } from "./pod-parts.ts";
import type { PodSession } from "./pod-session.ts";
import type { Container, LifecycleHandler } from "./pod.ts";
import { probeTarget } from "./probe-target.ts";

export interface Hook {
  readonly handler: LifecycleHandler;
  readonly container: Container;
  readonly running: RunningContainer;
  readonly timeoutMs: number;
}

/** Runs a lifecycle hook. https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/ */
export async function runHook(session: PodSession, hook: Hook): Promise<ProbeResult> {
  const { handler, container, running, timeoutMs } = hook;
  if (handler.sleep !== undefined) {
    await session.parts.clock.sleep(Math.min(handler.sleep.seconds * 1_000, timeoutMs), session.killing.signal);
    return { isSuccess: true, output: "" };
  }
  const address = session.podIp ?? session.parts.node.address;
  const target = probeTarget({ ...handler, timeoutSeconds: timeoutMs / 1_000 }, container, { podIp: address });
  if (target.kind === "impossible") return { isSuccess: false, output: target.why };
  try {
    return target.kind === "command" ? await running.run(target.command, timeoutMs) : await session.parts.runtime.probe(target.probe);
  } catch (error) {
    return { isSuccess: false, output: messageOf(error) };
  }
}
