import { asId, cidr4, formatCidr4, type SubnetId } from "@slash28/address";
import { Fault, type Ec2Subnet } from "@slash28/ports";
import { describe, expect, test } from "vitest";
import { chooseSubnets, excludedSubnets } from "@slash28/ipam";
import { addressOf, aWorld, errorOf, must, type World } from "./a-world.ts";

const OWN = asId<SubnetId>("subnet-0001");
const OTHER = asId<SubnetId>("subnet-0002");
const ROLE = "kubernetes.io/role/cni";
const OURS = "cni.networking.k8s.aws/cluster/ours";
const THEIRS = "cni.networking.k8s.aws/cluster/theirs";
/** What an older discovery knew; it counts for nothing. */
const OLD = "kubernetes.io/cluster/ours";

function aSubnet(id: SubnetId, tags: Readonly<Record<string, string>>, freeAddresses = 100): Ec2Subnet {
  return { id, vpcId: asId("vpc-1"), zone: "us-east-1a", cidr: cidr4("10.0.1.0/24"), freeAddresses, tags };
}

describe("which subnets serve pods", () => {
  test.each<[tags: Record<string, string>, cluster: string | undefined, own: boolean, other: boolean, excluded: boolean]>([
    [{}, "ours", true, false, false],
    [{ [ROLE]: "" }, "ours", true, false, false],
    [{ [ROLE]: "1" }, "ours", true, true, false],
    [{ [ROLE]: "yes" }, "ours", true, true, false],
    [{ [ROLE]: "0" }, "ours", false, false, true],
    [{ [ROLE]: "0", [OURS]: "" }, "ours", false, false, true],
    [{ [ROLE]: "0" }, undefined, false, false, true],
    [{ [ROLE]: "1", [OURS]: "shared" }, "ours", true, true, false],
    [{ [ROLE]: "1", [OURS]: "", [THEIRS]: "" }, "ours", true, true, false],
    [{ [ROLE]: "1", [THEIRS]: "" }, "ours", false, false, true],
    [{ [ROLE]: "1", [THEIRS]: "" }, undefined, true, true, false],
    [{ [THEIRS]: "" }, "ours", true, false, false],
    [{ [OLD]: "owned" }, "ours", true, false, false],
  ])("tags %j, cluster %s: the node's own %s, another %s, its ENIs are kept from pods %s", (tags, clusterName, own, other, excluded) => {
    const found = [aSubnet(OWN, tags), aSubnet(OTHER, tags)];
    const chosen = chooseSubnets(found, { subnetId: OWN, discovery: true, clusterName }).map((subnet) => subnet.id);
    expect(chosen).toEqual([...(own ? [OWN] : []), ...(other ? [OTHER] : [])]);
    expect(excludedSubnets(found, clusterName).has(OWN)).toBe(excluded);
  });

  test.each<[Record<string, string>, readonly SubnetId[]]>([
    [{ [ROLE]: "1" }, [OWN]],
    [{ [ROLE]: "1", [THEIRS]: "" }, [OWN]],
    [{ [ROLE]: "0" }, []],
  ])("without discovery, tags %j: %j", (tags, expected) => {
    const found = [aSubnet(OTHER, tags), aSubnet(OWN, tags)];
    expect(chooseSubnets(found, { subnetId: OWN, discovery: false, clusterName: "ours" }).map((subnet) => subnet.id)).toEqual(expected);
  });

  test("the one with most free addresses comes first; as EC2 lists them among equals", () => {
    const third = asId<SubnetId>("subnet-0003");
    const found = [aSubnet(OWN, {}, 5), aSubnet(OTHER, { [ROLE]: "1" }, 70), aSubnet(third, { [ROLE]: "1" }, 70)];
    const chosen = chooseSubnets(found, { subnetId: OWN, discovery: true, clusterName: undefined });
    expect(chosen.map((subnet) => subnet.id)).toEqual([OTHER, third, OWN]);
  });
});

const now = (world: World): { readonly now: number } => ({ now: world.clock.now() });

function anotherSubnet(world: World, cidr: string, tags: Readonly<Record<string, string>>): SubnetId {
  const { vpcId } = world.cloud.view.subnet(world.subnetId)!;
  return must(world.cloud.createSubnet({ vpcId, cidr: cidr4(cidr), tags }, now(world))).id;
}

