import { existsSync } from "node:fs";
import { chmod, copyFile, mkdir, open, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Log } from "@slash28/ports";
import { conflist, CONFLIST_NAME, type ConflistOptions } from "./conflist.ts";

export interface InstallOptions extends Omit<ConflistOptions, "hasPlugin"> {
  /** `HOST_CNI_BIN_PATH`. */
  readonly binDir: string;
  /** `HOST_CNI_CONFDIR_PATH`. */
  readonly confDir: string;
  /** The plugin to install; absent: the one beside this program. */
  readonly plugin?: string;
  readonly log: Log;
}

/** Installs the plugin, and then the configuration that makes the runtime use it: with the latter the node becomes ready. */
export async function installPlugin(options: InstallOptions): Promise<void> {
  await mkdir(options.binDir, { recursive: true });
  await mkdir(options.confDir, { recursive: true });
  const target = join(options.binDir, "aws-cni");
  await putPlugin(options.plugin ?? pluginBeside(import.meta.url), target);
  const hasPlugin = (name: string): boolean => existsSync(join(options.binDir, name));
  const path = join(options.confDir, CONFLIST_NAME);
  await putText(path, conflist({ settings: options.settings, agentSocket: options.agentSocket, hasPlugin }), 0o644);
  options.log.info("the CNI plugin and its configuration are installed", { plugin: target, configuration: path });
}

/** The static plugin, or where no compiler was the one that runs in Node. */
function pluginBeside(program: string): string {
  const folder = dirname(fileURLToPath(program));
  const built = join(folder, "native", "aws-cni");
  return existsSync(built) ? built : join(folder, "aws-cni.mjs");
}

/** A running plugin's file cannot be overwritten, but replaced: a copy beside it, then a rename. */
async function putPlugin(source: string, target: string): Promise<void> {
  if (source.endsWith(".mjs")) return putText(target, `#!/bin/sh\nexec "${process.execPath}" "${source}"\n`, 0o755);
  const copy = `${target}.tmp`;
  await copyFile(source, copy);
  await chmod(copy, 0o755);
  await rename(copy, target);
}

async function putText(target: string, text: string, mode: number): Promise<void> {
  const copy = `${target}.tmp`;
  await writeFile(copy, text, { mode });
  await chmod(copy, mode);
  const file = await open(copy, "r");
  await file.sync();
  await file.close();
  await rename(copy, target);
}
