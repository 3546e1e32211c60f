import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { deleteNamespace, listNamespaces } from "@slash28/linux";

const RUN = "/run";

/** Where labs of this process keep their files: the beginning of their run folders' paths. */
export const RUN_FOLDERS = join(RUN, `s28-bench-${process.pid}-`);

/** Removes what runs left that were killed before they could: labs, namespaces, folders. All carry the number of the process that made them. */
export function removeLeftovers({ cache, dist }: { readonly cache: string; readonly dist: string }): void {
  for (const name of leftIn(namesIn(RUN), /^s28-bench-(\d+)-/)) {
    const env = { ...process.env, SLASH28_RUN_DIR: join(RUN, name) };
    execFileSync(process.execPath, [join(dist, "slash28.mjs"), "lab", "down"], { env, stdio: "ignore" });
    rmSync(join(RUN, name), { recursive: true, force: true });
  }
  for (const name of leftIn(listNamespaces(), /^s28-bench-(?:pods-)?(\d+)-/)) deleteNamespace(name);
  for (const name of leftIn(namesIn(cache), /^[a-z0-9]+-(\d+)-/)) rmSync(join(cache, name), { recursive: true, force: true });
}

/** Those of the names whose process is gone. */
export function leftIn(names: readonly string[], form: RegExp, isAlive: (pid: string) => boolean = runs): readonly string[] {
  return names.filter((name) => {
    const pid = form.exec(name)?.[1];
    return pid !== undefined && !isAlive(pid);
  });
}

function runs(pid: string): boolean {
  return existsSync(`/proc/${pid}`);
}

function namesIn(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}
