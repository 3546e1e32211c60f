import { appendFileSync, existsSync, mkdirSync, renameSync, statSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import type { Environment } from "./environment.ts";

/** Where the configuration has the plugin's log, and what of it is kept; as it came, unchecked. */
export interface LogPlace {
  readonly file: unknown;
  readonly level: unknown;
}

const LOG_MAX = 100 << 20;
const STDERR = 2;
const VARIABLES = ["CNI_CONTAINERID", "CNI_NETNS", "CNI_IFNAME", "CNI_ARGS"] as const;

/** One line about a call, in one write: plugins run side by side. Failures are told at every level. A log that cannot be written is no reason to fail a pod. */
export function logCall(
  { file, level }: LogPlace,
  call: { readonly verb: string; readonly env: Environment; readonly startedAt: number; readonly failure?: string },
): void {
  const isDebug = typeof level === "string" && level.toLowerCase() === "debug";
  if (typeof file !== "string" || file === "stdout" || (call.failure === undefined && !isDebug)) return;
  const said = VARIABLES.flatMap((name) => (call.env[name] ? [[name, plain(call.env[name])]] : []));
  const line = JSON.stringify({
    level: call.failure === undefined ? "debug" : "error",
    ts: new Date().toISOString(),
    msg: `${call.verb} ${call.failure === undefined ? "done" : "failed"}`,
    ms: Math.round(performance.now() - call.startedAt),
    ...(Object.fromEntries(said) as Record<string, string>),
    ...(call.failure === undefined ? {} : { answer: plain(call.failure) }),
  });
  try {
    if (file === "" || file === "stderr") return void writeSync(STDERR, `${line}\n`);
    putAside(file);
    if (!existsSync(dirname(file))) mkdirSync(dirname(file));
    appendFileSync(file, `${line}\n`, { mode: 0o640 });
  } catch {
    // The answer is out; nobody is there to hear of it.
  }
}

function putAside(file: string): void {
  const told = statSync(file, { throwIfNoEntry: false });
  if (told !== undefined && told.size >= LOG_MAX) renameSync(file, `${file}.1`);
}

/** What the static plugin prints: it cannot tell UTF-8 from noise. */
function plain(text: string): string {
  return text.slice(0, 1024).replace(/[^\x20-\x7e]/g, "?");
}
