import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import { Fault } from "@slash28/ports";
import type { Clock } from "@slash28/ports";
import type { ProcessHost, ProcessRequest } from "../process-host.ts";
import type { PluginConfig } from "./network-list.ts";
import { readAnswer } from "./plugin-answer.ts";
import type { PluginAnswer } from "./plugin-answer.ts";

export interface PluginPlace {
  /** Directory with the plugins' binaries. */
  readonly pluginDir: string;
  readonly processes: ProcessHost;
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** Ends every plugin that runs. */
  readonly signal: AbortSignal;
  /** Puts a plugin where it belongs, for example into its node's network namespace. */
  readonly place: (request: ProcessRequest) => ProcessRequest;
}

const SIGKILL = 9;

/** Runs one plugin once. Never rejects: what goes wrong is the answer. */
export async function runPlugin(
  where: PluginPlace,
  plugin: PluginConfig,
  request: { readonly env: Readonly<Record<string, string>>; readonly config: Readonly<Record<string, unknown>> },
): Promise<PluginAnswer> {
  const program = join(where.pluginDir, plugin.type);
  try {
    accessSync(program, constants.X_OK);
  } catch {
    return failed(5, `failed to find plugin "${plugin.type}" in path [${where.pluginDir}]`);
  }
  try {
    const started = await where.processes.start(
      where.place({ program, args: [], env: request.env, stdin: Buffer.from(JSON.stringify(request.config)) }),
    );
    const done = new AbortController();
    const late = where.clock.sleep(where.timeoutMs, AbortSignal.any([done.signal, where.signal])).then(() => "late" as const);
    const first = await Promise.race([started.exit, late]);
    done.abort();
    if (first !== "late") return readAnswer(first, String(request.config["cniVersion"]));
    started.signal(SIGKILL);
    await started.exit;
    return failed(11, `the plugin was killed: it did not answer within ${where.timeoutMs / 1_000} s`);
  } catch (error) {
    if (error instanceof Fault) return failed(5, error.message);
    throw error;
  }
}

function failed(code: number, msg: string): PluginAnswer {
  return { ok: false, error: { code, msg } };
}
