import { cidr4, formatIpv4, type EniId, type SecurityGroupId } from "@slash28/address";
import { Fault, type Ec2Eni } from "@slash28/ports";
import { settle } from "@slash28/testkit";
import type { Eni } from "@slash28/vpc";
import { describe, expect, test } from "vitest";
import { addressOf, aWorld, errorOf, heldInEc2, must, type World } from "./a-world.ts";

const INSTANCE_TAG = "node.k8s.amazonaws.com/instance_id";
const now = (world: World): { readonly now: number } => ({ now: world.clock.now() });
const attachedTo = (world: World): readonly Eni[] => world.cloud.view.attachedEnis(world.instanceId);

async function addPods(world: World, from: number, to: number): Promise<readonly string[]> {
  const addresses: string[] = [];
  for (let n = from; n < to; n++) {
    const added = world.add(`pod-${n}`);
    await settle();
    await world.clock.advance(3_000);
    addresses.push(addressOf(await added).replace("/32", ""));
  }
  return addresses;
}

interface Foreign {
  readonly deviceIndex: number;
  readonly networkCard?: number;
  readonly tags?: Readonly<Record<string, string>>;
  readonly addressCount?: number;
}

/** Attaches an ENI as somebody else would. */
function attachForeign(world: World, { deviceIndex, networkCard = 0, tags = {}, addressCount = 2 }: Foreign): EniId {
  const carry = addressCount === 0 ? {} : { addressCount };
  const { id } = must(world.cloud.createEni({ subnetId: world.subnetId, tags, carry }, now(world)));
  must(world.cloud.attachEni({ eniId: id, instanceId: world.instanceId, deviceIndex, networkCard }, now(world)));
  return id;
}

/** EC2 tells these ENIs as of another interface type. */
function showAs(world: World, kinds: ReadonlyMap<EniId, Ec2Eni["kind"]>): void {
  const { describeAttachedEnis } = world.ec2;
  world.ec2.describeAttachedEnis = async (instanceId) =>
    (await describeAttachedEnis(instanceId)).map((eni) => ({ ...eni, kind: kinds.get(eni.id) ?? eni.kind }));
}

const KEPT_OUT = { "node.k8s.amazonaws.com/no_manage": "true" };

describe("a new ENI", () => {
  test("gets the connection tracking of the primary one, only what is set there", async () => {
    const world = await aWorld({ env: { WARM_ENI_TARGET: "0" } });
    world.kill();
    const value = { tcpEstablishedTimeout: 350 };
    must(world.cloud.modifyEni({ eniId: attachedTo(world)[0]!.id, change: { attribute: "connection-tracking", value } }, now(world)));
    await world.start();
    await addPods(world, 0, 10);
    expect(attachedTo(world)[1]!.connectionTracking).toEqual(value);
  });

  test("of a node whose primary one has EC2's defaults has them too", async () => {
    const world = await aWorld();
    await addPods(world, 0, 1);
    expect(attachedTo(world)[1]!.connectionTracking).toBeUndefined();
  });

  test("carries the additional tags, the cluster's, and the instance's; reserved keys are the agent's", async () => {
    const tags = JSON.stringify({ team: "net", "eks:eni:owner": "us", [INSTANCE_TAG]: "i-other" });
    const world = await aWorld({ env: { ADDITIONAL_ENI_TAGS: tags, CLUSTER_NAME: "prod" } });
    await addPods(world, 0, 1);
    // The primary ENI's wait until the node has its first address.
    await world.clock.advance(30_000);
    const [primary, second] = attachedTo(world);
    const expected = {
      team: "net",
      "eks:eni:owner": "us",
      [INSTANCE_TAG]: world.instanceId,
      "cluster.k8s.amazonaws.com/name": "prod",
    };
    expect(second!.tags).toEqual({
      ...expected,
      "node.k8s.amazonaws.com/createdAt": expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]+Z$/) as string,
    });
    expect(primary!.tags).toEqual(expected);
  });

  test("takes the lowest device index that is free on its own network card", async () => {
    const world = await aWorld({ type: "p4d.24xlarge", maxPods: 100, env: { WARM_IP_TARGET: "1" } });
    attachForeign(world, { deviceIndex: 1, networkCard: 1 });
    world.kill();
    await world.start({ WARM_IP_TARGET: "60" });
    await world.clock.advance(20_000);
    expect(attachedTo(world).map(({ attachment }) => [attachment!.networkCard, attachment!.deviceIndex])).toEqual([
      [0, 0],
      [0, 1],
      [1, 1],
    ]);
  });
});

