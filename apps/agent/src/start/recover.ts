import { formatIpv4 } from "@slash28/address";
import { decodeUpstreamCheckpoint, keyText, observe, restoreBook, type Book, type BookedReservation } from "@slash28/ipam";
import { Fault } from "@slash28/ports";
import { readJournal, type Recorded, type SandboxPlace } from "../pods/agent-journal.ts";
import { kernelOnlyKey } from "../pods/sandboxes.ts";
import { stepWithout, type Step } from "../pods/step-codec.ts";
import { settleSteps } from "../pool/give-back.ts";
import { learnExclusions, podPolicy } from "../pool/list-subnets.ts";
import { firstLook } from "../pool/observe-node.ts";
import type { PoolAgent } from "../pool/pool-agent.ts";

export interface RecoveryOptions {
  /** For messages. */
  readonly journalPath: string;
  /** The VPC CNI's checkpoint, read when there is no journal: a node that is taken over with its pods running. */
  readonly readCheckpoint: () => Promise<string | undefined>;
  /** Whether a sandbox lives on without a link in this kernel: those of a modelled data plane do. */
  readonly isModelled: (netns: string) => boolean;
}

/**
 * Brings memory, kernel and EC2 together after a start, however the last run ended. The journal says who holds what; the kernel says
 * which of those pods live; EC2 says which addresses the node has. Running pods are not touched, only what they miss is added.
 */
export async function recover(agent: PoolAgent, options: RecoveryOptions): Promise<void> {
  const { ports } = agent;
  const recorded = await readRecorded(agent, options);
  const steps = withoutCarried(agent, recorded.openSteps);
  await persist(agent, () => settleSteps(agent, steps));
  await persist(agent, () => learnNode(agent));
  const { orphans } = restoreBook(agent.node.ledger, recorded.book, ports.clock.now());
  const dead = matchKernel(agent, { ...recorded, orphans }, options);
  await agent.journal.compact();
  mendPods(agent);
  const { held, assigned, cooling } = agent.node.ledger.counts(ports.clock.now());
  ports.log.info("the node's state is recovered", {
    addresses: held,
    assigned,
    cooling,
    dropped: dead,
    enis: agent.node.ledger.enis().length,
  });
}

async function readRecorded(agent: PoolAgent, options: RecoveryOptions): Promise<Recorded> {
  const { ports } = agent;
  const { entries, damage } = await ports.journal.load();
  const recorded = readJournal(entries);
  const detail = recorded.damage ?? damage;
  if (detail !== undefined) await persist(agent, () => tellDamage(agent, options.journalPath, detail));
  if (entries.length > 0 || detail !== undefined) return recorded;
  const checkpoint = await options.readCheckpoint();
  if (checkpoint === undefined) return { book: emptyBook(), places: new Map(), openSteps: [] };
  const decoded = decodeUpstreamCheckpoint(checkpoint);
  if (!decoded.ok) throw new Fault("JOURNAL_UNREADABLE", { path: options.journalPath, detail: decoded.error.message });
  ports.log.info("pods are taken over from the VPC CNI's checkpoint", { pods: decoded.value.length });
  const places = new Map<string, SandboxPlace>(decoded.value.map(({ key }) => [keyText(key), { netns: "", wiredBy: "plugin" }]));
  return { book: bookOfAll(decoded.value), places, openSteps: [] };
}

/**
 * What comes behind the damage is kept for people only, for nobody knows what is missing in between. Pods of it have links: `matchKernel` keeps
 * their addresses out of use.
 */
async function tellDamage({ ports, tell }: PoolAgent, path: string, detail: string): Promise<void> {
  const fault = new Fault("JOURNAL_DAMAGED", { path, detail, copy: await ports.journal.keepCopy() });
  ports.log.error("the journal is damaged", { fault: fault.code, why: fault.message });
  tell(fault);
}

/** A pod that carries an address shows that EC2 had taken it and given it again, whatever the journal lost of that. */
function withoutCarried({ node, ports }: PoolAgent, steps: readonly Step[]): readonly Step[] {
  const carried = ports.network.observedPods(node.settings.host.vethPrefix).flatMap(({ address }) => address ?? []);
  return steps.map((step) => carried.reduce(stepWithout, step));
}

/** A start must outlive a cloud that is slow or throttles: it waits as the fault says, for as long as it takes. */
async function persist(agent: PoolAgent, step: () => Promise<void>): Promise<void> {
  const { log, clock } = agent.ports;
  for (;;) {
    try {
      return await step();
    } catch (cause) {
      if (!(cause instanceof Fault) || cause.blame === "bug") throw cause;
      agent.node.lastFault = cause;
      agent.tell(cause);
      log.warn("the start waits", { fault: cause.code, why: cause.message });
      await clock.sleep(Math.max(cause.retryAfterMs ?? 5_000, 200));
    }
  }
}

