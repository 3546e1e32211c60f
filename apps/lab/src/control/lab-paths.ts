import { join } from "node:path";

/** Where a lab keeps its files. Everything it writes lies below `runDir`, so that removing that folder removes the lab's traces. */
export interface LabPaths {
  readonly runDir: string;
  /** The supervisor's Unix socket. */
  readonly control: string;
  /** Which process is the supervisor; see {@link LabRecord}. */
  readonly record: string;
  readonly kubeconfig: string;
  readonly log: string;
  readonly cluster: string;
  readonly nodes: string;
  /** The certificates that pods trust: this machine's, and the lab's own for AWS's names. */
  readonly trusted: string;
}

/** In a folder of kept state: which lab uses it, as a {@link LabRecord}. */
export function stateRecord(stateDir: string): string {
  return join(stateDir, "running.json");
}

/** The run folder: `SLASH28_RUN_DIR`, else /run/slash28 for root, else one below the user's runtime folder. */
export function defaultRunDir(env: NodeJS.ProcessEnv, isRoot: boolean): string {
  const chosen = env["SLASH28_RUN_DIR"];
  if (chosen !== undefined && chosen !== "") return chosen;
  if (isRoot) return "/run/slash28";
  return join(env["XDG_RUNTIME_DIR"] ?? "/tmp", `slash28-${env["USER"] ?? "user"}`);
}

export function labPaths(runDir: string): LabPaths {
  return {
    runDir,
    control: join(runDir, "control.sock"),
    record: join(runDir, "lab.json"),
    kubeconfig: join(runDir, "kubeconfig"),
    log: join(runDir, "lab.log"),
    cluster: join(runDir, "cluster.json"),
    nodes: join(runDir, "nodes"),
    trusted: join(runDir, "trusted.pem"),
  };
}
