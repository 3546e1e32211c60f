import { cidr4, formatIpv4, ipv4 } from "@slash28/address";
import { Fault } from "@slash28/ports";
import { settle } from "@slash28/testkit";
import { describe, expect, test } from "vitest";
import { addressOf, aWorld, errorOf, heldInEc2, must } from "./a-world.ts";

describe("a pod", () => {
  test("gets an address, its wiring and a result; DEL takes all of it back", async () => {
    const world = await aWorld();
    const answer = await world.add("web-0");
    const result = JSON.parse(answer.body) as Record<string, unknown>;
    expect(result).toMatchObject({
      cniVersion: "1.1.0",
      interfaces: [
        { name: "eni0d7763386da", mtu: 9001 },
        { name: "eth0", sandbox: "/run/netns/web-0-1", mtu: 9001 },
      ],
      ips: [{ gateway: "169.254.1.1", interface: 1 }],
      routes: [{ dst: "0.0.0.0/0", gw: "169.254.1.1" }],
    });
    const address = addressOf(answer);
    expect(world.kernel.render()).toContain(address.replace("/32", ""));
    expect(world.kernel.observedPods("eni")).toHaveLength(1);
    expect(await world.del("web-0")).toEqual({ exitCode: 0, body: "" });
    expect(world.kernel.observedPods("eni")).toEqual([]);
    expect(world.agent.node.ledger.counts(world.clock.now())).toMatchObject({ assigned: 0, cooling: 1 });
  });

  test.each(["0.3.1", "0.4.0", "1.0.0", "1.1.0"])("is answered in version %s", async (version) => {
    const world = await aWorld();
    const result = JSON.parse((await world.add("web", { version })).body) as { cniVersion: string; ips: object[]; interfaces: object[] };
    expect(result.cniVersion).toBe(version);
    expect("version" in result.ips[0]!).toBe(version < "1.0.0");
    expect("mtu" in result.interfaces[0]!).toBe(version === "1.1.0");
  });

  test("that is added twice keeps its address; deleted twice, or never known, is fine", async () => {
    const world = await aWorld();
    const [first, second] = await Promise.all([world.add("web"), world.add("web")]);
    expect(addressOf(second)).toBe(addressOf(first));
    expect(addressOf(await world.add("web"))).toBe(addressOf(first));
    expect(world.agent.node.ledger.counts(world.clock.now()).assigned).toBe(1);
    for (const pod of ["web", "web", "unknown"]) expect(await world.del(pod, { netns: undefined })).toEqual({ exitCode: 0, body: "" });
  });

  test("whose namespace is gone is refused with code 3, and nothing stays", async () => {
    const world = await aWorld();
    expect(errorOf(await world.add("web", { netns: "/proc/0/ns/net" }))).toMatchObject({ code: 3, details: "POD_NAMESPACE_GONE" });
    expect(world.agent.node.ledger.counts(world.clock.now())).toMatchObject({ assigned: 0, cooling: 0 });
    expect(world.kernel.observedPods("eni")).toEqual([]);
  });

  test("is not answered for before the journal has it, and undone when the journal fails", async () => {
    const world = await aWorld();
    world.journal.state = "broken";
    expect(errorOf(await world.add("web"))).toMatchObject({ code: 11, details: "JOURNAL_FAILED" });
    expect(world.kernel.observedPods("eni")).toEqual([]);
    expect(world.agent.node.ledger.counts(world.clock.now()).assigned).toBe(0);
    world.journal.state = "well";
    const address = addressOf(await world.add("web"));
    world.journal.state = "broken";
    expect(errorOf(await world.del("web"))).toMatchObject({ code: 11 });
    expect(world.agent.node.ledger.counts(world.clock.now()).assigned).toBe(1);
    world.journal.state = "well";
    expect((await world.del("web")).exitCode).toBe(0);
    expect(address).toMatch(/^10\.0\.1\.\d+\/32$/);
  });

  test("that can be neither wired nor undone is told so, and nothing is left unhandled", async () => {
    const world = await aWorld();
    const { wirePod, unwirePod } = world.kernel;
    const refuse = (): never => {
      throw new Fault("KERNEL_REFUSED", { errno: "ENOBUFS", doing: "wiring a pod" });
    };
    Object.assign(world.kernel, { wirePod: refuse, unwirePod: refuse });
    world.journal.state = "broken";
    expect(errorOf(await world.add("web"))).toMatchObject({ code: 11, details: "KERNEL_REFUSED" });
    await settle();
    Object.assign(world.kernel, { wirePod, unwirePod });
    world.journal.state = "well";
    expect(addressOf(await world.add("web"))).toMatch(/^10\./);
  });

  test("with a new sandbox takes over its link; the old sandbox's late DEL takes nothing from it", async () => {
    const world = await aWorld();
    addressOf(await world.add("web-0", { container: "old" }));
    const address = addressOf(await world.add("web-0", { container: "new" }));
    expect((await world.del("web-0", { container: "old" })).exitCode).toBe(0);
    expect(world.kernel.observedPods("eni")).toHaveLength(1);
    expect((await world.cni("CHECK", "web-0", { container: "new" })).body).toBe("");
    expect(world.agent.node.ledger.reservations().map((held) => held.key.containerId)).toEqual(["new"]);
    expect(address).toMatch(/^10\./);
  });

  test("with two links has two addresses", async () => {
    const world = await aWorld();
    const first = addressOf(await world.add("web"));
    const second = addressOf(await world.add("web", { ifName: "net1" }));
    expect(second).not.toBe(first);
    expect(world.kernel.observedPods("eni")).toHaveLength(2);
  });
});

