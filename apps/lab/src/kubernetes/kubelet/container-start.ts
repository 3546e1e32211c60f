import { mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { StartError } from "./container-runtime.ts";
import type { RunningContainer, Sandbox } from "./container-runtime.ts";
import { containerEnvironment, expand } from "./environment.ts";
import { chooseProgram, type ImageChoice } from "./image-table.ts";
import { messageOf, randomId } from "./pod-parts.ts";
import type { PodSession } from "./pod-session.ts";
import type { Container, EphemeralContainer } from "./pod.ts";
import type { ContainerRole } from "./restart-decision.ts";
import { isRestarted } from "./restart-decision.ts";
import { MESSAGE_PATH, newMessageFile } from "./termination-message.ts";
import { VolumeError } from "./volumes.ts";

export type Start =
  | { readonly kind: "running"; readonly container: RunningContainer }
  /** It never ran: no image, a bad configuration. */
  | { readonly kind: "cannot"; readonly reason: "ErrImagePull" | "CreateContainerConfigError"; readonly why: string }
  /** Its program could not be run; counts as an end. */
  | { readonly kind: "failed"; readonly id: string; readonly why: string };

/** Starts one container of a pod once. */
export async function startContainer(
  session: PodSession,
  sandbox: Sandbox,
  container: EphemeralContainer,
  role: ContainerRole,
): Promise<Start> {
  const { parts, pod } = session;
  const plan = planStart(session, container);
  if ("kind" in plan) return plan;
  const { choice, env, target } = plan;
  const restart = session.status(container.name)?.restartCount ?? 0;
  const logFile = session.dirs.logFile(container.name, restart);
  const scratchDir = join(session.dirs.scratch, container.name);
  const id = randomId(parts.random);
  try {
    mkdirSync(dirname(logFile), { recursive: true });
    mkdirSync(scratchDir, { recursive: true });
    newMessageFile(session.dirs.messageFile(container.name));
    // The container before the last one is no longer asked for.
    if (restart > 1) for (const suffix of ["", ".1"]) rmSync(session.dirs.logFile(container.name, restart - 2) + suffix, { force: true });
    const started = await parts.runtime.startContainer({
      id,
      sandbox,
      argv: choice.argv.map((word) => expand(word, env)),
      env,
      mounts: [
        ...(session.volumes?.mounts(container, env) ?? []),
        { source: session.dirs.messageFile(container.name), target: container.terminationMessagePath ?? MESSAGE_PATH, readOnly: false },
      ],
      logFile,
      scratchDir,
      attachSocket: session.dirs.attachSocket(container.name),
      streams: { stdin: container.stdin === true, stdinOnce: container.stdinOnce === true, tty: container.tty === true },
      ...identity(session, container),
      sharesHostPids: pod.spec.hostNetwork === true || pod.spec.hostPID === true,
      ...(target === undefined ? {} : { seesPidsOf: target }),
      rule: choice.rule,
      isTask: !isRestarted(pod.spec.restartPolicy, role, 0),
    });
    return { kind: "running", container: started };
  } catch (error) {
    if (error instanceof VolumeError) return { kind: "cannot", reason: "CreateContainerConfigError", why: error.message };
    if (error instanceof StartError) return { kind: "failed", id, why: messageOf(error) };
    throw error;
  }
}

interface StartPlan {
  readonly choice: Extract<ImageChoice, { readonly ok: true }>;
  readonly env: Readonly<Record<string, string>>;
  /** The container whose processes it is to see. */
  readonly target: RunningContainer | undefined;
}

/** What a container is started with, or why it cannot be. */
function planStart(session: PodSession, container: EphemeralContainer): StartPlan | Extract<Start, { readonly kind: "cannot" }> {
  const { parts, pod } = session;
  const choice = chooseProgram(container, parts.images);
  if (!choice.ok) return { kind: "cannot", reason: "ErrImagePull", why: choice.why };
  const target = targetOf(session, container);
  if (!target.ok) return { kind: "cannot", reason: "CreateContainerConfigError", why: target.why };
  const view = { pod, node: parts.node, ...(session.podIp === undefined ? {} : { podIp: session.podIp }) };
  const environment = containerEnvironment(container, view, session.data, {
    ...(container.tty === true ? { TERM: "xterm" } : {}),
    ...(choice.rule.isPinned === true ? {} : parts.machineEnv),
    ...choice.rule.env,
    ...serviceEnv(session),
  });
  if (!environment.ok) return { kind: "cannot", reason: "CreateContainerConfigError", why: environment.why };
  return { choice, env: environment.env, target: target.running };
}

type Target = { readonly ok: true; readonly running: RunningContainer | undefined } | { readonly ok: false; readonly why: string };

/** The container whose processes this one is to see. */
function targetOf(session: PodSession, { targetContainerName }: EphemeralContainer): Target {
  if (targetContainerName === undefined || targetContainerName === "") return { ok: true, running: undefined };
  const running = session.running.get(targetContainerName);
  return running === undefined
    ? { ok: false, why: `unable to find target container ${JSON.stringify(targetContainerName)}: it does not run` }
    : { ok: true, running };
}

function serviceEnv({ pod, parts: { cluster, services } }: PodSession): Readonly<Record<string, string>> {
  const { serviceHost, servicePort } = cluster;
  const port = String(servicePort);
  return {
    KUBERNETES_SERVICE_HOST: serviceHost,
    KUBERNETES_SERVICE_PORT: port,
    KUBERNETES_SERVICE_PORT_HTTPS: port,
    KUBERNETES_PORT: `tcp://${serviceHost}:${port}`,
    ...services?.variables({ namespace: pod.metadata.namespace ?? "default", hasLinks: pod.spec.enableServiceLinks !== false }),
  };
}

function identity(session: PodSession, container: Container): { workingDir?: string; user?: number; group?: number } {
  const user = container.securityContext?.runAsUser ?? session.pod.spec.securityContext?.runAsUser;
  const group = container.securityContext?.runAsGroup ?? session.pod.spec.securityContext?.runAsGroup;
  return {
    ...(container.workingDir === undefined ? {} : { workingDir: container.workingDir }),
    ...(user === undefined ? {} : { user }),
    ...(group === undefined ? {} : { group }),
  };
}
