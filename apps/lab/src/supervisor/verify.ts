import { execFile } from "node:child_process";
import { PassThrough } from "node:stream";
import { formatIpv4 } from "@slash28/address";
import { Fault, type Clock, type Kube } from "@slash28/ports";
import { textOf } from "./failure-text.ts";
import type { Attempt, DataPlane, VerifyReport } from "../control/index.ts";
import { INTERNET } from "../fabric/index.ts";
import type { PodRuntime } from "../kubernetes/pod-runtime.ts";
import { withProbes, type ProbePod, type ProbeService } from "./probes.ts";
import type { LabClusters } from "./lab-clusters.ts";
import type { LabNode } from "./nodes.ts";

/** Something to reach: by ping, by curl, or by both. */
interface Target {
  readonly name: string;
  readonly address: string;
  readonly isPinged: boolean;
  readonly url?: string;
}

/** Something to reach from: runs a shell script and gives its output. */
interface Source {
  readonly name: string;
  run(script: string, timeoutMs: number): Promise<string>;
}

export interface VerifyOptions {
  readonly kube: Kube;
  readonly clock: Clock;
  readonly nodes: readonly LabNode[];
  readonly dataPlane: DataPlane;
}

/** Verifies one cluster of a lab. Rejects when there is none of that name. */
export async function verifyCluster(
  clusters: LabClusters,
  name: string | undefined,
  common: Pick<VerifyOptions, "clock" | "dataPlane">,
): Promise<VerifyReport> {
  const { unit, nodes } = clusters.named(name);
  return verify({ ...common, kube: unit.api.kubeOf("slash28"), nodes: nodes.all() });
}

const SECONDS_PER_TRY = 3;
const SOURCES_AT_ONCE = 4;
/** With all sources: 32 processes, which two cores that have other work start well within the time of a try. */
const TRIES_AT_ONCE = 8;

/**
 * Tries every connection a cluster lives on: from every pod and node to every pod, node, service and the internet. Two probe pods per
 * node are started for it and removed again, so that an empty cluster can be verified too.
 */
export async function verify({ kube, clock, nodes, dataPlane }: VerifyOptions): Promise<VerifyReport> {
  if (dataPlane === "simulated")
    throw new Fault("BAD_REQUEST", { detail: "this lab's data plane is simulated: no packet moves, so there is nothing to verify" });
  return withProbes(kube, clock, nodes.length * 2, async ({ pods, services }) => {
    const targets = [...pods.map(podTarget), ...nodes.map(nodeTarget), ...services.map(serviceTarget), internetTarget()];
    const sources = [...pods.flatMap((pod) => podSource(pod, nodes)), ...nodes.map(nodeSource)];
    const attempts = await fromAll(sources, targets);
    return {
      sources: sources.map((source) => source.name),
      targets: targets.map((target) => `${target.name} (${target.address})`),
      attempts,
      missed: attempts.filter((attempt) => !attempt.reached).length,
    };
  });
}

/** A few sources at a time: a machine that starts thousands of programs at once would measure itself. */
async function fromAll(sources: readonly Source[], targets: readonly Target[]): Promise<Attempt[]> {
  const found: Attempt[][] = [];
  const waiting = sources.entries();
  const work = async (): Promise<void> => {
    for (const [index, source] of waiting) found[index] = await attemptAll(source, targets);
  };
  await Promise.all(Array.from({ length: SOURCES_AT_ONCE }, work));
  return found.flat();
}

function podTarget(pod: ProbePod): Target {
  return {
    name: `pod ${pod.namespace}/${pod.name}`,
    address: pod.address,
    isPinged: true,
    ...(pod.port === undefined ? {} : { url: `http://${pod.address}:${pod.port}/` }),
  };
}

function nodeTarget({ spec }: LabNode): Target {
  return { name: `node ${spec.name}`, address: spec.address, isPinged: true };
}

function serviceTarget(service: ProbeService): Target {
  return {
    name: `service ${service.namespace}/${service.name}`,
    address: service.address,
    isPinged: false,
    url: `${service.scheme}://${service.address}:${service.port}/`,
  };
}

function internetTarget(): Target {
  const address = formatIpv4(INTERNET.site);
  return { name: "the internet", address, isPinged: true, url: `http://${address}/` };
}

function podSource(pod: ProbePod, nodes: readonly LabNode[]): Source[] {
  const runtime = nodes.find((node) => node.spec.name === pod.nodeName)?.kubelet.runtime;
  if (runtime === undefined) return [];
  return [{ name: `pod ${pod.namespace}/${pod.name}`, run: (script, timeoutMs) => runInPod(runtime, pod, script, timeoutMs) }];
}

async function runInPod(runtime: PodRuntime, pod: ProbePod, script: string, timeoutMs: number): Promise<string> {
  const stdout = new PassThrough();
  const parts: Buffer[] = [];
  stdout.on("data", (part: Buffer) => parts.push(part));
  const signal = AbortSignal.timeout(timeoutMs);
  await runtime.exec({ namespace: pod.namespace, pod: pod.name }, { command: ["sh", "-c", script], tty: false, stdout, signal });
  return Buffer.concat(parts).toString("utf8");
}

function nodeSource({ spec }: LabNode): Source {
  return {
    name: `node ${spec.name}`,
    run: (script, timeoutMs) =>
      new Promise((resolve) => {
        execFile("nsenter", [`--net=${spec.netnsPath}`, "sh", "-c", script], { timeout: timeoutMs }, (_, stdout) => resolve(stdout));
      }),
  };
}

/** From one shell, some targets at a time: a line `<index> <ping|curl> <exit code>` per try. */
async function attemptAll(source: Source, targets: readonly Target[]): Promise<Attempt[]> {
  const tries = targets.flatMap((target, index) => [
    ...(target.isPinged ? [{ index, by: "ping" as const, command: `ping -c1 -W${SECONDS_PER_TRY} -q ${target.address}` }] : []),
    ...(target.url === undefined
      ? []
      : [{ index, by: "curl" as const, command: `curl -sk -o /dev/null --max-time ${SECONDS_PER_TRY} ${target.url}` }]),
  ]);
  const script = tries
    .map(
      ({ index, by, command }, at) =>
        `(${command} >/dev/null 2>&1; echo ${index} ${by} $?) &${at % TRIES_AT_ONCE === TRIES_AT_ONCE - 1 ? "\nwait" : ""}`,
    )
    .join("\n");
  const timeoutMs = (Math.ceil(tries.length / TRIES_AT_ONCE) * SECONDS_PER_TRY + 10) * 1_000;
  const seen = new Map<string, string>();
  let failure = "the source did not run";
  try {
    for (const line of (await source.run(`${script}\nwait`, timeoutMs)).split("\n")) {
      const [index, by, code] = line.split(" ");
      if (code !== undefined) seen.set(`${index} ${by}`, code);
    }
  } catch (cause) {
    failure = textOf(cause);
  }
  return tries.map(({ index, by }): Attempt => {
    const code = seen.get(`${index} ${by}`);
    const to = targets[index];
    const attempt = { from: source.name, to: `${to?.name} (${to?.address})`, by };
    return code === "0"
      ? { ...attempt, reached: true }
      : { ...attempt, reached: false, detail: code === undefined ? failure : `${by} ended with ${code}` };
  });
}
