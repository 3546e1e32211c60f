import { createAgent } from "@slash28/agent";
import { createBudgetedCalls } from "@slash28/aws/budget";
import { parseSettings } from "@slash28/ipam";
import { limitsOf } from "@slash28/limits";
import type { Clock, Ec2 } from "@slash28/ports";
import type { Random, Timeline } from "@slash28/simulation";
import { createMemoryJournal, quietLog } from "@slash28/testkit";
import { LINK_AFTER_MS, type FleetCloud, type FleetNode } from "./fleet-cloud.ts";

/** What a node's program is started with. */
export interface NodeStart {
  readonly fleet: FleetCloud;
  readonly node: FleetNode;
  readonly env: Readonly<Record<string, string>>;
  readonly clock: Clock;
  readonly timeline: Timeline;
  readonly random: Random;
  readonly onBug: (cause: unknown) => void;
}

/** EC2's action behind each call of the port. */
const ACTIONS: Readonly<Record<keyof Ec2, string>> = {
  describeAttachedEnis: "DescribeNetworkInterfaces",
  describeEnis: "DescribeNetworkInterfaces",
  describeFreeEnis: "DescribeNetworkInterfaces",
  describeSubnets: "DescribeSubnets",
  describeInstanceType: "DescribeInstanceTypes",
  createEni: "CreateNetworkInterface",
  attachEni: "AttachNetworkInterface",
  deleteOnTermination: "ModifyNetworkInterfaceAttribute",
  detachEni: "DetachNetworkInterface",
  deleteEni: "DeleteNetworkInterface",
  assignAddresses: "AssignPrivateIpAddresses",
  assignPrefixes: "AssignPrivateIpAddresses",
  unassign: "UnassignPrivateIpAddresses",
  setGroups: "ModifyNetworkInterfaceAttribute",
  tag: "CreateTags",
};
/** As the agent's EC2 client has it. */
const ATTACH_PATIENCE_MS = 120_000;

/** Starts the agent on a node of the fleet, with its own client's budget; tells whether it has an address. */
export function startAgent(start: NodeStart): () => boolean {
  const { node, env, clock, random, fleet, onBug } = start;
  const { settings } = parseSettings(env);
  const limits = limitsOf(node.identity.instanceType);
  if (limits === undefined) throw new TypeError(`${node.identity.instanceType} is not in the table of limits`);
  const agent = createAgent(
    {
      clock,
      log: quietLog,
      metrics: { add: () => undefined, set: () => undefined, observe: () => undefined },
      journal: createMemoryJournal(),
      network: node.kernel,
      metadata: node.metadata,
      ec2: budgeted(start),
    },
    {
      settings,
      identity: node.identity,
      limits,
      maxPods: 29,
      journalPath: "memory",
      readCheckpoint: async () => undefined,
      isModelled: () => false,
      random: () => random.next(),
      eniConfig: async () => ({ name: "us-east-1a", subnetId: fleet.podSubnet, groups: [] }),
      onFault: () => undefined,
      onBug,
    },
  );
  agent.start().catch(onBug);
  return () => agent.node.ledger.counts(clock.now()).held > 0;
}

/** EC2 as the node's client reaches it. */
function budgeted({ fleet, node, clock, timeline, random }: NodeStart): Ec2 {
  const calls = createBudgetedCalls({ clock, random: () => random.next() });
  const through = <A extends readonly unknown[], T>(name: keyof Ec2, method: (...args: A) => Promise<T>) => {
    const action = ACTIONS[name];
    const patienceMs = name === "attachEni" ? ATTACH_PATIENCE_MS : undefined;
    return (...args: A): Promise<T> => calls(action, () => fleet.send(action, clock, () => method(...args)), patienceMs);
  };
  const { ec2 } = fleet;
  return {
    describeAttachedEnis: through("describeAttachedEnis", ec2.describeAttachedEnis),
    describeEnis: through("describeEnis", ec2.describeEnis),
    describeFreeEnis: through("describeFreeEnis", ec2.describeFreeEnis),
    describeSubnets: through("describeSubnets", ec2.describeSubnets),
    describeInstanceType: through("describeInstanceType", ec2.describeInstanceType),
    createEni: through("createEni", ec2.createEni),
    attachEni: through("attachEni", async (eniId, instanceId, deviceIndex, networkCard) => {
      const attachment = await ec2.attachEni(eniId, instanceId, deviceIndex, networkCard);
      const [eni] = await ec2.describeEnis([eniId]);
      if (eni === undefined) return attachment;
      const fire = (): void => node.kernel.plugLink({ kind: "link", name: `eth${deviceIndex}`, mac: eni.mac, mtu: 9001, up: true });
      timeline.schedule(LINK_AFTER_MS, { label: "a link shows", fire });
      return attachment;
    }),
    deleteOnTermination: through("deleteOnTermination", ec2.deleteOnTermination),
    detachEni: through("detachEni", ec2.detachEni),
    deleteEni: through("deleteEni", ec2.deleteEni),
    assignAddresses: through("assignAddresses", ec2.assignAddresses),
    assignPrefixes: through("assignPrefixes", ec2.assignPrefixes),
    unassign: through("unassign", ec2.unassign),
    setGroups: through("setGroups", ec2.setGroups),
    tag: through("tag", ec2.tag),
  };
}