describe("ENIs of others", () => {
  test("on another network card are no business of the agent", async () => {
    const world = await aWorld({ type: "p4d.24xlarge", maxPods: 100, env: { WARM_ENI_TARGET: "0" } });
    const foreign = attachForeign(world, { deviceIndex: 1, networkCard: 1 });
    world.kill();
    await world.start();
    await world.clock.advance(70_000);
    expect(world.agent.node.ledger.eni(foreign)).toBeUndefined();
    expect(world.agent.node.unmanaged.size).toBe(0);
    expect(world.cloud.view.eni(foreign)!.tags).toEqual({});
  });

  test("EFA: its addresses serve pods, and it is never handed back", async () => {
    const world = await aWorld({ env: { WARM_IP_TARGET: "1", IP_COOLDOWN_PERIOD: "1" } });
    const efa = attachForeign(world, { deviceIndex: 1, tags: { [INSTANCE_TAG]: world.instanceId } });
    showAs(world, new Map([[efa, "efa"]]));
    world.kill();
    await world.start();
    const addresses = await addPods(world, 0, 12);
    const own = attachedTo(world)[1]!.secondaryAddresses.map(formatIpv4);
    expect(addresses.filter((address) => own.includes(address)).length).toBeGreaterThan(0);
    for (let n = 0; n < 12; n++) await world.del(`pod-${n}`);
    await world.clock.advance(300_000);
    expect(attachedTo(world).map((eni) => eni.id)).toContain(efa);
    expect(world.agent.node.ledger.eni(efa)!.facts.role).toBe("efa");
  });

  test("EFA only: it serves no pod and takes one of the instance's places", async () => {
    const world = await aWorld({ env: { WARM_ENI_TARGET: "0" } });
    const efa = attachForeign(world, { deviceIndex: 1 });
    showAs(world, new Map([[efa, "efa-only"]]));
    world.kill();
    await world.start();
    await addPods(world, 0, 18);
    const refused = world.add("beyond");
    await world.clock.advance(5_000);
    expect(errorOf(await refused).msg).toContain("no room for another address (1 of its ENIs is managed by someone else)");
    expect(world.agent.node.ledger.eni(efa)).toBeUndefined();
    expect(world.ec2.calls.filter((call) => call === "createEni")).toHaveLength(1);
  });

  test("a trunk carries no pods' addresses and stays", async () => {
    const world = await aWorld({ env: { WARM_IP_TARGET: "12" } });
    const trunk = attachForeign(world, { deviceIndex: 2, addressCount: 0 });
    showAs(world, new Map([[trunk, "trunk"]]));
    world.kill();
    await world.start();
    await world.clock.advance(70_000);
    expect(world.cloud.view.eni(trunk)).toMatchObject({ secondaryAddresses: [], tags: {} });
    expect(heldInEc2(world)).toEqual({ enis: 3, addresses: 12, prefixes: 0 });
  });

  test.each([
    ["true", true],
    ["false", false],
  ])("MANAGE_UNTAGGED_ENI=%s: an ENI without tags is used: %s", async (manage, isUsed) => {
    const world = await aWorld({ env: { MANAGE_UNTAGGED_ENI: manage } });
    const foreign = attachForeign(world, { deviceIndex: 1 });
    const tagged = attachForeign(world, { deviceIndex: 2, tags: { [INSTANCE_TAG]: world.instanceId } });
    await world.clock.advance(40_000);
    expect(world.agent.node.ledger.eni(foreign) !== undefined).toBe(isUsed);
    expect(world.agent.node.ledger.eni(tagged)).toBeDefined();
    expect(world.cloud.view.eni(foreign)!.tags[INSTANCE_TAG]).toBe(isUsed ? world.instanceId : undefined);
  });

  test("an ENI of the agent that would outlive the instance is mended, a foreign one is not", async () => {
    const world = await aWorld();
    const own = attachForeign(world, { deviceIndex: 1, tags: { [INSTANCE_TAG]: world.instanceId } });
    const foreign = attachForeign(world, { deviceIndex: 2 });
    await world.clock.advance(40_000);
    expect(world.cloud.view.eni(own)!.attachment!.deleteOnTermination).toBe(true);
    expect(world.cloud.view.eni(foreign)!.attachment!.deleteOnTermination).toBe(false);
  });

  test("a place that was taken a moment ago is noticed at once: no second ENI is made in vain", async () => {
    const world = await aWorld({ env: { WARM_ENI_TARGET: "0" } });
    await addPods(world, 0, 17);
    const created = world.ec2.calls.filter((call) => call === "createEni").length;
    attachForeign(world, { deviceIndex: 2, tags: KEPT_OUT });
    await addPods(world, 17, 18);
    const refused = world.add("beyond");
    await world.clock.advance(5_000);
    expect(errorOf(await refused)).toMatchObject({
      code: 11,
      msg: expect.stringContaining("no room for another address (1 of its ENIs is managed by someone else)") as string,
    });
    await world.clock.advance(120_000);
    expect(world.ec2.calls.filter((call) => call === "createEni").length - created).toBe(1);
    expect(world.cloud.view.enis()).toHaveLength(3);
  });

  test("a place that somebody frees is used within seconds while pods wait", async () => {
    const world = await aWorld({ env: { WARM_ENI_TARGET: "0" } });
    const foreign = attachForeign(world, { deviceIndex: 1, tags: KEPT_OUT });
    world.kill();
    await world.start();
    await addPods(world, 0, 18);
    const refused = world.add("beyond");
    await world.clock.advance(5_000);
    errorOf(await refused);
    const { metadata } = world;
    const { enis: look } = metadata;
    const looks: number[] = [];
    metadata.enis = () => {
      looks.push(world.clock.now());
      return look();
    };
    // Right after a look, so that the next regular one is far.
    for (let seconds = 0; looks.length === 0 && seconds < 40; seconds++) await world.clock.advance(1_000);
    must(world.cloud.detachEni({ attachmentId: world.cloud.view.eni(foreign)!.attachment!.id }, now(world)));
    world.kernel.unplugLink("eth1");
    const again = world.add("beyond", { container: "beyond-2" });
    await world.clock.advance(8_000);
    const later = world.add("beyond", { container: "beyond-3" });
    await world.clock.advance(2_000);
    expect([(await again).exitCode, (await later).exitCode]).toContain(0);
  });
});

