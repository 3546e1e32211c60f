import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { kubeFromKubeconfig, type KubeClient } from "@slash28/kube";
import { Fault, type Clock } from "@slash28/ports";
import { CommandError, usageError } from "../output/index.ts";

const clock: Clock = { now: Date.now, sleep: (ms) => wait(ms) };

/** The Kubernetes API of a kubeconfig: the file named, else `KUBECONFIG`, else `~/.kube/config`. The caller closes it. */
export async function kubeOf(named: string | undefined, env: NodeJS.ProcessEnv): Promise<KubeClient> {
  const path = named ?? env["KUBECONFIG"]?.split(":").find((part) => part !== "") ?? join(env["HOME"] ?? homedir(), ".kube/config");
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    throw usageError(`cannot read the kubeconfig ${path}; name one with --kubeconfig or KUBECONFIG`);
  }
  // Files that a kubeconfig names are relative to it.
  const near = (file: string): Promise<string> => readFile(resolve(dirname(path), file), "utf8");
  return await spokenFaults(() => kubeFromKubeconfig(text, { clock, readFile: near }));
}

/** Says what the API server or the kubeconfig refused in words, without a stack. */
export async function spokenFaults<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof Fault) throw new CommandError(cause.message);
    throw cause;
  }
}