describe("CHECK", () => {
  test("finds what is missing in the kernel and what differs from ADD's result", async () => {
    const world = await aWorld();
    const result: unknown = JSON.parse((await world.add("web")).body);
    expect(await world.cni("CHECK", "web", { config: { prevResult: result } })).toEqual({ exitCode: 0, body: "" });
    const other = { ips: [{ address: "10.0.9.9/32" }] };
    expect(errorOf(await world.cni("CHECK", "web", { config: { prevResult: other } })).msg).toContain("10.0.9.9/32");
    world.kernel.removeNamespace("/run/netns/web-1");
    expect(errorOf(await world.cni("CHECK", "web")).code).toBe(100);
    expect(errorOf(await world.cni("CHECK", "other")).msg).toContain("no address");
  });
});

describe("GC", () => {
  test("releases what is not listed, and only with a list", async () => {
    const world = await aWorld();
    for (const pod of ["a", "b", "c"]) addressOf(await world.add(pod));
    const holders = () => world.agent.node.ledger.reservations().map((held) => held.owner?.name);
    for (const list of [undefined, null])
      expect(await world.cni("GC", "", { config: { "cni.dev/valid-attachments": list } })).toEqual({ exitCode: 0, body: "" });
    expect(holders()).toEqual(["a", "b", "c"]);
    const valid = [{ containerID: "b-1", ifname: "eth0" }];
    expect((await world.cni("GC", "", { config: { "cni.dev/valid-attachments": valid } })).exitCode).toBe(0);
    expect(holders()).toEqual(["b"]);
    expect(errorOf(await world.cni("GC", "", { config: { "cni.dev/valid-attachments": [{}] } })).code).toBe(7);
    expect(holders()).toEqual(["b"]);
  });
});

describe("a request that is wrong", () => {
  test.each([
    ["config", { config: { name: "" } }, 7],
    ["version", { version: "9.9.9" }, 1],
    ["container", { container: "../x" }, 4],
    ["link", { ifName: "a/b" }, 4],
    ["netns", { netns: undefined }, 4],
  ])("in its %s is refused by its code", async (_, more, code) => {
    const world = await aWorld();
    expect(errorOf(await world.add("web", more)).code).toBe(code);
  });

  test("of CNI_ARGS or JSON is refused too", async () => {
    const { agent } = await aWorld();
    const envelope = {
      command: "ADD",
      containerId: "a",
      netns: "/n",
      ifName: "eth0",
      args: "a",
      config: '{"cniVersion":"1.0.0","name":"n"}',
    };
    expect(errorOf(await agent.serve(envelope)).code).toBe(4);
    expect(errorOf(await agent.serve({ ...envelope, config: "{" })).code).toBe(6);
    expect(errorOf(await agent.serve({ ...envelope, command: "MEND" })).code).toBe(4);
  });
});

