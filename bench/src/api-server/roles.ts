import { fork, type ChildProcess } from "node:child_process";

import { HEAP_FLAGS } from "@slash28/lab";

/** What a process of this benchmark was started to be; each measures or serves apart from the others. */
export type Role =
  | { readonly kind: "server"; readonly pods: number }
  | { readonly kind: "lister"; readonly cluster: ClusterAccess; readonly rounds: number }
  | { readonly kind: "writer"; readonly cluster: ClusterAccess; readonly connections: number; readonly seconds: number }
  | { readonly kind: "watcher"; readonly cluster: ClusterAccess; readonly watchers: number; readonly events: number };

/** How a client reaches the server. */
export interface ClusterAccess {
  readonly url: string;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

const ROLE = "SLASH28_BENCH_API_ROLE";

/** Starts this program again in another role; the server as a lab's supervisor is started. It ends when its parent's channel closes. */
export function startRole(program: string, role: Role): ChildProcess {
  const execArgv = role.kind === "server" ? [...HEAP_FLAGS] : [];
  return fork(program, [], { execArgv, env: { ...process.env, [ROLE]: JSON.stringify(role) } });
}

export function roleOf(env: NodeJS.ProcessEnv): Role | undefined {
  const text = env[ROLE];
  return text === undefined ? undefined : (JSON.parse(text) as Role);
}

/** The next message of a process; rejects when it ends first. */
export function messageFrom<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null): void => reject(new Error(`a process of the benchmark ended with ${code}`));
    child.once("exit", onExit);
    child.once("message", (message) => {
      child.off("exit", onExit);
      resolve(message as T);
    });
  });
}
