import { formatIpv4, type Ipv4 } from "@slash28/address";
import type { Agent } from "@slash28/agent";
import type { AgentHost } from "../agent/agent-host.ts";
import type { Kubelet } from "../pods/kubelet.ts";
import type { Sandbox } from "../pods/sandbox.ts";
import { noteTaken } from "../world/hand-made.ts";
import type { World } from "../world/world.ts";

/** What must hold after every step. One holder per address and the cooldown are checked where answers come in. */
export function checkStep(world: World, host: AgentHost, kubelet: Kubelet): void {
  const agent = host.serving;
  if (agent !== undefined) checkLedger(world, agent, host.lives, kubelet);
  if (world.isCloudChanged) checkMaxEni(world, host.settings.pool.maxEni);
  if (world.isCloudChanged) checkCloud(world, { agent, life: agent === undefined ? host.lives - 1 : host.lives }, kubelet);
  if (world.isKernelChanged) checkKernel(world, kubelet);
  world.isCloudChanged = false;
  world.isKernelChanged = false;
}

function checkLedger(world: World, agent: Agent, life: number, kubelet: Kubelet): void {
  const { ledger } = agent.node;
  for (const sandbox of kubelet.running()) {
    const held = ledger.reservationOf(sandbox.key);
    if (held?.address === sandbox.address) continue;
    // A record of an address that somebody took away ends with the agent's life.
    if (held === undefined && sandbox.robbedInLife !== undefined && sandbox.robbedInLife < life) continue;
    const has = held === undefined ? "no address" : formatIpv4(held.address);
    world.report({ invariant: "keeps-address", text: `${textOf(sandbox)}, and the agent has ${has} for it` });
  }
}

function checkCloud(world: World, { agent, life }: { readonly agent: Agent | undefined; readonly life: number }, kubelet: Kubelet): void {
  const { side, limits } = world;
  const own = side.ownEnis();
  if (own.length > limits.maxEnis) world.report({ invariant: "ec2-limits", text: `${own.length} ENIs, the type takes ${limits.maxEnis}` });
  for (const eni of own) {
    const slots = 1 + eni.secondaryAddresses.length + eni.prefixes.length;
    if (slots > limits.ipv4PerEni) world.report({ invariant: "ec2-limits", text: `${eni.id} has ${slots} slots of ${limits.ipv4PerEni}` });
  }
  noteTaken(world);
  for (const address of world.takenByHand) if (isBack(world, address, agent)) world.takenByHand.delete(address);
  for (const sandbox of kubelet.running()) {
    if (sandbox.robbedInLife !== undefined) continue;
    // Somebody took it: the agent cannot help that, nor know of it at once.
    if (sandbox.address !== undefined && world.takenByHand.has(sandbox.address)) sandbox.robbedInLife = life;
    else if (!isOwned(world, sandbox.address))
      world.report({ invariant: "owned-address", text: `${textOf(sandbox)}, which no ENI of the node has` });
  }
}

/** ENIs that the agent made count, and the primary one; those that people attached are not its doing. */
function checkMaxEni({ side, report }: World, maxEni: number | undefined): void {
  const made = side.ownEnis().filter((eni) => eni.description.startsWith("aws-K8S-")).length + 1;
  if (maxEni !== undefined && made > Math.max(1, maxEni)) report({ invariant: "ec2-limits", text: `${made} ENIs, MAX_ENI is ${maxEni}` });
}

/** Whether an address that somebody took is on the node again, and the agent knows on which ENI. */
function isBack(world: World, address: Ipv4, agent: Agent | undefined): boolean {
  const owner = world.side.cloud.view.ownerOf(world.side.vpcId, address);
  return isOwned(world, address) && agent?.node.ledger.slotOf(address)?.block.eni.facts.id === owner?.id;
}

/** Whether the address is on an ENI of the node, and not its primary address. */
function isOwned({ side }: World, address: Ipv4 | undefined): boolean {
  if (address === undefined) return false;
  const owner = side.cloud.view.ownerOf(side.vpcId, address);
  if (owner?.attachment === undefined || owner.primaryAddress === address) return false;
  return owner.attachment.instanceId === side.instanceId && owner.attachment.status !== "detaching";
}

function checkKernel(world: World, kubelet: Kubelet): void {
  const routed = new Map(world.kernel.observedPods("eni").map((pod) => [pod.hostLink, pod.address]));
  for (const sandbox of kubelet.running())
    // Without its address a pod is cut off, and once its record is lost nobody knows its link.
    if (sandbox.robbedInLife === undefined && routed.get(sandbox.hostLink) !== sandbox.address)
      world.report({ invariant: "wired", text: `${textOf(sandbox)}, and the kernel routes ${sandbox.hostLink} elsewhere` });
}

function textOf(sandbox: Sandbox): string {
  return `${sandbox.name} runs on ${sandbox.address === undefined ? "nothing" : formatIpv4(sandbox.address)}`;
}