test("MAX_ENI holds: no ENI beyond it is ever made, and a pod that waits is told of it", async () => {
  const world = await aWorld({ env: { MAX_ENI: "2", WARM_ENI_TARGET: "1" } });
  await addPods(world, 0, 18);
  const refused = world.add("beyond");
  await world.clock.advance(5_000);
  expect(errorOf(await refused).msg).toContain("MAX_ENI=2 allows the instance no other ENI; raise MAX_ENI");
  await world.clock.advance(120_000);
  expect(world.ec2.calls.filter((call) => call === "createEni")).toHaveLength(1);
});

describe("the primary ENI's security groups", () => {
  function regroup(world: World): SecurityGroupId {
    const { vpcId } = world.cloud.view.subnet(world.subnetId)!;
    const { id } = must(world.cloud.createSecurityGroup({ vpcId, name: "new", description: "new" }, now(world)));
    must(world.cloud.modifyEni({ eniId: attachedTo(world)[0]!.id, change: { attribute: "groups", value: [id] } }, now(world)));
    return id;
  }

  test("go to the other ENIs within 30 s, and to those made later", async () => {
    const world = await aWorld({ env: { WARM_ENI_TARGET: "0" } });
    await addPods(world, 0, 10);
    const group = regroup(world);
    await world.clock.advance(31_000);
    expect(attachedTo(world).map((eni) => eni.groups)).toEqual([[group], [group]]);
    await addPods(world, 10, 19);
    expect(attachedTo(world)[2]!.groups).toEqual([group]);
  });

  test("that change back while EC2's answer is lost are the other ENIs' again too", async () => {
    const world = await aWorld({ env: { WARM_ENI_TARGET: "0" } });
    await addPods(world, 0, 10);
    const [primary] = attachedTo(world);
    const { setGroups } = world.ec2;
    Object.assign(world.ec2, {
      setGroups: async (...change: Parameters<typeof setGroups>) => {
        await setGroups(...change);
        throw new Fault("EC2_UNREACHABLE", { api: "setGroups", detail: "no answer" });
      },
    });
    const group = regroup(world);
    await world.clock.advance(31_000);
    expect(attachedTo(world)[1]!.groups).toEqual([group]);
    Object.assign(world.ec2, { setGroups });
    must(world.cloud.modifyEni({ eniId: primary!.id, change: { attribute: "groups", value: primary!.groups } }, now(world)));
    await world.clock.advance(31_000);
    expect(attachedTo(world)[1]!.groups).toEqual(primary!.groups);
  });

  test("that changed while no agent ran go to them at the next start", async () => {
    const world = await aWorld({ env: { WARM_ENI_TARGET: "0" } });
    await addPods(world, 0, 10);
    world.kill();
    const group = regroup(world);
    await world.start();
    expect(attachedTo(world)[1]!.groups).toEqual([group]);
  });

  test.each([{ AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: "true" }, { DISABLE_NETWORK_RESOURCE_PROVISIONING: "true" }])(
    "go nowhere with %j",
    async (env) => {
      const world = await aWorld({ env: { WARM_IP_TARGET: "1" } });
      await addPods(world, 0, 10);
      const [, second] = attachedTo(world);
      const before = second!.groups;
      world.kill();
      world.eniConfig = () => Promise.resolve({ name: "us-east-1a", subnetId: world.subnetId, groups: [] });
      regroup(world);
      await world.start(env);
      await world.clock.advance(60_000);
      expect(world.cloud.view.eni(second!.id)!.groups).toEqual(before);
    },
  );
});

