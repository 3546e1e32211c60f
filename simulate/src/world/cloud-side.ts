import { cidr4, cidr4Of, type AttachmentId, type EniId, type InstanceId, type SubnetId, type VpcId } from "@slash28/address";
import type { ModelKernel } from "@slash28/host-network";
import { createRandom, type Random, type Scenario, type Timeline } from "@slash28/simulation";
import { createCloud, type Cloud, type Ec2Result, type Eni } from "@slash28/vpc";

/** EC2's side of the world: one instance in one zone, the account it is in, and the hardware that shows attached ENIs as links. */
export interface CloudSide {
  readonly cloud: Cloud;
  readonly vpcId: VpcId;
  /** The node's own subnet first. */
  readonly subnets: readonly SubnetId[];
  /** What the ENIConfig names at first. */
  readonly eniConfigSubnet: SubnetId;
  readonly instanceId: InstanceId;
  readonly primaryEni: EniId;
  /** The node's ENIs that are attached or on their way; not those on their way off. */
  ownEnis(): readonly Eni[];
}

export interface CloudSideOptions {
  readonly scenario: Scenario;
  readonly timeline: Timeline;
  readonly kernel: ModelKernel;
  /** Something changed at EC2. */
  readonly onChange: () => void;
}

const VPC = cidr4("10.0.0.0/16");
const SECOND_SUBNET = cidr4("10.0.128.0/24");

export function demand<T>(result: Ec2Result<T>): T {
  if (result.ok) return result.value;
  throw new TypeError(`${result.error.code}: ${result.error.message}`);
}

export function createCloudSide({ scenario, timeline, kernel, onChange }: CloudSideOptions): CloudSide {
  const { seed } = scenario;
  const cloud = createCloud({
    region: "us-east-1",
    accountId: "111122223333",
    zones: [{ name: "us-east-1a", id: "use1-az1" }],
    settle: "by-caller",
    pick: seed % 3 === 0 ? "lowest" : "scatter",
    seed,
  });
  const call = { now: timeline.now };
  const { id: vpcId } = demand(cloud.createVpc({ cidr: VPC }, call));
  const subnets = [demand(cloud.createSubnet({ vpcId, cidr: cidr4Of(VPC.base, scenario.subnetLength) }, call)).id];
  if (scenario.secondSubnetLength !== undefined) {
    const cidr = cidr4Of(SECOND_SUBNET.base, scenario.secondSubnetLength);
    subnets.push(demand(cloud.createSubnet({ vpcId, cidr, tags: { "kubernetes.io/role/cni": "1" } }, call)).id);
  }
  const [first] = subnets;
  if (first === undefined) throw new TypeError("there is no subnet");
  const launch = { type: scenario.instanceType, imageId: "ami-1", minCount: 1, maxCount: 1, subnetId: first };
  const [instance] = demand(cloud.runInstances(launch, call)).instances;
  if (instance === undefined) throw new TypeError("no instance was launched");
  demand(cloud.settleInstance({ instanceId: instance.id }, call));
  const [primary] = cloud.view.attachedEnis(instance.id);
  if (primary?.attachment === undefined) throw new TypeError("the instance has no ENI");
  demand(cloud.settleAttachment({ attachmentId: primary.attachment.id }, call));
  kernel.plugLink({ kind: "link", name: "eth0", mac: primary.mac, mtu: 9001, up: true });
  const hardware = new Hardware({ cloud, timeline, kernel, instanceId: instance.id, seed });
  cloud.subscribe(() => {
    hardware.follow();
    onChange();
  });
  return {
    cloud,
    vpcId,
    subnets,
    eniConfigSubnet: subnets.at(-1) ?? first,
    instanceId: instance.id,
    primaryEni: primary.id,
    ownEnis: () => cloud.view.attachedEnis(instance.id).filter((eni) => eni.attachment?.status !== "detaching"),
  };
}

interface HardwareOptions {
  readonly cloud: Cloud;
  readonly timeline: Timeline;
  readonly kernel: ModelKernel;
  readonly instanceId: InstanceId;
  readonly seed: number;
}

/** Attachments settle after a while, and links follow them. */
class Hardware {
  readonly #options: HardwareOptions;
  readonly #random: Random;
  readonly #begun = new Set<string>();

  constructor(options: HardwareOptions) {
    this.#options = options;
    this.#random = createRandom("hardware", options.seed);
  }

  follow(): void {
    const { cloud, instanceId } = this.#options;
    for (const eni of cloud.view.attachedEnis(instanceId)) {
      const { attachment } = eni;
      if (attachment === undefined || attachment.status === "attached") continue;
      const change = `${attachment.id} ${attachment.status}`;
      if (this.#begun.has(change)) continue;
      this.#begun.add(change);
      this.#settleLater(eni, attachment.id, attachment.status === "attaching");
    }
  }

  #settleLater({ mac }: Eni, attachmentId: AttachmentId, isComing: boolean): void {
    const { cloud, timeline, kernel } = this.#options;
    const isSlow = this.#random.chance(0.1);
    const inMs = isSlow ? this.#random.between(2_000, 9_000) : this.#random.between(50, 900);
    const link = (): string | undefined => {
      const eni = cloud.view.enis().find((each) => each.attachment?.id === attachmentId);
      return eni?.attachment === undefined ? undefined : `eth${eni.attachment.deviceIndex}`;
    };
    const name = link();
    timeline.schedule(inMs, {
      label: isComing ? `${name} attached` : `${name} detached`,
      fire: () => {
        if (!isComing && name !== undefined) kernel.unplugLink(name);
        demand(cloud.settleAttachment({ attachmentId }, { now: timeline.now }));
        if (!isComing) return;
        timeline.schedule(this.#random.between(10, 300), {
          label: `${name} shows`,
          isVoid: () => link() !== name,
          fire: () => kernel.plugLink({ kind: "link", name: name ?? "", mac, mtu: 9001, up: true }),
        });
      },
    });
  }
}
