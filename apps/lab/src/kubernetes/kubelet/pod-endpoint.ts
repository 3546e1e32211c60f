import { once } from "node:events";
import { Fault } from "@slash28/ports";
import type { Clock } from "@slash28/ports";
import type { ContainerName, PodRuntime } from "../pod-runtime.ts";
import { readLog } from "./log-reader.ts";
import type { PodSession } from "./pod-session.ts";

/** Kubelet's log and exec endpoints over the pods it has. */
export function createPodEndpoint(find: (name: ContainerName) => PodSession | undefined, clock: Clock): PodRuntime {
  const locate = (verb: string, name: ContainerName): { session: PodSession; container: string } => {
    const session = find(name);
    if (session === undefined) throw refused(verb, name, 404, "NotFound", `pods "${name.pod}" not found on this node`);
    const container = name.container ?? session.pod.spec.containers[0]?.name ?? "";
    if (session.status(container) === undefined)
      throw refused(verb, name, 400, "BadRequest", `container ${container} is not valid for pod ${name.pod}`);
    return { session, container };
  };
  return {
    async logs(name, options, signal) {
      const { session, container } = locate("logs", name);
      const status = session.status(container);
      const restart = (status?.restartCount ?? 0) - (options.previous ? 1 : 0);
      if (restart < 0)
        throw refused("logs", name, 400, "BadRequest", `previous terminated container "${container}" in pod "${name.pod}" not found`);
      const hasRun = status?.containerID !== undefined || status?.state.terminated !== undefined;
      if (!hasRun)
        throw refused(
          "logs",
          name,
          400,
          "BadRequest",
          `container "${container}" in pod "${name.pod}" is waiting to start: ${status?.state.waiting?.reason ?? "ContainerCreating"}`,
        );
      const isLive = (): boolean =>
        !options.previous && session.running.has(container) && (session.status(container)?.restartCount ?? 0) === restart;
      return await Promise.resolve(readLog({ path: session.dirs.logFile(container, restart), isLive }, options, clock, signal));
    },
    async attach(name, request) {
      const { session, container } = locate("attach", name);
      const running = session.running.get(container);
      if (running === undefined)
        throw refused("attach", name, 500, "InternalError", `container "${container}" of pod "${name.pod}" is not running`);
      if (running.attach !== undefined) return await running.attach(request);
      const path = session.dirs.logFile(container, session.status(container)?.restartCount ?? 0);
      const file = { path, isLive: () => session.running.get(container) === running };
      const lines = readLog(file, { follow: true, previous: false, tailLines: 0, timestamps: false }, clock, request.signal);
      for await (const chunk of lines) if (request.stdout?.write(chunk) === false) await once(request.stdout, "drain");
    },
    async connect(name, port) {
      const { session } = locate("portforward", name);
      if (session.sandbox === undefined)
        throw refused("portforward", name, 400, "BadRequest", `unable to forward port because pod is not running. Current status=Pending`);
      return await session.parts.runtime.connect(session.sandbox, port);
    },
    async exec(name, request) {
      const { session, container } = locate("exec", name);
      const running = session.running.get(container);
      if (running === undefined)
        throw refused("exec", name, 500, "InternalError", `container "${container}" of pod "${name.pod}" is not running`);
      return await running.exec(request);
    },
  };
}

function refused(verb: string, name: ContainerName, status: number, reason: string, detail: string): Fault {
  return new Fault("KUBE_REFUSED", { verb, object: `pods ${name.namespace}/${name.pod}`, status, reason, detail });
}