function tagOwn(world: World, tags: Readonly<Record<string, string>>): void {
  must(world.cloud.createTags({ resourceIds: [world.subnetId], tags }, now(world)));
}

/** Adds this many pods, one after the other, and returns their addresses. */
async function addPods(world: World, count: number): Promise<readonly string[]> {
  const addresses: string[] = [];
  for (let n = 0; n < count; n++) {
    const added = world.add(`pod-${n}`);
    await world.clock.advance(3_000);
    addresses.push(addressOf(await added));
  }
  return addresses;
}

const subnetsOf = (world: World): readonly SubnetId[] => world.cloud.view.attachedEnis(world.instanceId).map((eni) => eni.subnetId);

describe("a node", () => {
  test("whose own subnet is tagged 0 takes pods' addresses from another, and hands back what its primary ENI had", async () => {
    const world = await aWorld({ env: { WARM_IP_TARGET: "2" } });
    expect(world.cloud.view.attachedEnis(world.instanceId)[0]!.secondaryAddresses).toHaveLength(2);
    world.kill();
    tagOwn(world, { [ROLE]: "0" });
    const pods = anotherSubnet(world, "10.0.64.0/20", { [ROLE]: "1" });
    await world.start();
    await world.clock.advance(20_000);
    for (const address of await addPods(world, 2)) expect(address).toMatch(/^10\.0\.64\./);
    await world.clock.advance(60_000);
    expect(subnetsOf(world)).toEqual([world.subnetId, pods]);
    expect(world.cloud.view.attachedEnis(world.instanceId)[0]!.secondaryAddresses).toEqual([]);
  });

  test("keeps the address of a pod that runs on an ENI whose subnet was tagged 0 meanwhile", async () => {
    const world = await aWorld({ env: { WARM_IP_TARGET: "2" } });
    const before = addressOf(await world.add("old"));
    world.kill();
    tagOwn(world, { [ROLE]: "0" });
    anotherSubnet(world, "10.0.64.0/20", { [ROLE]: "1" });
    await world.start();
    await world.clock.advance(60_000);
    expect(addressOf(await world.add("old"))).toBe(before);
    const [primary] = world.cloud.view.attachedEnis(world.instanceId);
    expect(primary!.secondaryAddresses).toHaveLength(1);
  });

  test("without discovery makes no ENI in a subnet tagged 0, and says what is missing; the primary ENI goes on serving", async () => {
    const world = await aWorld({ env: { ENABLE_SUBNET_DISCOVERY: "false", WARM_IP_TARGET: "1" } });
    tagOwn(world, { [ROLE]: "0" });
    await addPods(world, 9);
    const tenth = world.add("tenth");
    await world.clock.advance(5_000);
    expect(errorOf(await tenth).msg).toContain("no subnet of us-east-1a may be used for pods; tag one with kubernetes.io/role/cni=1");
    expect(subnetsOf(world)).toEqual([world.subnetId]);
  });

  test("that may not list subnets starts, grows in its own subnet, and says so", async () => {
    const world = await aWorld({ env: { WARM_ENI_TARGET: "0" } });
    world.kill();
    world.faults.length = 0;
    world.ec2.before = (api) => (api === "describeSubnets" ? new Fault("EC2_UNAUTHORIZED", { api: "DescribeSubnets" }) : undefined);
    anotherSubnet(world, "10.0.64.0/20", { [ROLE]: "1" });
    await world.start();
    expect(world.faults.map((fault) => fault.code)).toEqual(["SUBNETS_UNKNOWN", "EC2_UNAUTHORIZED"]);
    expect(world.faults[0]!.message).toContain(`new ENIs go to ${world.subnetId}`);
    await addPods(world, 12);
    expect(subnetsOf(world)).toEqual([world.subnetId, world.subnetId]);
  });

  test("goes by the last list while EC2 does not answer", async () => {
    const world = await aWorld({ env: { WARM_ENI_TARGET: "0" } });
    world.kill();
    const pods = anotherSubnet(world, "10.0.64.0/20", { [ROLE]: "1" });
    await world.start();
    world.ec2.before = (api) => (api === "describeSubnets" ? new Fault("EC2_THROTTLED", { api: "DescribeSubnets" }) : undefined);
    await addPods(world, 12);
    expect(subnetsOf(world)).toEqual([world.subnetId, pods]);
  });

  test("goes on to the next subnet when its role may not use the first", async () => {
    const world = await aWorld({ env: { WARM_ENI_TARGET: "0" } });
    const pods = anotherSubnet(world, "10.0.64.0/20", { [ROLE]: "1" });
    const { createEni } = world.ec2;
    world.ec2.createEni = (request) =>
      request.subnetId === pods ? Promise.reject(new Fault("EC2_UNAUTHORIZED", { api: "CreateNetworkInterface" })) : createEni(request);
    await addPods(world, 12);
    expect(subnetsOf(world)).toEqual([world.subnetId, world.subnetId]);
  });

  test("under custom networking, without a list of subnets, goes by the ENIConfig and learns the range from its metadata", async () => {
    const world = await aWorld({ env: { AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: "true", WARM_IP_TARGET: "2" } });
    world.ec2.before = (api) => (api === "describeSubnets" ? new Fault("EC2_UNAUTHORIZED", { api: "DescribeSubnets" }) : undefined);
    world.kill();
    const pods = anotherSubnet(world, "10.0.64.0/20", {});
    world.eniConfig = () => Promise.resolve({ name: "us-east-1a", subnetId: pods, groups: [] });
    await world.start();
    await world.clock.advance(20_000);
    expect(await addPods(world, 1)).toEqual([expect.stringMatching(/^10\.0\.64\./)]);
    expect(formatCidr4(world.agent.node.subnetCidrs.get(pods)!)).toBe("10.0.64.0/20");
    expect(world.kernel.render()).toContain("10.0.64.1/32 dev eth1");
  });

  test("an ENIConfig whose subnet is tagged 0 is refused by name: its addresses would be handed back at once", async () => {
    const world = await aWorld({ env: { AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: "true" } });
    const pods = anotherSubnet(world, "10.0.64.0/20", { [ROLE]: "0" });
    world.eniConfig = () => Promise.resolve({ name: "us-east-1a", subnetId: pods, groups: [] });
    await world.clock.advance(20_000);
    expect(world.agent.node.lastFault?.message).toContain(`ENIConfig us-east-1a, which names ${pods}, which its tags keep from`);
    expect(world.cloud.view.enis()).toHaveLength(1);
  });

  test.each([
    ["a subnet that is tagged for pods", 10, {}],
    ["a subnet that its ENIConfig names", 3, { AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: "true" }],
  ])("whose pods wait while its subnet is full goes on in %s meanwhile, although its ENIs have empty slots", async (_, pods, more) => {
    const world = await aWorld({ env: { WARM_IP_TARGET: "1", ...more } });
    let named = world.subnetId;
    world.eniConfig = () => Promise.resolve({ name: "us-east-1a", subnetId: named, groups: [] });
    await world.clock.advance(60_000);
    await addPods(world, pods);
    const slots = world.cloud.view.attachedEnis(world.instanceId).map((eni) => eni.secondaryAddresses.length);
    expect(slots.at(-1)).toBeLessThan(9);
    while (freeIn(world) > 0) {
      const carry = { addressCount: Math.min(40, freeIn(world) - 1) };
      must(world.cloud.createEni({ subnetId: world.subnetId, ...(carry.addressCount > 0 ? { carry } : {}) }, now(world)));
    }
    const waiting = (): ReturnType<World["add"]>[] => ["late-1", "late-2", "late-3"].map((name) => world.add(name));
    const failed = waiting();
    await world.clock.advance(90_000);
    expect((await Promise.all(failed)).filter(({ exitCode }) => exitCode !== 0)).not.toEqual([]);

    named = anotherSubnet(world, "10.0.64.0/20", { [ROLE]: "1" });
    // The runtime asks again and again.
    for (let round = 0; round < 12; round++) {
      const asked = waiting();
      await world.clock.advance(15_000);
      await Promise.all(asked);
    }
    const served = waiting();
    await world.clock.advance(5_000);
    expect((await Promise.all(served)).map(addressOf).filter((address) => address.startsWith("10.0.64."))).not.toEqual([]);
  });
});

function freeIn(world: World): number {
  return world.cloud.view.subnet(world.subnetId)!.freeAddresses;
}
