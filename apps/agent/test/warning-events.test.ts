import { RESOURCES, type KubeEvent } from "@slash28/kube";
import { Fault, type FaultCode, type FaultFields } from "@slash28/ports";
import { createManualClock, createMemoryJournal, createMemoryKube, quietLog } from "@slash28/testkit";
import { parseSettings } from "@slash28/ipam";
import { describe, expect, test } from "vitest";
import { createApiMeter } from "../src/report/api-meter.ts";
import { createWarningEvents, EVENTS, type OperatorEvent } from "../src/report/warning-events.ts";
import { watchedJournal } from "../src/report/watched-journal.ts";
import { followKube } from "../src/start/kube-side.ts";
import { must, aWorld } from "./a-world.ts";

const MINUTE = 60_000;

function aListener() {
  const clock = createManualClock();
  const told: OperatorEvent[] = [];
  const state = { listens: true };
  const events = createWarningEvents((event) => {
    if (state.listens) told.push(event);
    return state.listens;
  }, clock);
  return { clock, told, state, events, reasons: () => told.map(({ reason }) => reason) };
}

const SUBNET = { subnet: "subnet-1" };

describe("an operator", () => {
  test("hears of a state once, and again every five minutes while it lasts", async () => {
    const { clock, events, told } = aListener();
    for (let minute = 0; minute < 12; minute++) {
      events.happened(new Fault("SUBNET_FULL", SUBNET));
      await clock.advance(MINUTE);
    }
    expect(told).toHaveLength(3);
    expect(new Set(told.map(({ message }) => message)).size).toBe(1);
  });

  test("hears of two subnets, two calls and two kinds as states of their own", () => {
    const { events, told } = aListener();
    const faults: readonly (readonly [FaultCode, FaultFields])[] = [
      ["SUBNET_FULL", SUBNET],
      ["SUBNET_FULL", { subnet: "subnet-2" }],
      ["SUBNET_FRAGMENTED", SUBNET],
      ["EC2_UNAUTHORIZED", { api: "CreateTags" }],
      ["EC2_UNAUTHORIZED", { api: "DeleteNetworkInterface" }],
    ];
    for (const [code, fields] of [...faults, ...faults]) events.happened(new Fault(code, fields));
    expect(told.map(({ reason, action }) => [reason, action])).toEqual([
      ["InsufficientFreeAddresses", undefined],
      ["InsufficientFreeAddresses", undefined],
      ["InsufficientCidrBlocks", undefined],
      ["MissingIAMPermissions", "ec2:CreateTags"],
      ["MissingIAMPermissions", "ec2:DeleteNetworkInterface"],
    ]);
  });

  test("hears of what mends itself only when it lasts", async () => {
    const { clock, events, reasons } = aListener();
    const throttled = () => events.happened(new Fault("EC2_THROTTLED", { api: "CreateNetworkInterface" }));
    for (let i = 0; i < 3; i++) {
      throttled();
      await clock.advance(40_000);
      events.over("EC2_THROTTLED", "CreateNetworkInterface");
    }
    expect(reasons()).toEqual([]);
    throttled();
    await clock.advance(MINUTE);
    throttled();
    expect(reasons()).toEqual(["EC2Throttled"]);
  });

  test("hears when it is over, if they heard of it", async () => {
    const { events, told } = aListener();
    events.over("SUBNET_FULL", "subnet-1");
    events.happened(new Fault("SUBNET_FULL", SUBNET));
    events.over("SUBNET_FULL", "subnet-2");
    expect(told).toHaveLength(1);
    events.over("SUBNET_FULL", "subnet-1");
    events.over("SUBNET_FULL", "subnet-1");
    expect(told.slice(1)).toEqual([
      { type: "Normal", reason: "InsufficientFreeAddressesResolved", message: "subnet-1 gives addresses again" },
    ]);
    events.happened(new Fault("SUBNET_FULL", SUBNET));
    expect(told).toHaveLength(3);
  });

  test("hears of what began before anybody listened", async () => {
    const { events, told, state } = aListener();
    state.listens = false;
    events.happened(new Fault("SUBNET_FULL", SUBNET));
    state.listens = true;
    events.happened(new Fault("SUBNET_FULL", SUBNET));
    expect(told).toHaveLength(1);
  });

  test("is not bothered with faults that mend themselves or are a caller's", () => {
    const { events, told } = aListener();
    for (const code of ["NO_FREE_ADDRESS", "ENI_GONE", "BAD_REQUEST", "AGENT_STARTING"] as const) events.happened(new Fault(code));
    expect(told).toEqual([]);
  });

  test("is told by one word and a sentence that names the object", () => {
    for (const [code, spec] of Object.entries(EVENTS)) {
      expect(spec.reason).toMatch(/^[A-Z][A-Za-z0-9]+$/);
      const fields = { subnet: "it", api: "it", instance: "it", path: "it", name: "it", tool: "it" };
      expect(new Fault(code as FaultCode, fields).message).toContain(spec.of(fields));
    }
  });
});