describe("what keeps the pool as it is", () => {
  test("AWS_MANAGE_ENIS_NON_SCHEDULABLE lets a cordoned node grow", async () => {
    const world = await aWorld({ env: { WARM_IP_TARGET: "1", AWS_MANAGE_ENIS_NON_SCHEDULABLE: "true" } });
    world.agent.nodeChanged({ isUnschedulable: true, maxPods: 29, eniConfigName: "default" });
    await addPods(world, 0, 3);
    expect(heldInEc2(world).addresses).toBe(4);
  });

  test("DISABLE_NETWORK_RESOURCE_PROVISIONING: what the node has serves pods; EC2 is asked, never told", async () => {
    const world = await aWorld({ env: { WARM_IP_TARGET: "2" } });
    world.kill();
    world.ec2.calls.length = 0;
    await world.start({ DISABLE_NETWORK_RESOURCE_PROVISIONING: "true", CLUSTER_NAME: "prod" });
    await addPods(world, 0, 2);
    await world.clock.advance(4_000_000);
    expect(world.ec2.calls.filter((call) => !call.startsWith("describe"))).toEqual([]);
    const refused = world.add("beyond");
    await world.clock.advance(5_000);
    expect(errorOf(await refused).msg).toContain("DISABLE_NETWORK_RESOURCE_PROVISIONING");
  });

  test("ENABLE_IMDS_ONLY_MODE: EC2 is not called at all", async () => {
    const world = await aWorld({ env: { WARM_IP_TARGET: "2" } });
    world.kill();
    world.ec2.calls.length = 0;
    await world.start({ ENABLE_IMDS_ONLY_MODE: "true" });
    await addPods(world, 0, 2);
    await world.clock.advance(4_000_000);
    expect(world.ec2.calls).toEqual([]);
  });
});

describe("leaked ENIs", () => {
  const HOUR_MS = 3_600_000;
  const leak = (world: World, tags: Readonly<Record<string, string>>, description = "aws-K8S-i-gone"): EniId =>
    must(world.cloud.createEni({ subnetId: world.subnetId, tags, description }, now(world))).id;
  const ours = (world: World, ageMs: number): Readonly<Record<string, string>> => ({
    [INSTANCE_TAG]: "i-gone",
    "cluster.k8s.amazonaws.com/name": "prod",
    "node.k8s.amazonaws.com/createdAt": new Date(world.clock.now() - ageMs).toISOString(),
  });

  test("of this cluster are deleted; those of others, too young ones and other people's are not; one without a date gets one", async () => {
    const world = await aWorld({ env: { CLUSTER_NAME: "prod" } });
    const old = leak(world, ours(world, HOUR_MS));
    const theirs = leak(world, { ...ours(world, HOUR_MS), "cluster.k8s.amazonaws.com/name": "other" });
    const manual = leak(world, ours(world, HOUR_MS), "made by hand");
    const { "node.k8s.amazonaws.com/createdAt": _, ...rest } = ours(world, HOUR_MS);
    const undated = leak(world, rest);
    await world.clock.advance(HOUR_MS - 60_000);
    const young = leak(world, ours(world, 0));
    await world.clock.advance(60_000 + 200_000);
    const left = world.cloud.view.enis().map((eni) => eni.id);
    expect(left).toEqual(expect.arrayContaining([theirs, manual, undated, young]));
    expect(left).not.toContain(old);
    expect(world.cloud.view.eni(undated)!.tags["node.k8s.amazonaws.com/createdAt"]).toBeDefined();
    await world.clock.advance(HOUR_MS + 200_000);
    expect(world.cloud.view.enis().map((eni) => eni.id)).not.toContain(undated);
  });

  test("stay with DISABLE_LEAKED_ENI_CLEANUP", async () => {
    const world = await aWorld({ env: { CLUSTER_NAME: "prod", DISABLE_LEAKED_ENI_CLEANUP: "true" } });
    const old = leak(world, ours(world, HOUR_MS));
    await world.clock.advance(2 * HOUR_MS);
    expect(world.cloud.view.enis().map((eni) => eni.id)).toContain(old);
  });
});

