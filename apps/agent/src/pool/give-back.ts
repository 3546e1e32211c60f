import { cidr4Equal, type Cidr4, type EniId, type Ipv4 } from "@slash28/address";
import { rangesOf } from "@slash28/ipam";
import { Fault } from "@slash28/ports";
import type { Step } from "../pods/step-codec.ts";
import { untilFree } from "./attach-eni.ts";
import { completeCreation } from "./complete-creation.ts";
import { leaveEni, type PoolAgent } from "./pool-agent.ts";

type GiveBack = Extract<Step, { step: "give-back" }>;

/**
 * Hands addresses and prefixes back to EC2. They are withdrawn first, and the intent is durable before EC2 is asked: after a crash in
 * between, nothing may be given to a pod that EC2 is about to take. A step without a clear answer stays open; `settleSteps` ends it.
 * `false`: pods took them meanwhile, or a late request of an earlier step may still arrive.
 */
export async function giveBack(
  agent: PoolAgent,
  eni: EniId,
  give: { readonly addresses: readonly Ipv4[]; readonly prefixes: readonly Cidr4[] },
): Promise<boolean> {
  await endOpenStep(agent, eni);
  const { node, ports, journal } = agent;
  if (await mayLose(agent, eni)) return false;
  const withdrawn = node.ledger.withdraw(eni, rangesOf(give), ports.clock.now());
  if (withdrawn.length === 0) return false;
  const step: GiveBack = {
    step: "give-back",
    eni,
    addresses: withdrawn.filter((cidr) => cidr.length === 32).map((cidr) => cidr.base),
    prefixes: withdrawn.filter((cidr) => cidr.length < 32),
  };
  await begin(agent, step, () => node.ledger.restore(eni, withdrawn));
  try {
    await ports.ec2.unassign(eni, step);
  } catch (cause) {
    // Both kinds take two calls: the second may be refused when the first was not.
    const isOneCall = step.addresses.length === 0 || step.prefixes.length === 0;
    if (isRefused(cause) && isOneCall) {
      node.ledger.restore(eni, withdrawn);
      await journal.close(step);
    }
    throw cause;
  }
  dropAll(agent, eni, withdrawn);
  await journal.close(step);
  return true;
}

/** Detaches and deletes an ENI without pods; `false`, and nothing is done, when a pod took an address of it meanwhile. */
export async function releaseEni(agent: PoolAgent, eni: EniId): Promise<boolean> {
  await endOpenStep(agent, eni);
  const { node, ports, journal } = agent;
  const attachment = node.attachments.get(eni);
  if (attachment === undefined || !node.ledger.withdrawEni(eni, ports.clock.now())) return false;
  const step: Step = { step: "release-eni", eni, attachment };
  await begin(agent, step, () => node.ledger.restoreEni(eni));
  try {
    await ports.ec2.detachEni(attachment);
  } catch (cause) {
    if (isRefused(cause)) {
      node.ledger.restoreEni(eni);
      await journal.close(step);
    }
    if (!isGone(cause)) throw cause;
  }
  await deleteDetached(agent, eni);
  leaveEni(agent, eni);
  await journal.close(step);
  ports.log.info("ENI released", { eni });
  // Last: it also fails for the sake of another ENI that is gone, and that is found only by going on.
  agent.wireHost();
  return true;
}

/** Makes the intent durable. Without that EC2 is not asked, and everything stays in use. */
async function begin({ journal }: PoolAgent, step: Step, restore: () => void): Promise<void> {
  try {
    await journal.begin(step);
  } catch (cause) {
    restore();
    throw cause;
  }
}

/** Ends the steps that a crash or a lost answer left open. Each may be done any number of times. */
export async function settleSteps(agent: PoolAgent, steps: readonly Step[] = agent.journal.openSteps): Promise<void> {
  await agent.journal.closeSettled(agent.ports.clock.now());
  for (const step of steps) {
    if (step.step === "release-eni") {
      await agent.ports.ec2.detachEni(step.attachment).catch((cause: unknown) => {
        if (!isGone(cause)) throw cause;
      });
      await deleteDetached(agent, step.eni);
      leaveEni(agent, step.eni);
    } else if (step.step === "create-eni") {
      await completeCreation(agent, step);
    } else {
      await unassignRest(agent, step);
    }
    // Addresses that EC2 gave the ENI again would be taken by a late request: until then it gets none, nor after another restart.
    if (step.step === "give-back") agent.journal.settled(step, agent.ports.clock.now() + LATE_REQUEST_MS);
    else await agent.journal.close(step);
    agent.ports.log.info("an interrupted step was completed", { step: step.step, eni: step.eni });
    if (step.step === "release-eni") agent.wireHost();
  }
}

/** An ENI has one open step at most: a second would take the place of the first, whose addresses would then be neither here nor there. */
function endOpenStep(agent: PoolAgent, eni: EniId): Promise<void> {
  return settleSteps(
    agent,
    agent.journal.openSteps.filter((step) => step.eni === eni),
  );
}

async function unassignRest(agent: PoolAgent, step: GiveBack): Promise<void> {
  const [eni] = await agent.ports.ec2.describeEnis([step.eni]);
  if (eni !== undefined) {
    const addresses = step.addresses.filter((address) => eni.addresses.includes(address));
    const prefixes = step.prefixes.filter((prefix) => eni.prefixes.some((each) => cidr4Equal(each, prefix)));
    if (addresses.length + prefixes.length > 0) await agent.ports.ec2.unassign(step.eni, { addresses, prefixes });
  }
  dropAll(agent, step.eni, rangesOf(step));
}

/** A request without an answer, of a process that was killed perhaps, may still arrive within this. */
const LATE_REQUEST_MS = 10_000;

/** Whether a late request may still take what EC2 gives this ENI now: the same addresses perhaps that it was sent for. */
export async function mayLose({ journal, ports }: PoolAgent, eni: EniId): Promise<boolean> {
  await journal.closeSettled(ports.clock.now());
  return journal.isSettling(eni);
}

async function deleteDetached({ ports }: PoolAgent, eni: EniId): Promise<void> {
  await untilFree(ports, eni);
  await ports.ec2.deleteEni(eni);
}

function dropAll({ node, ports }: PoolAgent, eni: EniId, cidrs: readonly Cidr4[]): void {
  for (const cidr of cidrs) node.ledger.dropBlock(eni, cidr, ports.clock.now());
}

const REFUSALS: ReadonlySet<string> = new Set(["EC2_UNAUTHORIZED", "EC2_THROTTLED", "NO_CREDENTIALS"]);

/** EC2 understood and did not do it, or was never asked; otherwise it may have done it. */
function isRefused(cause: unknown): boolean {
  return cause instanceof Fault && REFUSALS.has(cause.code);
}

function isGone(cause: unknown): boolean {
  return cause instanceof Fault && cause.code === "ENI_GONE";
}
