import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { defaultCluster, type ClusterFileInput } from "@slash28/cluster-file";
import { controlClient, labPaths, type LabStatus } from "@slash28/lab";
import { follow, run, type Followed, type Ran, type RunOptions } from "./run.ts";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const slash28Program = join(repository, "apps/cli/bin/slash28.mjs");
/** Shortens the pauses of `aws … wait`, 10 to 30 s between two looks, as AWS_DATA_PATH lets one: what a lab does takes seconds. */
const awsModels = join(repository, "e2e/src/aws-models");

export interface UpOptions {
  readonly cluster?: ClusterFileInput;
  /** A cluster file as it lies there, in place of `cluster`: its name must be the lab's. */
  readonly file?: string;
  readonly args?: readonly string[];
  readonly timeoutMs?: number;
}

/** A lab of its own for a test file: own name, own run folder, free ports; driven only through the stock programs. */
export interface LabUnderTest {
  readonly name: string;
  readonly runDir: string;
  slash28(args: readonly string[], options?: RunOptions): Promise<Ran>;
  /** `slash28 lab up --detach`; fails the test with all it said when it fails. */
  up(options?: UpOptions): Promise<void>;
  /** What `slash28 lab status -o json` tells, without starting a program: tests look often. */
  status(): Promise<LabStatus>;
  /** Runs stock kubectl; a failure throws with what it said. */
  kubectl(args: readonly string[], options?: RunOptions): Promise<string>;
  kubectlRaw(args: readonly string[], options?: RunOptions): Promise<Ran>;
  /** Starts stock kubectl, for commands that go on: each line of its output goes to `onLine`. */
  kubectlFollow(args: readonly string[], onLine: (line: string) => void): Followed;
  /** Runs stock AWS CLI v2. */
  aws(args: readonly string[], options?: RunOptions): Promise<string>;
  awsRaw(args: readonly string[], options?: RunOptions): Promise<Ran>;
  /** Runs a command line in a shell with the lab's environment, as an operator pastes it. */
  shell(line: string, options?: RunOptions): Promise<string>;
  /** The same, with variables of its own and whatever exit code; `aws` there knows the lab's endpoint whatever its version, `slash28` is this build. */
  paste(
    line: string,
    options: { readonly cwd: string; readonly variables: Readonly<Record<string, string>>; readonly timeoutMs?: number },
  ): Promise<Ran>;
  down(): Promise<Ran>;
}

let labs = 0;

export function labUnderTest(): LabUnderTest {
  const name = `e2e-${process.pid}-${++labs}`;
  const runDir = mkdtempSync("/run/s28-e2e-");
  let env: NodeJS.ProcessEnv = {
    ...process.env,
    SLASH28_RUN_DIR: runDir,
    PATH: `${join(repository, ".cache/bin")}:/usr/bin:${process.env["PATH"]}:/usr/sbin`,
    AWS_DATA_PATH: awsModels,
    NO_COLOR: "1",
  };

  const slash28 = (args: readonly string[], options: RunOptions = {}): Promise<Ran> =>
    run(process.execPath, [slash28Program, ...args], { env, ...options });
  const checked = async (program: string, args: readonly string[], options: RunOptions = {}): Promise<string> => {
    const ran = await run(program, args, { env, ...options });
    if (ran.code !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${ran.code}\n${ran.stdout}${ran.stderr}`);
    return ran.stdout;
  };
  const status = async (): Promise<LabStatus> => {
    const told = await controlClient(labPaths(runDir).control).status();
    if (told === undefined) throw new Error("no lab is running");
    return told;
  };

  return {
    name,
    runDir,
    slash28,
    async up({ cluster = defaultCluster(), file, args = [], timeoutMs = 120_000 } = {}) {
      const written = join("/run", `${name}.json`);
      if (file === undefined) writeFileSync(written, JSON.stringify({ ...cluster, name }));
      const from = ["--file", file ?? written];
      const ran = await slash28(["lab", "up", "--detach", ...from, "--api-port", "0", "--aws-port", "0", ...args], { timeoutMs });
      rmSync(written, { force: true });
      if (ran.code !== 0) throw new Error(`lab up ended with ${ran.code}\n${ran.stdout}${ran.stderr}`);
      const lines = (await slash28(["lab", "env"])).stdout.matchAll(/^export (\w+)='?([^'\n]*)'?$/gm);
      env = { ...env, ...Object.fromEntries([...lines].map(([, key, value]) => [key, value])) };
    },
    status,
    kubectl: (args, options) => checked("kubectl", args, options),
    kubectlFollow: (args, onLine) => follow("kubectl", args, { env, onLine }),
    kubectlRaw: (args, options) => run("kubectl", args, { env, ...options }),
    aws: (args, options) => checked("/usr/bin/aws", withEndpoint(args, env), options),
    awsRaw: (args, options) => run("/usr/bin/aws", withEndpoint(args, env), { env, ...options }),
    shell: (line, options) => checked("bash", ["-o", "pipefail", "-c", line], options),
    paste: (line, { cwd, variables, timeoutMs = 90_000 }) =>
      run("bash", ["-o", "pipefail", "-c", `${STAND_INS}\n${line}`], { env: { ...env, ...variables }, cwd, timeoutMs }),
    async down() {
      const ran = await slash28(["lab", "down"], { timeoutMs: 60_000 });
      rmSync(runDir, { recursive: true, force: true });
      return ran;
    },
  };
}

const STAND_INS = [
  'aws() { /usr/bin/aws "$@" --endpoint-url "$AWS_ENDPOINT_URL"; }',
  `slash28() { ${process.execPath} ${slash28Program} "$@"; }`,
].join("\n");

/** AWS CLI v2 reads AWS_ENDPOINT_URL from 2.13 on; Debian's 2.9 is told by its flag. */
function withEndpoint(args: readonly string[], env: NodeJS.ProcessEnv): readonly string[] {
  return [...args, "--endpoint-url", env["AWS_ENDPOINT_URL"] ?? ""];
}

/** What of a lab is on this machine: its namespaces, its processes, its mounts. Empty after a clean end. */
export async function tracesOf(lab: Pick<LabUnderTest, "name" | "runDir">): Promise<readonly string[]> {
  const namespaces = (await run("ip", ["netns", "list"])).stdout.split("\n").filter((line) => line.includes(`s28-${lab.name}-`));
  const mounts = readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .filter((line) => line.includes(lab.runDir) || line.includes(`s28-${lab.name}-`));
  const processes = (await run("pgrep", ["-af", lab.runDir])).stdout.split("\n").filter((line) => line !== "" && !line.includes("pgrep"));
  return [...namespaces, ...mounts, ...processes];
}