async function learnNode(agent: PoolAgent): Promise<void> {
  const { node, ports } = agent;
  for (const eni of await ports.metadata.enis()) node.subnetCidrs.set(eni.subnetId, eni.subnetCidr);
  await learnExclusions(agent);
  if (node.settings.enis.metadataOnly) {
    const enis = (await ports.metadata.enis()).filter((eni) => eni.networkCard === 0);
    observe(node.ledger, { source: "metadata", enis }, podPolicy(node), ports.clock.now());
    agent.wireHost();
  } else {
    await firstLook(agent);
    agent.wireHost();
  }
  node.lastFault = undefined;
}

/**
 * Drops records of pods that have no link: their namespace is gone, or they were killed in the middle of an ADD that nobody answered.
 * A link without a record keeps its address out of use until its pod is deleted: who wired it is not known, but a pod may live on it.
 */
function matchKernel(
  { node, ports, sandboxes }: PoolAgent,
  recorded: Recorded & { readonly orphans: readonly BookedReservation[] },
  options: RecoveryOptions,
): number {
  const now = ports.clock.now();
  const placeOf = ({ key }: BookedReservation): SandboxPlace => recorded.places.get(keyText(key)) ?? { netns: "", wiredBy: "agent" };
  const observed = new Map(ports.network.observedPods(node.settings.host.vethPrefix).map((pod) => [pod.hostLink, pod.address]));
  let dropped = 0;
  for (const orphan of recorded.orphans) {
    const isAlive = observed.get(sandboxes.hostLinkOf(orphan)) === orphan.address;
    ports.log.error("a recorded pod's address is on no ENI of this node", {
      address: formatIpv4(orphan.address),
      ...podOf(orphan),
      isAlive,
    });
    // EC2 may give the address to the node again: then it is this pod's, or rests first, for late packets may be on their way.
    if (isAlive) node.ledger.absent.isCarried(orphan);
    else node.ledger.rest(orphan.address, now, now);
    if (isAlive) sandboxes.remember(orphan, placeOf(orphan));
  }
  for (const held of node.ledger.reservations()) {
    const place = placeOf(held);
    const hostLink = sandboxes.hostLinkOf(held);
    const isAlive = observed.has(hostLink) || isLinkAwaited(ports, place) || options.isModelled(place.netns);
    // A link that carries another address was made for a later sandbox of the pod.
    const carries = observed.get(hostLink);
    const isLinkOfAnother = carries !== undefined && carries !== held.address;
    if (isAlive && !isLinkOfAnother) {
      sandboxes.remember(held, place);
      continue;
    }
    sandboxes.drop(held, isLinkOfAnother);
    dropped++;
  }
  const carried = new Set(node.ledger.absent.carried.map((orphan) => orphan.address));
  for (const [hostLink, address] of observed) {
    if (address === undefined || carried.has(address) || node.ledger.slotOf(address)?.holder !== undefined) continue;
    const found = { key: kernelOnlyKey(hostLink), address, reservedAt: now };
    if (node.ledger.place(found) !== "placed") node.ledger.absent.isCarried(found);
    ports.log.warn("a pod's link has no record; its address stays out of use", { hostLink, address: formatIpv4(address) });
  }
  return dropped;
}

/** A plugin that was told its address may still be about to wire it. */
function isLinkAwaited({ network }: PoolAgent["ports"], { netns, wiredBy }: SandboxPlace): boolean {
  return wiredBy === "plugin" && network.hasNamespace(netns);
}

function mendPods({ node, ports, sandboxes }: PoolAgent): void {
  for (const held of node.ledger.reservations()) {
    try {
      const missing = sandboxes.mend(held);
      if (missing.length > 0)
        ports.log.info("a pod's wiring was completed", { address: formatIpv4(held.address), ...podOf(held), missing: missing.join("; ") });
    } catch (cause) {
      if (!(cause instanceof Fault)) throw cause;
      ports.log.warn("a pod's wiring could not be completed", { address: formatIpv4(held.address), ...podOf(held), why: cause.message });
    }
  }
}

function bookOfAll(reservations: readonly BookedReservation[]): Book {
  return { reservations: new Map(reservations.map((each) => [keyText(each.key), each])), released: new Map() };
}

function emptyBook(): Book {
  return bookOfAll([]);
}

function podOf({ owner }: BookedReservation): { readonly pod?: string } {
  return owner === undefined ? {} : { pod: `${owner.namespace}/${owner.name}` };
}
