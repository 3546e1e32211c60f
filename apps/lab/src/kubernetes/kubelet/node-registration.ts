import { arch, release } from "node:os";
import { RESOURCES, isAlreadyExists, isConflict, isNotFound } from "@slash28/kube";
import type { Clock, Kube, KubeObject, Log } from "@slash28/ports";
import type { KubeletTuning, NodeSpec } from "./kubelet-options.ts";
import type { NodeNetwork } from "./node-network.ts";
import { nodeObject, nodeStatus } from "./node-object.ts";
import type { MachineFacts, NodeObject } from "./node-object.ts";
import { messageOf, timestamp } from "./pod-parts.ts";

export interface NodeRegistrationOptions {
  readonly node: NodeSpec;
  readonly kube: Kube;
  readonly clock: Clock;
  readonly log: Log;
  readonly network: NodeNetwork;
  readonly tuning: KubeletTuning;
}

const LEASE_NAMESPACE = "kube-node-lease";
const LEASE_SECONDS = 40;
const RETRY_MS = 1_000;

/** Makes the Node known, then keeps its readiness and its lease true until the signal. */
export async function registerNode(options: NodeRegistrationOptions, signal: AbortSignal): Promise<{ readonly running: Promise<unknown> }> {
  const machine = machineFacts(options.node);
  await untilDone(options, signal, "cannot register the node", () => register(options, machine));
  const writeStatus = serially(() => untilDone(options, signal, "cannot write the node's status", () => putStatus(options, machine)));
  await options.network.check();
  await writeStatus();
  const unlisten = options.network.onChange(() => void writeStatus());
  const running = Promise.all([keepChecking(options, signal), keepLease(options, writeStatus, signal)]).finally(unlisten);
  return { running };
}

/** With its status from the first moment, as kubelet does: a scheduler that saw the Node without would call it full. */
async function register({ kube, node, network, clock }: NodeRegistrationOptions, machine: MachineFacts): Promise<void> {
  const wanted = nodeObject(node, machine);
  try {
    await kube.create(RESOURCES.nodes, { ...wanted, status: nodeStatus(node, machine, network.state(), undefined, timestamp(clock)) });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    await kube.patch(RESOURCES.nodes, node.name, undefined, { kind: "merge", body: { metadata: { labels: wanted.metadata.labels } } });
  }
}

async function putStatus({ kube, node, network, clock }: NodeRegistrationOptions, machine: MachineFacts): Promise<void> {
  const state = network.state();
  const before = await kube.get<NodeObject>(RESOURCES.nodes, node.name);
  if (before === undefined) return;
  const status = nodeStatus(node, machine, state, before, timestamp(clock));
  await kube.patch(RESOURCES.nodes, node.name, undefined, { kind: "merge", subresource: "status", body: { status } });
}

async function keepChecking({ network, clock, tuning }: NodeRegistrationOptions, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(tuning.networkCheckEveryMs, signal);
    if (!signal.aborted) await network.check();
  }
}

/** Whoever holds the node for lost says so in its status: once the lease can be renewed again, the status is written again. */
async function keepLease(options: NodeRegistrationOptions, writeStatus: () => Promise<void>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await putLease(options);
      if (await isHeldForLost(options)) await writeStatus();
    } catch (error) {
      if (!isConflict(error)) options.log.warn("cannot renew the node's lease", { node: options.node.name, detail: messageOf(error) });
    }
    await options.clock.sleep(options.tuning.leaseEveryMs, signal);
  }
}

async function isHeldForLost({ kube, node }: NodeRegistrationOptions): Promise<boolean> {
  const known = await kube.get<NodeObject>(RESOURCES.nodes, node.name);
  return known?.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "Unknown") === true;
}

async function putLease({ kube, node, clock }: NodeRegistrationOptions): Promise<void> {
  const spec = {
    holderIdentity: node.name,
    leaseDurationSeconds: LEASE_SECONDS,
    renewTime: new Date(clock.now()).toISOString().replace("Z", "000Z"),
  };
  try {
    await kube.patch(RESOURCES.leases, node.name, LEASE_NAMESPACE, { kind: "merge", body: { spec } });
  } catch (error) {
    if (!isNotFound(error)) throw error;
    const lease: KubeObject = {
      apiVersion: "coordination.k8s.io/v1",
      kind: "Lease",
      metadata: { name: node.name, namespace: LEASE_NAMESPACE },
      spec,
    };
    await kube.create(RESOURCES.leases, lease);
  }
}

async function untilDone(
  options: NodeRegistrationOptions,
  signal: AbortSignal,
  complaint: string,
  work: () => Promise<void>,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await work();
      return;
    } catch (error) {
      options.log.warn(complaint, { node: options.node.name, detail: messageOf(error) });
      await options.clock.sleep(RETRY_MS, signal);
    }
  }
}

/** One at a time; calls while one runs cause one more, which sees the latest. */
function serially(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  let isWanted = false;
  const loop = async (): Promise<void> => {
    try {
      while (isWanted) {
        isWanted = false;
        await work();
      }
    } finally {
      // In the same turn as the last look at what is wanted: a call between the two would be forgotten.
      running = undefined;
    }
  };
  return () => {
    isWanted = true;
    running ??= loop();
    return running;
  };
}

function machineFacts(node: NodeSpec): MachineFacts {
  const name = arch();
  return {
    architecture: name === "x64" ? "amd64" : name,
    kernel: release(),
    osImage: "Amazon Linux 2023 (slash28 lab)",
    machineId: `ec2${node.instanceId.replace(/^i-/, "")}`,
  };
}
