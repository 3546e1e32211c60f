import { backOffMs } from "@slash28/kube";
import { join } from "node:path";
import { podAttachment } from "./attachment.ts";
import type { Sandbox } from "./container-runtime.ts";
import { networkNotReady } from "./node-network.ts";
import { putFile } from "./pod-directories.ts";
import { messageOf, randomId } from "./pod-parts.ts";
import type { PodSession } from "./pod-session.ts";
import { podData } from "./object-data.ts";
import { hostsFile, resolvConf } from "./sandbox-files.ts";
import { VolumeError, prepareVolumes } from "./volumes.ts";

/** Linux's limit for a host name. */
const HOSTNAME_MAX = 63;

/** Makes a pod's volumes, sandbox and network; tries until it succeeds. `undefined` when the pod must end before. */
export async function establishSandbox(session: PodSession): Promise<Sandbox | undefined> {
  const { over } = session;
  for (let failures = 0; !over.aborted;) {
    const isReady = (await networkIsReady(session)) && (await volumesAreReady(session));
    const tried = isReady && !over.aborted ? await inTurn(session) : undefined;
    if (tried?.isReady === true) return tried.sandbox;
    // Outside its turn: taking it away may need the network's agent, whose own pod may be waiting for a turn.
    if (tried !== undefined) await removeSandbox(session, tried.sandbox);
    failures++;
    await pause(session, failures, over);
  }
  return undefined;
}

/** Waits before the next try; not longer than until the node's network becomes ready. */
async function pause({ parts }: PodSession, failures: number, stop: AbortSignal): Promise<void> {
  const { clock, network, tuning, random } = parts;
  const ready = new AbortController();
  const unlisten = network.onChange((state) => (state.isReady ? ready.abort() : undefined));
  const waits = { firstMs: tuning.sandboxRetryMs.first, longestMs: tuning.sandboxRetryMs.max };
  await clock.sleep(backOffMs(waits, failures, random()), AbortSignal.any([stop, ready.signal]));
  unlisten();
}

/** Takes a pod's network and sandbox away; tries until it succeeds, for a pod must not vanish and keep its address. */
export async function removeSandbox(session: PodSession, sandbox: Sandbox): Promise<void> {
  const { parts, pod } = session;
  const attachment = podAttachment(pod, sandbox, parts.cluster);
  for (let failures = 1; !session.isAbandoned; failures++) {
    const why = pod.spec.hostNetwork === true ? undefined : await parts.network.detach(attachment);
    if (why === undefined) break;
    const error = `rpc error: code = Unknown desc = failed to destroy network for sandbox "${sandbox.id}": ${why}`;
    session.report(
      "Warning",
      "FailedKillPod",
      `error killing pod: failed to "KillPodSandbox" for "${pod.metadata.uid}" with KillPodSandboxError: "${error}"`,
    );
    await pause(session, failures, session.abandoned.signal);
  }
  await sandbox.remove();
  if (session.sandbox === sandbox) session.sandbox = undefined;
}

/** A sandbox that was made; whether it has its network. */
interface Tried {
  readonly sandbox: Sandbox;
  readonly isReady: boolean;
}

/** So many pods at a time ask for a network; those on the node's own network ask for none and do not wait. */
function inTurn(session: PodSession): Promise<Tried | undefined> {
  if (session.pod.spec.hostNetwork === true) return trySandbox(session);
  return session.parts.sandboxes.run(() => trySandbox(session));
}

async function trySandbox(session: PodSession): Promise<Tried | undefined> {
  const { parts, pod } = session;
  const isHost = pod.spec.hostNetwork === true;
  const hostname = (isHost ? parts.node.name : (pod.spec.hostname ?? pod.metadata.name)).slice(0, HOSTNAME_MAX);
  let sandbox: Sandbox;
  try {
    sandbox = await parts.runtime.createSandbox({ id: randomId(parts.random), hostname, hostNetwork: isHost });
  } catch (error) {
    reportFailure(session, messageOf(error));
    return undefined;
  }
  const outcome = isHost
    ? ({ ok: true, address: parts.node.address } as const)
    : await parts.network.attach(podAttachment(pod, sandbox, parts.cluster));
  if (!outcome.ok) {
    reportFailure(session, `failed to setup network for sandbox "${sandbox.id}": ${outcome.message}`);
    return { sandbox, isReady: false };
  }
  session.sandbox = sandbox;
  session.podIp = outcome.address;
  putFile(join(session.dirs.etc, "hosts"), hostsFile(pod, parts.node, outcome.address, parts.cluster.domain));
  putFile(join(session.dirs.etc, "resolv.conf"), resolvConf(pod, parts.node, parts.cluster));
  session.publish();
  return { sandbox, isReady: true };
}

function reportFailure(session: PodSession, why: string): void {
  session.report("Warning", "FailedCreatePodSandBox", `Failed to create pod sandbox: rpc error: code = Unknown desc = ${why}`);
}

/** A pod on the node's own network does not wait: the agent that brings the pod network is one. */
async function networkIsReady(session: PodSession): Promise<boolean> {
  const { pod, parts, over } = session;
  if (pod.spec.hostNetwork === true || over.aborted) return true;
  const state = parts.network.state().isReady ? parts.network.state() : await parts.network.check();
  if (state.isReady) return true;
  session.report("Warning", "NetworkNotReady", `network is not ready: ${networkNotReady(state.why)}`);
  return false;
}

async function volumesAreReady(session: PodSession): Promise<boolean> {
  try {
    await renewVolumes(session);
    return true;
  } catch (error) {
    session.report("Warning", "FailedMount", `MountVolume.SetUp failed: ${messageOf(error)}`);
    if (!(error instanceof VolumeError))
      session.parts.log.warn("cannot prepare a pod's volumes", { pod: session.pod.metadata.name, detail: messageOf(error) });
    return false;
  }
}

/** Writes the files of a pod's volumes, or writes them anew. */
export async function renewVolumes(session: PodSession): Promise<void> {
  const { parts, pod, dirs } = session;
  session.data = await podData(parts.kube, pod);
  const view = { pod, node: parts.node, ...(session.podIp === undefined ? {} : { podIp: session.podIp }) };
  session.volumes = await prepareVolumes({ view, data: session.data, cluster: parts.cluster, dirs });
}
