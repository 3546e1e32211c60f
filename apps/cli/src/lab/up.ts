import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { checkClusterFile, defaultCluster, type ClusterFile } from "@slash28/cluster-file";
import {
  checkHost,
  controlClient,
  HEAP_FLAGS,
  isAlive,
  readRecord,
  runDirOfNamesake,
  type DataPlane,
  type IamMode,
  type LabStatus,
} from "@slash28/lab";
import { keptLab, takeStateFolder } from "./kept-lab.ts";
import { readClusterFile } from "../cluster-file/read-cluster-file.ts";
import type { CommandContext } from "../commands/command-context.ts";
import { CommandError, usageError } from "../output/index.ts";
import { downLab } from "./down.ts";
import { interruptible } from "./interruptible.ts";
import { familyUnknownToLab, leftOutByLab, tooLargeForLab } from "./left-out.ts";
import { createProgress } from "./progress.ts";
import { pointers, statusTable } from "./status-table.ts";
import { statusUnlessBusy } from "./status-unless-busy.ts";
import { watchLab } from "./watch.ts";

export interface UpOptions {
  readonly detach?: true | undefined;
  readonly file?: string | undefined;
  readonly nodes?: number | undefined;
  readonly instanceType?: string | undefined;
  readonly dataPlane: DataPlane;
  readonly ec2Profile: "instant" | "realistic";
  readonly apiPort: number;
  readonly awsPort: number;
  readonly seed: number;
  readonly iam: IamMode;
  readonly state?: string | undefined;
}

/** Whether an option was given, or has its default. */
export type IsGiven = (option: string) => boolean;

/** How long a start may take: for the lab itself, and for each node on a busy machine. */
const START_TIMEOUT_MS = 120_000;
const START_TIMEOUT_PER_NODE_MS = 1_000;
const POLL_MS = 100;

/** Brings a lab up in a process of its own, shows what it does, and stays with it unless detached. */
export async function upLab(context: CommandContext, asked: UpOptions, isGiven: IsGiven): Promise<void> {
  const { terminal, labPaths } = context;
  const { options, cluster } = goOn(asked, isGiven) ?? { options: asked, cluster: clusterOf(asked) };
  const refused = familyUnknownToLab(cluster) ?? tooLargeForLab(cluster);
  if (refused !== undefined) throw usageError(refused);
  const control = controlClient(labPaths.control);
  const running = await control.status();
  if (running !== undefined) {
    terminal.err(`a lab is already running; end it with: slash28 lab down`);
    return terminal.out(statusTable(running));
  }
  refuseLeftovers(context);
  if (options.state !== undefined) takeStateFolder(options.state);
  if (options.dataPlane === "kernel") refuseNamesake(context, cluster.name);
  prepareHost(context, options.dataPlane);
  const leftOut = leftOutByLab(cluster);
  if (leftOut !== undefined) terminal.err(leftOut);
  const supervisor = startSupervisor(context, cluster, options);
  const stopEarly = interruptible(async () => {
    await downLab(context);
    process.exit(130);
  });
  const nodes = cluster.nodeGroups.reduce((sum, group) => sum + group.nodes, 0);
  const status = await untilRunning(context, supervisor, START_TIMEOUT_MS + nodes * START_TIMEOUT_PER_NODE_MS);
  const show = (): void => {
    stopEarly.release();
    terminal.out(`${statusTable(status)}\n\n${pointers(status)}`);
  };
  if (options.detach !== true) return watchLab(context, supervisor, show);
  show();
  supervisor.unref();
}

/** The lab kept in the folder asked for, with the options it was made with; nothing when none is kept. */
function goOn(asked: UpOptions, isGiven: IsGiven): { readonly options: UpOptions; readonly cluster: ClusterFile } | undefined {
  if (asked.state === undefined) return undefined;
  const kept = keptLab(asked.state, asked, isGiven);
  if (kept === undefined) return undefined;
  return { options: { ...asked, ...kept.options }, cluster: kept.cluster };
}

function clusterOf(options: UpOptions): ClusterFile {
  if (options.file !== undefined) {
    if (options.nodes !== undefined || options.instanceType !== undefined)
      throw usageError("--nodes and --instance-type do not go with --file: the file says them per node group");
    return readClusterFile(options.file);
  }
  const { nodes, instanceType } = options;
  const checked = checkClusterFile(
    defaultCluster({ ...(nodes === undefined ? {} : { nodes }), ...(instanceType === undefined ? {} : { instanceType }) }),
  );
  if (checked.ok) return checked.file;
  throw usageError(checked.problems.map((problem) => problem.message).join("\n"));
}

