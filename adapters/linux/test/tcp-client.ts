import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Connects from inside a named namespace and reads one line; rejects when nobody answers in time. */
export async function readLineFrom(name: string, address: string, port: number): Promise<string> {
  const script = `exec 3<>/dev/tcp/${address}/${port} && head -n 1 <&3`;
  const { stdout } = await run("ip", ["netns", "exec", name, "timeout", "5", "bash", "-c", script]);
  return stdout.trim();
}