describe("what is heard of", () => {
  test("a call that the role may not make, and that it may again, whoever makes it", () => {
    const { events, told } = aListener();
    const metrics = { add: () => undefined, set: () => undefined, observe: () => undefined };
    const meter = createApiMeter(metrics, events);
    const call = (api: string, code: string) => meter({ api, latencyMs: 1, code, failed: code !== "200" });
    call("CreateTags", "200");
    call("CreateTags", "UnauthorizedOperation");
    call("DescribeSubnets", "200");
    expect(told).toEqual([expect.objectContaining({ type: "Warning", action: "ec2:CreateTags" })]);
    call("CreateTags", "200");
    expect(told[1]).toMatchObject({ type: "Normal", reason: "MissingIAMPermissionsResolved" });
  });

  test("a journal that cannot be written, and that can again", async () => {
    const { events, reasons } = aListener();
    const journal = createMemoryJournal();
    const watched = watchedJournal(journal, "memory", events);
    journal.state = "broken";
    await expect(watched.append("a")).rejects.toThrow(Fault);
    await expect(watched.rewrite([])).rejects.toThrow(Fault);
    journal.state = "well";
    await watched.append("b");
    expect(reasons()).toEqual(["JournalFailed", "JournalFailedResolved"]);
  });

  test("a subnet that is full and then is not", async () => {
    const world = await aWorld({ subnet: "10.0.1.0/28", type: "m5.xlarge", env: { WARM_IP_TARGET: "9" } });
    const neighbour = must(world.cloud.createEni({ subnetId: world.subnetId }, { now: world.clock.now() }));
    await world.add("a");
    await world.clock.advance(30_000);
    const full = `SUBNET_FULL ${world.subnetId}`;
    expect(world.faults.map(({ code, fields }) => `${code} ${fields["subnet"]}`)).toContain(full);
    world.over.length = 0;
    must(world.cloud.deleteEni({ eniId: neighbour.id }, { now: world.clock.now() }));
    await world.clock.advance(300_000);
    expect(world.over).toContain(full);
  });
});

test("an event stands on the node and on the agent's pod, and counts up instead of multiplying", async () => {
  const clock = createManualClock();
  const kube = createMemoryKube({ clock });
  await kube.create(RESOURCES.nodes, { apiVersion: "v1", kind: "Node", metadata: { name: "n1" } });
  await kube.create(RESOURCES.pods, { apiVersion: "v1", kind: "Pod", metadata: { name: "aws-node-1", namespace: "kube-system" } });
  const onBug = (cause: unknown): void => {
    throw cause;
  };
  const { settings } = parseSettings({});
  const side = followKube({
    kube,
    nodeName: "n1",
    podName: "aws-node-1",
    clock,
    random: () => 0.5,
    log: quietLog,
    enis: settings.enis,
    onBug,
  });
  const heard: boolean[] = [];
  side.onNode(({ isUnschedulable }) => void heard.push(isUnschedulable));
  await side.ready(1_000);
  const events = createWarningEvents((event) => {
    side.tell(event);
    return true;
  }, clock);
  for (let i = 0; i < 3; i++) {
    events.happened(new Fault("EC2_UNAUTHORIZED", { api: "CreateTags" }));
    await clock.advance(5 * MINUTE);
  }
  const { items } = await kube.list<KubeEvent>(RESOURCES.events);
  const said = items.map(({ involvedObject, reason, action, count }) => `${involvedObject["kind"]} ${reason} ${action} ${count}`);
  expect(said.toSorted()).toEqual(["Node", "Pod"].map((kind) => `${kind} MissingIAMPermissions ec2:CreateTags 3`));
  expect(heard).toEqual([false]);
  const stopped = side.stop();
  await clock.advance(MINUTE);
  await stopped;
});