describe("the pool", () => {
  test("fills the primary ENI, keeps a spare one, and follows the pods", async () => {
    const world = await aWorld({ env: { WARM_ENI_TARGET: "1" } });
    expect(heldInEc2(world)).toEqual({ enis: 1, addresses: 9, prefixes: 0 });
    addressOf(await world.add("a"));
    await world.clock.advance(10_000);
    expect(heldInEc2(world)).toEqual({ enis: 2, addresses: 18, prefixes: 0 });
    const second = world.cloud.view.attachedEnis(world.instanceId)[1]!;
    expect(second.attachment).toMatchObject({ deviceIndex: 1, deleteOnTermination: true });
    expect(second.tags).toMatchObject({ "node.k8s.amazonaws.com/instance_id": world.instanceId });
    expect(second.description).toBe(`aws-K8S-${world.instanceId}`);
  });

  test("holds prefixes when told to, and serves pods from them", async () => {
    const world = await aWorld({ env: { ENABLE_PREFIX_DELEGATION: "true", WARM_PREFIX_TARGET: "1" }, maxPods: 110 });
    expect(heldInEc2(world)).toEqual({ enis: 1, addresses: 0, prefixes: 1 });
    for (let i = 0; i < 20; i++) {
      addressOf(await world.add(`pod-${i}`));
      await world.clock.advance(200);
    }
    await world.clock.advance(10_000);
    expect(heldInEc2(world)).toEqual({ enis: 1, addresses: 0, prefixes: 3 });
  });

  test("changes its mode at a restart while running pods keep their addresses", async () => {
    const world = await aWorld({ env: { WARM_IP_TARGET: "2" } });
    const before = addressOf(await world.add("old"));
    world.kill();
    await world.start({ ENABLE_PREFIX_DELEGATION: "true", WARM_IP_TARGET: "", WARM_PREFIX_TARGET: "1" });
    await world.clock.advance(120_000);
    expect(heldInEc2(world)).toMatchObject({ addresses: 1, prefixes: 1 });
    expect(addressOf(await world.add("old"))).toBe(before);
    addressOf(await world.add("new"));
  });

  test("no cloud call lies on the way of a pod while an address is free", async () => {
    const world = await aWorld();
    world.ec2.before = () => new Promise<never>(() => undefined);
    addressOf(await world.add("a"));
    addressOf(await world.add("b"));
  });

  test("that is empty lets a pod wait while it grows", async () => {
    const world = await aWorld({ env: { WARM_IP_TARGET: "1", MINIMUM_IP_TARGET: "1" } });
    const started = world.clock.now();
    const answers = Promise.all(["a", "b", "c", "d"].map((pod) => world.add(pod)));
    await world.clock.advance(3_000);
    const addresses = (await answers).map(addressOf);
    expect(new Set(addresses).size).toBe(4);
    expect(world.clock.now() - started).toBe(3_000);
  });

  test("of a full subnet says so to the pod and to the operator, leaves the node ready for the pods that run, and recovers", async () => {
    const world = await aWorld({ subnet: "10.0.1.0/28", env: { WARM_IP_TARGET: "2" } });
    const hog = [];
    for (;;) {
      const made = world.cloud.createEni({ subnetId: world.subnetId }, { now: world.clock.now() });
      if (!made.ok) break;
      hog.push(made.value.id);
    }
    addressOf(await world.add("a"));
    addressOf(await world.add("b"));
    const refused = world.add("c");
    await world.clock.advance(5_000);
    expect(errorOf(await refused)).toMatchObject({
      code: 11,
      details: "NO_FREE_ADDRESS",
      msg: expect.stringContaining(`${world.subnetId} is full`) as string,
    });
    expect((await world.cni("STATUS", "")).exitCode).toBe(0);
    expect(world.faults.some((fault) => fault.code === "SUBNET_FULL")).toBe(true);
    for (const eniId of hog) must(world.cloud.deleteEni({ eniId }, { now: world.clock.now() }));
    await world.clock.advance(60_000);
    addressOf(await world.add("c", { container: "c-2" }));
  });

  test("of a subnet without a free /28 gets a single address, and prefixes come back with the /28", async () => {
    const world = await aWorld({ subnet: "10.0.1.0/25", env: { WARM_IP_TARGET: "1" } });
    world.kill();
    const now = { now: world.clock.now() };
    const hog = Array.from({ length: 8 }, (_, n) => ipv4(`10.0.1.${n * 16 + 9}`)).map(
      (primaryAddress) => must(world.cloud.createEni({ subnetId: world.subnetId, primaryAddress }, now)).id,
    );
    await world.start({ ENABLE_PREFIX_DELEGATION: "true", WARM_IP_TARGET: "2" });
    const pods = Array.from({ length: 12 }, (_, n) => `pod-${n}`);
    for (const pod of pods) {
      const added = world.add(pod);
      await world.clock.advance(2_000);
      addressOf(await added);
    }
    expect(heldInEc2(world)).toEqual({ enis: 2, addresses: 14, prefixes: 0 });
    expect(world.faults.map((fault) => fault.code)).toContain("SUBNET_FRAGMENTED");
    const before = world.agent.node.ledger.reservations();
    for (const eniId of hog) must(world.cloud.deleteEni({ eniId }, { now: world.clock.now() }));
    await world.clock.advance(130_000);
    expect(heldInEc2(world)).toMatchObject({ addresses: 12, prefixes: 1 });
    expect(world.agent.node.ledger.reservations()).toEqual(before);
  });

  test("that EC2 refuses another address of an ENI names the ENI", async () => {
    const world = await aWorld({ env: { MINIMUM_IP_TARGET: "2" } });
    world.ec2.before = (api) => (api === "assignAddresses" ? new Fault("ENI_ADDRESS_LIMIT") : undefined);
    for (const pod of ["a", "b", "c"]) void world.add(pod);
    await world.clock.advance(5_000);
    expect(world.faults.at(-1)?.message).toContain(world.cloud.view.attachedEnis(world.instanceId)[0]!.id);
    await world.clock.advance(10_000);
  });

  test("survives thirty seconds of throttling", async () => {
    const world = await aWorld({ env: { WARM_IP_TARGET: "2" } });
    world.ec2.before = () => new Fault("EC2_THROTTLED", { api: "any" });
    addressOf(await world.add("a"));
    addressOf(await world.add("b"));
    const calls = world.ec2.calls.length;
    const third = world.add("c");
    await world.clock.advance(30_000);
    expect(errorOf(await third).code).toBe(11);
    expect(world.ec2.calls.length - calls).toBeLessThan(20);
    world.ec2.before = () => undefined;
    await world.clock.advance(10_000);
    addressOf(await world.add("c", { container: "c-2" }));
  });

  test("hands back what is not needed, and its ENI too", async () => {
    const world = await aWorld({ env: { WARM_IP_TARGET: "1", MINIMUM_IP_TARGET: "2" } });
    const pods = Array.from({ length: 12 }, (_, i) => `pod-${i}`);
    for (const pod of pods) {
      const added = world.add(pod);
      await world.clock.advance(1_000);
      addressOf(await added);
    }
    expect(heldInEc2(world).enis).toBe(2);
    for (const pod of pods) await world.del(pod);
    await world.clock.advance(300_000);
    expect(heldInEc2(world)).toEqual({ enis: 1, addresses: 2, prefixes: 0 });
    expect(world.cloud.view.enis()).toHaveLength(1);
    expect(world.journal.lines.filter((line) => line.includes("release-eni"))).toHaveLength(1);
  });

  test("goes on when somebody detaches an ENI under a pod while another is handed back", async () => {
    const world = await aWorld({ env: { WARM_IP_TARGET: "1", IP_COOLDOWN_PERIOD: "1" } });
    const pods = new Map<string, string>();
    for (let i = 0; i < 20; i++) {
      const added = world.add(`pod-${i}`);
      await settle();
      await world.clock.advance(3_000);
      pods.set(`pod-${i}`, addressOf(await added));
    }
    const [, second] = world.cloud.view.attachedEnis(world.instanceId);
    world.ec2.before = (api) => {
      if (api !== "detachEni") return undefined;
      world.ec2.before = () => undefined;
      must(world.cloud.detachEni({ attachmentId: second!.attachment!.id }, { now: world.clock.now() }));
      world.kernel.unplugLink("eth1");
      return undefined;
    };
    const stays = second!.secondaryAddresses[0]!;
    for (const [pod, address] of pods) if (address !== `${formatIpv4(stays)}/32`) await world.del(pod);
    await world.clock.advance(600_000);
    expect(heldInEc2(world)).toEqual({ enis: 1, addresses: 1, prefixes: 0 });
    expect(world.agent.node.ledger.reservations().map((held) => held.address)).toEqual([stays]);
    expect(world.agent.sandboxes.journal.openSteps).toEqual([]);
  });

  test("gives no address of an ENI that is detached already, though its end is refused", async () => {
    const world = await aWorld({ env: { WARM_IP_TARGET: "1", IP_COOLDOWN_PERIOD: "1" } });
    const pods = Array.from({ length: 12 }, (_, i) => `pod-${i}`);
    for (const pod of pods) {
      const added = world.add(pod);
      await settle();
      await world.clock.advance(3_000);
      addressOf(await added);
    }
    let isDetached = false;
    world.ec2.before = (api) => {
      if (api === "detachEni") isDetached = true;
      return isDetached && api !== "detachEni" ? new Fault("EC2_UNAUTHORIZED", { api }) : undefined;
    };
    for (const pod of pods) await world.del(pod);
    await world.clock.advance(100_000);
    expect(heldInEc2(world).enis).toBe(1);
    const attached = world.cloud.view.attachedEnis(world.instanceId).flatMap((eni) => eni.secondaryAddresses.map(formatIpv4));
    expect(attached).toContain(addressOf(await world.add("web")).replace("/32", ""));
    world.ec2.before = () => undefined;
    await world.clock.advance(200_000);
    expect(world.cloud.view.enis()).toHaveLength(1);
  });

  test("forgets no address of a hand-back without an answer, though more is handed back meanwhile", async () => {
    const world = await aWorld({ env: { WARM_IP_TARGET: "2", IP_COOLDOWN_PERIOD: "1" } });
    for (const pod of ["a", "b", "c", "d"]) {
      const added = world.add(pod);
      await settle();
      await world.clock.advance(3_000);
      addressOf(await added);
    }
    world.ec2.before = (api) =>
      api === "unassign" || api === "describeEnis" ? new Fault("EC2_UNREACHABLE", { api, detail: "no answer" }) : undefined;
    for (const pod of ["a", "b", "c", "d"]) {
      await world.del(pod);
      await world.clock.advance(60_000);
    }
    world.ec2.before = () => undefined;
    await world.clock.advance(120_000);
    expect(heldInEc2(world).addresses).toBe(2);
    expect(world.agent.node.ledger.counts(world.clock.now())).toMatchObject({ held: 2, free: 2 });
  });

  test("rests while the node is cordoned", async () => {
    const world = await aWorld({ env: { WARM_ENI_TARGET: "0", WARM_IP_TARGET: "1" } });
    world.agent.nodeChanged({ isUnschedulable: true, maxPods: 29, eniConfigName: "default" });
    const before = heldInEc2(world);
    addressOf(await world.add("a"));
    await world.clock.advance(60_000);
    expect(heldInEc2(world)).toEqual(before);
    world.agent.nodeChanged({ isUnschedulable: false, eniConfigName: "default" });
    await settle();
    await world.clock.advance(10_000);
    expect(heldInEc2(world).addresses).toBe(before.addresses + 1);
  });

  test("under custom networking takes pods' addresses from the ENIConfig's subnet, never from the primary ENI", async () => {
    const world = await aWorld({ env: { AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: "true", WARM_IP_TARGET: "2" } });
    const waiting = world.add("a");
    await world.clock.advance(5_000);
    expect(errorOf(await waiting)).toMatchObject({ code: 11, msg: expect.stringContaining("ENIConfig") as string });
    const { vpcId } = world.cloud.view.subnet(world.subnetId)!;
    const pods = must(world.cloud.createSubnet({ vpcId, cidr: cidr4("10.0.64.0/20") }, { now: world.clock.now() }));
    world.eniConfig = () => Promise.resolve({ name: "us-east-1a", subnetId: pods.id, groups: [] });
    await world.clock.advance(20_000);
    expect(addressOf(await world.add("a", { container: "a-2" }))).toMatch(/^10\.0\.64\./);
    expect(world.cloud.view.attachedEnis(world.instanceId)[0]!.secondaryAddresses).toEqual([]);
  });

  test("leaves an ENI that someone detached under its pods alone, and goes on with another", async () => {
    const world = await aWorld({ env: { WARM_ENI_TARGET: "0" } });
    const addAll = async (pods: readonly number[]): Promise<void> => {
      const answers = pods.map((i) => world.add(`pod-${i}`));
      await settle();
      await world.clock.advance(3_000);
      for (const answer of answers) addressOf(await answer);
    };
    await addAll([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    await world.clock.advance(60_000);
    const [, second] = world.cloud.view.attachedEnis(world.instanceId);
    must(world.cloud.detachEni({ attachmentId: second!.attachment!.id }, { now: world.clock.now() }));
    world.kernel.unplugLink("eth1");
    await world.clock.advance(120_000);
    await addAll([11, 12, 13, 14, 15]);
    await world.clock.advance(60_000);
    expect(world.cloud.view.eni(second!.id)?.secondaryAddresses).toEqual(second!.secondaryAddresses);
    expect(heldInEc2(world).enis).toBe(2);
    expect(world.agent.node.hostFault).toBeUndefined();
  });

  test("takes up an ENI that someone else attached, unless it is tagged against it", async () => {
    const world = await aWorld({ env: { WARM_ENI_TARGET: "0" } });
    const now = { now: world.clock.now() };
    const attach = (deviceIndex: number, tags: Readonly<Record<string, string>>): string => {
      const eni = must(world.cloud.createEni({ subnetId: world.subnetId, tags, carry: { addressCount: 2 } }, now));
      must(world.cloud.attachEni({ eniId: eni.id, instanceId: world.instanceId, deviceIndex }, now));
      return eni.id;
    };
    const found = attach(1, {});
    const left = attach(2, { "node.k8s.amazonaws.com/no_manage": "true" });
    await world.clock.advance(70_000);
    const known = world.agent.node.ledger.enis().map((eni) => eni.facts.id as string);
    expect(known).toContain(found);
    expect(known).not.toContain(left);
    expect(world.agent.node.unmanaged.has(left as never)).toBe(true);
    const { attachment } = world.cloud.view.enis().find((eni) => eni.id === left)!;
    must(world.cloud.detachEni({ attachmentId: attachment!.id }, { now: world.clock.now() }));
    await world.clock.advance(70_000);
    expect(world.agent.node.unmanaged.size).toBe(0);
  });

  test("a VPC that grows changes what is translated", async () => {
    const world = await aWorld();
    expect(world.kernel.render()).not.toContain("100.64.0.0/16");
    must(
      world.cloud.associateVpcCidr(
        { vpcId: world.cloud.view.subnet(world.subnetId)!.vpcId, cidr: cidr4("100.64.0.0/16") },
        { now: world.clock.now() },
      ),
    );
    await world.clock.advance(70_000);
    expect(world.kernel.render()).toContain("100.64.0.0/16");
  });
});

describe("a start", () => {
  test("answers code 11, and STATUS 50, until the cloud has told what the node has", async () => {
    const world = await aWorld();
    world.kill();
    world.ec2.before = () => new Fault("EC2_THROTTLED", { api: "DescribeNetworkInterfaces" });
    await world.start();
    expect(errorOf(await world.add("a"))).toMatchObject({ code: 11, details: "AGENT_STARTING" });
    expect(errorOf(await world.cni("STATUS", "")).code).toBe(50);
    expect(world.agent.health()).toMatchObject({ healthy: false });
    world.ec2.before = () => undefined;
    await world.clock.advance(10_000);
    expect(world.agent.health()).toEqual({ healthy: true, text: "serving" });
    addressOf(await world.add("a"));
  });

  test("a stop lets running pods be and refuses new ones", async () => {
    const world = await aWorld();
    addressOf(await world.add("a"));
    await world.agent.stop();
    expect(errorOf(await world.add("b"))).toMatchObject({ code: 11, details: "AGENT_STOPPING" });
    expect(world.kernel.observedPods("eni")).toHaveLength(1);
  });
});
