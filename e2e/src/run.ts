import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly input?: string;
  readonly timeoutMs?: number;
}

/** Runs a real program to its end and gives all it said; never rejects for a failing program. */
export function run(
  program: string,
  args: readonly string[],
  { env = process.env, cwd, input = "", timeoutMs = 60_000 }: RunOptions = {},
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env, cwd, stdio: "pipe" });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (part: Buffer) => (stdout += part.toString("utf8")));
    child.stderr.on("data", (part: Buffer) => (stderr += part.toString("utf8")));
    const timer = setTimeout(() => child.kill("SIGKILL"), timeoutMs);
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      resolve({
        code: code ?? 128,
        stdout,
        stderr: signal === null ? stderr : `${stderr}\nended by ${signal} after at most ${timeoutMs} ms`,
      });
    });
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
  });
}

/** A program that goes on until it is stopped. */
export interface Followed {
  readonly send: (line: string) => void;
  readonly stop: () => void;
  /** Resolves when it has ended, to all it said on stderr. */
  readonly ended: Promise<string>;
}

/**
 * Starts a program and gives each line of its output as it comes. It gets a session of its own, so that Ctrl-C in this one's terminal
 * does not end it: whoever started it stops it.
 */
export function follow(
  program: string,
  args: readonly string[],
  { env = process.env, onLine }: { readonly env?: NodeJS.ProcessEnv; readonly onLine: (line: string) => void },
): Followed {
  const child = spawn(program, args, { env, stdio: "pipe", detached: true });
  let stderr = "";
  child.stderr.on("data", (part: Buffer) => (stderr += part.toString("utf8")));
  child.stdin.on("error", () => undefined);
  createInterface({ input: child.stdout }).on("line", onLine);
  const ended = new Promise<string>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", () => resolve(stderr));
  });
  return { send: (line) => void child.stdin.write(`${line}\n`), stop: () => void child.kill("SIGTERM"), ended };
}

/** Bounds of the pause between two attempts. */
const PAUSE_MS = { least: 200, most: 1_000 };

/**
 * Tries until `attempt` gives something, within a deadline; says what was waited for and what was last seen. It pauses for as long as an
 * attempt took: a program started again and again takes a core from what is waited for, and from other tests.
 */
export async function eventually<T>(what: string, attempt: () => Promise<T | undefined | false>, timeoutMs = 30_000): Promise<T> {
  let last: unknown;
  for (const end = Date.now() + timeoutMs; Date.now() < end;) {
    const start = Date.now();
    try {
      const found = await attempt();
      if (found !== undefined && found !== false) return found;
      last = "nothing yet";
    } catch (cause) {
      last = cause;
    }
    const pauseMs = Math.min(Math.max(Date.now() - start, PAUSE_MS.least), PAUSE_MS.most);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  throw new Error(`waited ${timeoutMs} ms for ${what}; last: ${last instanceof Error ? last.message : String(last)}`);
}