function refuseLeftovers({ labPaths }: CommandContext): void {
  const record = readRecord(labPaths.record);
  if (record === undefined) return;
  const state = isAlive(record) ? `is stuck (process ${record.pid}, log ${labPaths.log})` : "crashed";
  throw new CommandError(`an earlier lab ${state}; remove what it left with: slash28 lab down`);
}

function refuseNamesake({ labPaths }: CommandContext, name: string): void {
  const other = runDirOfNamesake(name, labPaths.runDir);
  if (other === undefined) return;
  throw new CommandError(
    `another lab called ${name} runs on this machine, and both would use the same namespaces; end it with: SLASH28_RUN_DIR=${other} slash28 lab down\nor give this one another name, in a cluster file`,
  );
}

function prepareHost({ terminal }: CommandContext, dataPlane: DataPlane): void {
  const facts = { platform: process.platform, isRoot: process.getuid?.() === 0, hasProgram };
  const check = checkHost(facts, dataPlane);
  switch (check.kind) {
    case "ready":
      return;
    case "unfit":
      throw new CommandError(check.reason);
    case "installable": {
      terminal.err(`installing ${check.packages.join(" and ")} …`);
      const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
      const install = (): boolean =>
        spawnSync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...check.packages], { stdio: "ignore", env }).status === 0;
      const installed = install() || (spawnSync("apt-get", ["update", "-qq"], { stdio: "ignore", env }).status === 0 && install());
      if (!installed)
        throw new CommandError(
          `could not install ${check.packages.join(" and ")}; install by hand: apt-get install ${check.packages.join(" ")}`,
        );
      return;
    }
    default:
      return check satisfies never;
  }
}

function hasProgram(name: string): boolean {
  return (
    (process.env["PATH"] ?? "").split(":").some((folder) => folder !== "" && existsSync(`${folder}/${name}`)) ||
    existsSync(`/usr/sbin/${name}`)
  );
}

function startSupervisor({ labPaths, env }: CommandContext, cluster: ClusterFile, options: UpOptions): ChildProcess {
  mkdirSync(labPaths.runDir, { recursive: true, mode: 0o700 });
  writeFileSync(labPaths.cluster, JSON.stringify(cluster));
  const log = openSync(labPaths.log, "w", 0o600);
  const program = fileURLToPath(new URL("./lab.mjs", import.meta.url));
  const order = {
    dataPlane: options.dataPlane,
    ec2Profile: options.ec2Profile,
    apiPort: options.apiPort,
    awsPort: options.awsPort,
    seed: options.seed,
    iam: options.iam,
    ...(options.state === undefined ? {} : { stateDir: resolve(options.state) }),
  };
  const path = `${env["PATH"] ?? ""}:/usr/sbin:/sbin`;
  return spawn(process.execPath, ["--enable-source-maps", ...HEAP_FLAGS, program, labPaths.runDir, JSON.stringify(order)], {
    detached: true,
    stdio: ["ignore", log, log],
    env: { ...env, PATH: path, SLASH28_LAB_RUN_DIR: labPaths.runDir },
  });
}

async function untilRunning(context: CommandContext, supervisor: ChildProcess, timeoutMs: number): Promise<LabStatus> {
  const { terminal, labPaths } = context;
  const control = controlClient(labPaths.control);
  const progress = createProgress(terminal);
  let exited: string | undefined;
  supervisor.once("exit", (code, signal) => (exited = signal ?? `exit code ${code}`));
  for (const end = Date.now() + timeoutMs; Date.now() < end;) {
    const status = exited === undefined ? await statusUnlessBusy(control) : undefined;
    if (status?.state === "running") {
      progress.done();
      return status;
    }
    if (exited !== undefined) {
      progress.fail();
      const said = lastWords(labPaths.log);
      const { removeLab } = await import("@slash28/lab/cleanup");
      removeLab(labPaths);
      throw new CommandError(`the lab did not start (${exited}): ${said}`);
    }
    if (status?.step !== undefined) progress.step(status.step);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  progress.fail();
  throw new CommandError(`the lab is not up after ${timeoutMs / 1000} s; its log is ${labPaths.log}; end it with: slash28 lab down`);
}

/** The supervisor's last error, from its log of JSON lines. */
function lastWords(path: string): string {
  const lines = readFileSync(path, "utf8").trim().split("\n");
  for (const line of lines.toReversed()) {
    try {
      const { level, msg, detail } = JSON.parse(line) as { level?: string; msg?: string; detail?: string };
      if (level === "error" || level === "fatal") return [msg, detail].filter(Boolean).join(": ");
    } catch {
      continue;
    }
  }
  return lines.slice(-5).join("\n");
}
