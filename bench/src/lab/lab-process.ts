import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { kubeFromKubeconfig, type KubeClient } from "@slash28/kube";
import { labPaths, readRecord } from "@slash28/lab";
import { systemClock } from "@slash28/linux";
import type { BenchContext } from "../bench.ts";
import { RUN_FOLDERS } from "../leftovers.ts";

const run = promisify(execFile);
const UP_TIMEOUT_MS = 180_000;
const DOWN_TIMEOUT_MS = 60_000;

/** One node group of a lab. */
export interface NodeGroup {
  readonly instanceType: string;
  readonly nodes: number;
  readonly maxPods?: number;
  /** Without cluster DNS every place of the node is for the benchmark's own pods. */
  readonly hasClusterDns?: boolean;
  /** Settings of the agent. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A lab of its own, beside any other: own name, own run folder, free ports. */
export interface RunningLab {
  readonly kube: KubeClient;
  readonly supervisorPid: number;
  /** Marks every process that the lab starts, in its environment. */
  readonly runDir: string;
  /** `performance.now()` when the command was started. */
  readonly startedAt: number;
  down(): Promise<void>;
}

let labs = 0;

/** `slash28 lab up --detach`; rejects with what it said when it fails. */
export async function upLab({ dist, folder, undo }: BenchContext, group: NodeGroup): Promise<RunningLab> {
  const name = `bench-${process.pid}-${++labs}`;
  const runDir = mkdtempSync(RUN_FOLDERS);
  const file = join(folder, `${name}.json`);
  writeFileSync(file, JSON.stringify(clusterOf(name, group)));
  const env = { ...process.env, SLASH28_RUN_DIR: runDir, NO_COLOR: "1" };
  const slash28 = (args: readonly string[], timeout: number): Promise<unknown> =>
    run(process.execPath, [join(dist, "slash28.mjs"), ...args], { env, timeout, maxBuffer: 16 << 20 });
  const down = async (): Promise<void> => {
    await slash28(["lab", "down"], DOWN_TIMEOUT_MS);
    rmSync(runDir, { recursive: true, force: true });
  };
  undo.add(`the lab ${name}`, down);
  const startedAt = performance.now();
  await slash28(["lab", "up", "--detach", "--file", file, "--api-port", "0", "--aws-port", "0"], UP_TIMEOUT_MS);
  const paths = labPaths(runDir);
  const kube = await kubeFromKubeconfig(readFileSync(paths.kubeconfig, "utf8"), { clock: systemClock });
  undo.add(`the connections to ${name}`, () => kube.close());
  const supervisorPid = readRecord(paths.record)?.pid;
  if (supervisorPid === undefined) throw new Error(`the lab left no record in ${paths.record}`);
  return { kube, supervisorPid, runDir, startedAt, down };
}

/** A cluster file: the default network, one node group. */
function clusterOf(name: string, { instanceType, nodes, maxPods, hasClusterDns = true, env = {} }: NodeGroup): object {
  return {
    name,
    vpc: {
      cidrs: ["10.0.0.0/16"],
      subnets: [
        { zone: "us-east-1a", cidr: "10.0.0.0/20" },
        { zone: "us-east-1b", cidr: "10.0.16.0/20" },
      ],
    },
    nodeGroups: [{ name: "default", instanceType, nodes, ...(maxPods === undefined ? {} : { maxPods }) }],
    clusterDns: { enabled: hasClusterDns },
    vpcCni: { env },
  };
}
