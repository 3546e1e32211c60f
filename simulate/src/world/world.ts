import type { EniId, Ipv4, SubnetId } from "@slash28/address";
import { createModelKernel, type ModelKernel } from "@slash28/host-network";
import { limitsOf, type InstanceLimits } from "@slash28/limits";
import { Fault } from "@slash28/ports";
import { createRandom, Digest, Timeline, type Random, type Scenario, type Violation } from "@slash28/simulation";
import { createMemoryEc2, createMemoryMetadata, type MemoryEc2 } from "@slash28/testkit";
import { createCloudSide, type CloudSide } from "./cloud-side.ts";
import { Ec2Wire } from "./ec2-wire.ts";
import { FaultWindows } from "./fault-windows.ts";
import { MemoryDisk } from "./memory-disk.ts";
import { MetadataSide } from "./metadata-side.ts";

/** Everything outside the agent. It outlives the agent's processes. */
export interface World {
  readonly scenario: Scenario;
  readonly limits: InstanceLimits;
  readonly timeline: Timeline;
  readonly kernel: ModelKernel;
  readonly side: CloudSide;
  /** EC2 without a network in between. */
  readonly ec2: MemoryEc2;
  readonly wire: Ec2Wire;
  readonly metadata: MetadataSide;
  readonly disk: MemoryDisk;
  readonly windows: FaultWindows;
  /** For what happens by chance at the kernel. */
  readonly kernelRandom: Random;
  readonly digest: Digest;
  /** Addresses that people took off the node and that did not come back since. */
  readonly takenByHand: Set<Ipv4>;
  /** ENIs that people detached; what EC2 still puts on them is taken too. */
  readonly detachedByHand: Set<EniId>;
  /** Where the ENIConfig of the node has new ENIs made. */
  eniConfigSubnet: SubnetId;
  /** What the machine's clock shows beyond true time. */
  clockOffsetMs: number;
  /** What changed since the last check. */
  isCloudChanged: boolean;
  isKernelChanged: boolean;
  /** The first invariant that broke. */
  violation: Violation | undefined;
  /** Adds a line to the trace. */
  note(text: string): void;
  report(violation: Violation | undefined): void;
}

const START = Date.UTC(2030, 0, 1);

export async function createWorld(scenario: Scenario, trace: ((line: string) => void) | undefined): Promise<World> {
  const { seed } = scenario;
  const limits = limitsOf(scenario.instanceType);
  if (limits === undefined) throw new TypeError(`${scenario.instanceType} is not in the table of limits`);
  const timeline = new Timeline(START);
  const kernel = createModelKernel((code, fields) => new Fault(code, fields));
  const windows = new FaultWindows(timeline);
  const digest = new Digest();
  const side = createCloudSide({ scenario, timeline, kernel, onChange: () => changed() });
  const ec2 = createMemoryEc2(side.cloud, { now: () => timeline.now });
  ec2.before = () => void (ec2.calls.length = 0);
  const truth = createMemoryMetadata(side.cloud, side.instanceId);
  const note = (text: string): void => {
    digest.add(text);
    trace?.(`+${((timeline.now - START) / 1_000).toFixed(3)}s ${text}`);
  };
  const world: World = {
    scenario,
    limits,
    timeline,
    kernel,
    side,
    ec2,
    windows,
    digest,
    note,
    wire: new Ec2Wire({ seed, timeline, windows, note }),
    metadata: new MetadataSide({ seed, timeline, windows, truth, lagMs: scenario.metadataLagMs }),
    disk: new MemoryDisk({ timeline, random: createRandom("disk", seed), isBroken: () => windows.isOpen("journal-broken") }),
    kernelRandom: createRandom("kernel", seed),
    takenByHand: new Set(),
    detachedByHand: new Set(),
    eniConfigSubnet: side.eniConfigSubnet,
    clockOffsetMs: 0,
    isCloudChanged: true,
    isKernelChanged: true,
    violation: undefined,
    report(violation) {
      if (violation !== undefined && world.violation === undefined) world.violation = violation;
    },
  };
  const changed = (): void => {
    world.isCloudChanged = true;
    world.metadata.changed();
  };
  await world.metadata.refresh();
  return world;
}