test("what EC2 answered is used at once, and stays, though the metadata service shows it a minute later", async () => {
  const world = await aWorld({ env: { WARM_IP_TARGET: "1" } });
  const shown = await world.metadata.enis();
  const { metadata } = world;
  const fresh = metadata.enis;
  metadata.enis = () => Promise.resolve(shown);
  const addresses = await addPods(world, 0, 12);
  await world.clock.advance(60_000);
  expect(new Set(addresses).size).toBe(12);
  expect(
    world.agent.node.ledger
      .reservations()
      .map((held) => formatIpv4(held.address))
      .toSorted(),
  ).toEqual([...addresses].toSorted());
  expect(heldInEc2(world)).toMatchObject({ enis: 2, addresses: 13 });
  metadata.enis = fresh;
  await world.clock.advance(60_000);
  expect(heldInEc2(world)).toMatchObject({ enis: 2, addresses: 13 });
});

test("under custom networking addresses that the primary ENI came with are no pods' either, and go back", async () => {
  const world = await aWorld({ env: { AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: "true", WARM_IP_TARGET: "1" } });
  world.kill();
  const eniId = attachedTo(world)[0]!.id;
  must(world.cloud.assignAddresses({ eniId, carry: { addressCount: 3 } }, now(world)));
  const { vpcId } = world.cloud.view.subnet(world.subnetId)!;
  const pods = must(world.cloud.createSubnet({ vpcId, cidr: cidr4("10.0.64.0/20") }, now(world)));
  world.eniConfig = () => Promise.resolve({ name: "a", subnetId: pods.id, groups: [] });
  await world.start();
  await world.clock.advance(20_000);
  for (const address of await addPods(world, 0, 4)) expect(address).toMatch(/^10\.0\.64\./);
  expect(world.cloud.view.eni(eniId)!.secondaryAddresses).toEqual([]);
});

test("under custom networking a new ENI gets the ENIConfig's groups, and the primary ENI's where it names none", async () => {
  const world = await aWorld({ env: { AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: "true", WARM_IP_TARGET: "1" } });
  const { vpcId } = world.cloud.view.subnet(world.subnetId)!;
  const group = must(world.cloud.createSecurityGroup({ vpcId, name: "pods", description: "pods" }, now(world))).id;
  world.eniConfig = () => Promise.resolve({ name: "a", subnetId: world.subnetId, groups: [] });
  await world.clock.advance(20_000);
  world.eniConfig = () => Promise.resolve({ name: "a", subnetId: world.subnetId, groups: [group] });
  await addPods(world, 0, 9);
  const [primary, second, third] = attachedTo(world);
  expect([second!.groups, third!.groups]).toEqual([primary!.groups, [group]]);
});

test.each([
  [{}, 56],
  [{ AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: "true" }, 42],
])("an m5.xlarge with %j has addresses for %i pods, beside two on the host's network", async (env, pods) => {
  const world = await aWorld({ type: "m5.xlarge", maxPods: 58, env: { WARM_IP_TARGET: "100", ...env } });
  world.eniConfig = () => Promise.resolve({ name: "a", subnetId: world.subnetId, groups: [] });
  await world.clock.advance(60_000);
  for (let n = 0; n < pods; n++) addressOf(await world.add(`pod-${n}`));
  const refused = world.add("beyond");
  await world.clock.advance(5_000);
  expect(errorOf(await refused).msg).toContain("no room for another address");
});
