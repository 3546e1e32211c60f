import { spawn } from "node:child_process";
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { once } from "node:events";
import { delimiter, dirname, join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { fileURLToPath } from "node:url";

import type { CidrRange } from "@slash28/address";
import { USUAL_SERVICE_RANGES } from "@slash28/eks";
import { systemClock as realClock } from "@slash28/linux";
import type { KubeObject, Log } from "@slash28/ports";

import { createApiServer, type ApiServer } from "../../../src/kubernetes/api-server/index.ts";
import type { PodRuntime } from "../../../src/kubernetes/pod-runtime.ts";

export { systemClock as realClock } from "@slash28/linux";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../../../../..");

/** The stock kubectl: told, on PATH, or fetched by the repository's set-up. */
export function findKubectl(): string | undefined {
  const onPath = (process.env["PATH"] ?? "").split(delimiter).map((dir) => join(dir, "kubectl"));
  const candidates = [process.env["SLASH28_KUBECTL"], ...onPath, join(ROOT, ".cache/bin/kubectl")];
  return candidates.find((path) => path !== undefined && isExecutable(path));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Every failure the server logs, so that a test can insist on none. */
export function recordingLog(): Log & { readonly failures: string[] } {
  const failures: string[] = [];
  const log: Log & { readonly failures: string[] } = {
    failures,
    debug: () => undefined,
    info: () => undefined,
    warn: () => undefined,
    error: (message, fields) => void failures.push(`${message} ${JSON.stringify(fields)}`),
    child: () => log,
  };
  return log;
}

/** A node that keeps logs in memory and runs a handful of commands itself. */
export function fakeRuntime(): PodRuntime & { readonly followed: PassThrough } {
  const followed = new PassThrough();
  return {
    followed,
    async logs(container, options) {
      if (options.follow) return followed;
      const lines = options.previous ? ["an earlier life"] : [`${container.pod}/${container.container ?? ""} says one`, "two", "three"];
      return Readable.from(lines.slice(-(options.tailLines ?? lines.length)).map((line) => `${line}\n`));
    },
    async attach(_container, { stdin, stdout }) {
      if (stdin === undefined) for await (const line of followed) stdout?.write(line);
      else for await (const chunk of stdin) stdout?.write(`typed ${String(chunk)}`);
    },
    async connect(_container, port) {
      const { createConnection } = await import("node:net");
      const socket = createConnection({ host: "127.0.0.1", port });
      await once(socket, "connect");
      return socket;
    },
    async exec(_container, { command, stdin, stdout, stderr }) {
      const [program, ...rest] = command;
      if (program === "echo") stdout?.write(`${rest.join(" ")}\n`);
      if (program === "complain") stderr?.write("oh no\n");
      if (program === "flood") for (let i = 0; i < 2000; i++) stdout?.write(`${String(i).padStart(999, ".")}\n`);
      if (program === "cat" && stdin !== undefined) for await (const chunk of stdin) stdout?.write(chunk);
      return program === "fail" ? 42 : 0;
    },
  };
}

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface LabCluster {
  readonly api: ApiServer;
  readonly url: string;
  readonly runtime: ReturnType<typeof fakeRuntime>;
  readonly failures: readonly string[];
  readonly kubeconfig: string;
  run(args: readonly string[], input?: string): Promise<Outcome>;
  /** Standard output of a command that must succeed. */
  kubectl(command: string, input?: string): Promise<string>;
  /** Starts a command and gives its output so far on demand. */
  start(args: readonly string[], env?: Readonly<Record<string, string>>, input?: string): Running;
  close(): Promise<void>;
}

export interface Running {
  readonly output: () => string;
  readonly done: Promise<Outcome>;
  stop(): void;
}

export async function startLabCluster(kubectl: string, serviceRange: CidrRange = USUAL_SERVICE_RANGES[0]): Promise<LabCluster> {
  const dir = mkdtempSync(join(tmpdir(), "slash28-api-"));
  const log = recordingLog();
  const runtime = fakeRuntime();
  const runtimeFor = (node: string): PodRuntime | undefined => (node === "node-a" ? runtime : undefined);
  const api = await createApiServer({ clock: realClock, log, runtimeFor, serviceRange });
  const { url } = await api.listen({ host: "127.0.0.1", port: 0 });
  const kubeconfig = join(dir, "kubeconfig");
  writeFileSync(kubeconfig, api.kubeconfig(url), { mode: 0o600 });
  const start = (args: readonly string[], env: Readonly<Record<string, string>> = {}, input?: string): Running => {
    const child = spawn(kubectl, args, { env: { KUBECONFIG: kubeconfig, HOME: dir, PATH: process.env["PATH"] ?? "", ...env } });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    child.stdin.end(input ?? "");
    const done = new Promise<Outcome>((resolve) => child.on("close", (code) => resolve({ code: code ?? -1, stdout, stderr })));
    return { output: () => stdout, done, stop: () => void child.kill() };
  };
  return {
    api,
    url,
    runtime,
    failures: log.failures,
    kubeconfig,
    start,
    run: (args, input) => start(args, {}, input).done,
    async kubectl(command, input) {
      const outcome = await start(command.split(" "), {}, input).done;
      if (outcome.code !== 0) throw new Error(`kubectl ${command}: exit code ${outcome.code}\n${outcome.stderr}`);
      return outcome.stdout;
    },
    async close() {
      await api.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

export function aNode(name: string, pods = 29): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name, labels: { "topology.kubernetes.io/zone": "us-east-1a" } },
    spec: { providerID: "aws:///us-east-1a/i-0123456789abcdef0" },
    status: {
      capacity: { cpu: "2", memory: "8Gi", pods: String(pods) },
      allocatable: { cpu: "1930m", memory: "7Gi", pods: String(pods) },
      conditions: [
        {
          type: "Ready",
          status: "True",
          reason: "KubeletReady",
          lastHeartbeatTime: "2030-01-01T00:00:00Z",
          lastTransitionTime: "2030-01-01T00:00:00Z",
        },
      ],
      addresses: [{ type: "InternalIP", address: "10.0.0.10" }],
      nodeInfo: { kubeletVersion: "v1.35.2", osImage: "slash28 lab", kernelVersion: "6.1.0", containerRuntimeVersion: "process://1" },
    },
  };
}
