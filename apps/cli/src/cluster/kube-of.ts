import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { kubeFromKubeconfig, type CredentialPlugin, type KubeClient } from "@slash28/kube";
import { Fault } from "@slash28/ports";
import { CommandError, usageError } from "../output/index.ts";
import { wallClock } from "../wall-clock.ts";

/**
 * The Kubernetes API of a kubeconfig: the file named, else `KUBECONFIG`, else `~/.kube/config`. Programs that it names for a token, such as
 * `aws eks get-token`, are run as kubectl runs them. The caller closes it.
 *
 * @param context which of the kubeconfig's; its current one when absent
 */
export async function kubeOf(named: string | undefined, env: NodeJS.ProcessEnv, context?: string): Promise<KubeClient> {
  const path = named ?? env["KUBECONFIG"]?.split(":").find((part) => part !== "") ?? join(env["HOME"] ?? homedir(), ".kube/config");
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    throw usageError(`cannot read the kubeconfig ${path}; name one with --kubeconfig or KUBECONFIG`);
  }
  // Files that a kubeconfig names are relative to it.
  const near = (file: string): Promise<string> => readFile(resolve(dirname(path), file), "utf8");
  const runPlugin = (plugin: CredentialPlugin): Promise<string> => printedBy(plugin, env, dirname(path));
  try {
    return await kubeFromKubeconfig(text, { clock: wallClock, readFile: near, runPlugin, ...(context === undefined ? {} : { context }) });
  } catch (cause) {
    throw unusable(path, cause);
  }
}

/** A kubeconfig that cannot be used is a mistake in what was given, as one that is not there is. */
function unusable(path: string, cause: unknown): unknown {
  if (cause instanceof Fault) return usageError(`${path}: ${cause.message}`);
  if (cause instanceof Error && "path" in cause && "code" in cause)
    return usageError(`${path}: it names the file ${String(cause.path)}, which cannot be read (${String(cause.code)})`);
  return cause;
}

const PLUGIN_MS = 60_000;

function printedBy({ command, args, env }: CredentialPlugin, outer: NodeJS.ProcessEnv, folder: string): Promise<string> {
  // A command with a slash is relative to the kubeconfig, as in client-go.
  const program = command.includes("/") ? resolve(folder, command) : command;
  return new Promise((done, fail) => {
    execFile(program, args, { env: { ...outer, ...env }, timeout: PLUGIN_MS, encoding: "utf8" }, (error, stdout, stderr) => {
      if (error === null) return done(stdout);
      const said = stderr.trim().split("\n").at(-1) || error.message;
      fail(new CommandError(`the kubeconfig's credential plugin failed: ${[command, ...args].join(" ")}: ${said}`));
    });
  });
}

/** Says what the API server refused in words, without a stack. */
export async function spokenFaults<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof Fault) throw new CommandError(cause.message);
    throw cause;
  }
}
