import { cidr4, type SubnetId } from "@slash28/address";
import { expect, test } from "vitest";
import { createGate, type Attempt, type Gate } from "../../src/aws/index.ts";
import { faultOrderSchema, type FaultOrder } from "../../src/control/index.ts";
import { NO_STATE } from "../../src/state/index.ts";
import { createEventBook } from "../../src/supervisor/event-book.ts";
import { actionMatcher } from "../../src/supervisor/faults/aws-faults.ts";
import { createFaults, removeFaultEnis, type Faults } from "../../src/supervisor/faults/index.ts";
import type { NodeUnderFault } from "../../src/supervisor/faults/node-faults.ts";
import { aLabCloud, aLog, aManualClock, anInstance, given, type LabCloud, type ManualClock } from "../aws/lab-cloud.ts";

const NODE = "ip-10-0-0-4.ec2.internal";

interface Bench extends LabCloud {
  readonly clock: ManualClock;
  readonly gate: Gate;
  readonly faults: Faults;
  readonly told: () => readonly string[];
  /** What was done to the node, to the fabric and to the API, in order. */
  readonly deeds: string[];
}

function aBench(): Bench {
  const lab = aLabCloud();
  const clock = aManualClock();
  const gate = createGate(clock);
  const events = createEventBook(clock, NO_STATE.log("events"));
  const deeds: string[] = [];
  const node: NodeUnderFault = {
    instanceId: lab.instanceId,
    spec: { name: NODE },
    connection: { cut: () => void deeds.push("kubelet cut"), mend: () => void deeds.push("kubelet mended") },
    metadata: { freeze: () => void deeds.push("frozen"), thaw: () => void deeds.push("thawed") },
  };
  const faults = createFaults({
    cloud: lab.cloud,
    clock,
    log: aLog(),
    events,
    gate,
    clusterOf: (name = "own") => {
      if (name !== "own") throw new Error(`there is no cluster ${name}; there is own`);
      const api = { down: async () => void deeds.push("api down"), up: async () => void deeds.push("api up") };
      return { name, nodes: [node], api };
    },
    changed: () => undefined,
    cutInstances: (instances) => void deeds.push(`cut ${[...instances].join(" ")}`),
  });
  return { ...lab, clock, gate, faults, told: () => events.all().map(({ kind, message }) => `${kind} ${message}`), deeds };
}

const order = (value: unknown): FaultOrder => faultOrderSchema.parse(value);

function attempt(action: string, service = "ec2"): Attempt {
  return { service, action, mutates: false, caller: undefined, sessionToken: undefined, input: {} };
}

async function refusal(gate: Gate, what: Attempt): Promise<string> {
  return gate.pass(what).then(
    () => "passed",
    (error: { readonly code: string }) => error.code,
  );
}

test("a throttle holds to its last moment, and until it is cleared", async () => {
  const { faults, gate, clock } = aBench();
  await faults.order(order({ kind: "throttle", seconds: 30 }));
  await clock.advance(29_999);
  expect(await refusal(gate, attempt("DescribeSubnets"))).toBe("RequestLimitExceeded");
  await clock.advance(1);
  expect(await refusal(gate, attempt("DescribeSubnets"))).toBe("passed");
  await faults.order(order({ kind: "throttle", seconds: 90 }));
  await faults.clear();
  expect(await refusal(gate, attempt("DescribeSubnets"))).toBe("passed");
});

test("a throttle refuses EC2 until its time, says how often, and lets others pass", async () => {
  const { faults, gate, clock, told } = aBench();
  const fault = await faults.order(order({ kind: "throttle", seconds: 30 }));
  expect(fault).toMatchObject({ id: "fault-1", kind: "throttle", until: "2030-01-31T12:00:30.000Z" });
  expect(await refusal(gate, attempt("DescribeSubnets"))).toBe("RequestLimitExceeded");
  expect(await refusal(gate, attempt("GetCallerIdentity", "sts"))).toBe("passed");
  await clock.advance(30_000);
  expect(await refusal(gate, attempt("DescribeSubnets"))).toBe("passed");
  expect(faults.all()).toEqual([]);
  expect(told()).toEqual(["fault-ordered throttle: ec2:* refused for being too many", "fault-ended throttle is over: 1 call met it"]);
});

test("clearing ends a fault at once, and its time then changes nothing", async () => {
  const { faults, gate, clock, told } = aBench();
  await faults.order(order({ kind: "throttle", seconds: 30 }));
  await faults.order(order({ kind: "latency", seconds: 60, delayMs: 10 }));
  expect((await faults.clear("fault-1")).map(({ id }) => id)).toEqual(["fault-1"]);
  expect(faults.all().map(({ id }) => id)).toEqual(["fault-2"]);
  await expect(faults.clear("fault-1")).rejects.toThrow("no fault fault-1 is in force");
  await faults.clear();
  await clock.advance(60_000);
  expect(await refusal(gate, attempt("DescribeSubnets"))).toBe("passed");
  expect(told().filter((line) => line.startsWith("fault-ended"))).toHaveLength(2);
});

test("a share of the calls fails, evenly", async () => {
  const { faults, gate } = aBench();
  await faults.order(order({ kind: "fail", seconds: 60, actions: "ec2:Attach*", percent: 40, code: "InternalError" }));
  const answers: string[] = [];
  for (let call = 0; call < 10; call++) answers.push(await refusal(gate, attempt("AttachNetworkInterface")));
  expect(answers.filter((code) => code === "InternalError")).toHaveLength(4);
  expect(await refusal(gate, attempt("DetachNetworkInterface"))).toBe("passed");
});

test("a denied action is refused as its service refuses", async () => {
  const { faults, gate } = aBench();
  await faults.order(order({ kind: "deny-permission", seconds: 60, actions: "*:Create*" }));
  expect(await refusal(gate, attempt("CreateNetworkInterface"))).toBe("UnauthorizedOperation");
  expect(await refusal(gate, attempt("CreateCluster", "eks"))).toBe("AccessDenied");
});

test("latency holds a call back", async () => {
  const { faults, gate, clock } = aBench();
  await faults.order(order({ kind: "latency", seconds: 60, delayMs: 3_000, actions: "AssignPrivateIpAddresses" }));
  let passed = false;
  const passing = gate.pass(attempt("AssignPrivateIpAddresses")).then(() => (passed = true));
  await clock.advance(2_999);
  expect(passed).toBe(false);
  await clock.advance(1);
  await passing;
});

test.each([
  ["ec2:Describe*", "ec2", "DescribeSubnets", true],
  ["ec2:describe*", "ec2", "DescribeSubnets", true],
  ["Describe*", "eks", "DescribeCluster", true],
  ["*", "sts", "AssumeRole", true],
  ["ec2:Describe?", "ec2", "DescribeSubnets", false],
  ["eks:*", "ec2", "DescribeSubnets", false],
])("%s is %s:%s: %s", (pattern, service, action, expected) => {
  expect(actionMatcher(pattern)({ service, action })).toBe(expected);
});

test("a full subnet has exactly what it is left, and gets everything back", async () => {
  const { faults, cloud, subnets } = aBench();
  const free = (): number | undefined => cloud.view.subnet(subnets[0])?.freeAddresses;
  const before = free();
  const fault = await faults.order(order({ kind: "fill-subnet", subnet: subnets[0], seconds: 60, leave: 3 }));
  expect(free()).toBe(3);
  expect(fault.detail).toContain("3 left");
  await faults.clear(fault.id);
  expect(free()).toBe(before);
});

test("a fragmented subnet has addresses and no prefix", async () => {
  const { faults, cloud, subnets } = aBench();
  const usage = () => cloud.view.subnetUsage(subnets[1]);
  const before = usage();
  const fault = await faults.order(order({ kind: "fragment-subnet", subnet: subnets[1], seconds: 60 }));
  // A /24 has 14 whole /28 between the first, with AWS's own addresses, and the last.
  expect(usage()).toMatchObject({ freePrefixes: 0, free: (before?.free ?? 0) - 16 });
  await faults.clear(fault.id);
  expect(usage()).toEqual(before);
});

test("what a lab that crashed under a fault left in its subnets is taken away", async () => {
  const { faults, cloud, subnets } = aBench();
  const before = cloud.view.enis().length;
  await faults.order(order({ kind: "fill-subnet", subnet: subnets[0], seconds: 60 }));
  removeFaultEnis({ cloud, now: () => 0, changed: () => undefined });
  expect(cloud.view.enis()).toHaveLength(before);
});

test("an ENI is deleted under its addresses, but not a primary one", async () => {
  const { faults, cloud, subnets, instanceId } = aBench();
  const call = { now: 0 };
  const eni = given(cloud.createEni({ subnetId: subnets[0], carry: { addressCount: 5 } }, call));
  given(cloud.attachEni({ eniId: eni.id, instanceId, deviceIndex: 1 }, call));
  const fault = await faults.order(order({ kind: "delete-eni", eni: eni.id }));
  expect(fault.detail).toContain(`with 5 addresses for pods, taken off ${instanceId}`);
  expect(cloud.view.eni(eni.id)).toBeUndefined();
  expect(faults.all()).toEqual([]);
  const primary = cloud.view.attachedEnis(instanceId)[0]?.id ?? "";
  await expect(faults.order(order({ kind: "delete-eni", eni: primary }))).rejects.toThrow("primary ENI");
  await expect(faults.order(order({ kind: "delete-eni", eni: "eni-00000000000000000" }))).rejects.toThrow("there is no ENI");
});

test("a node that is cut twice is mended when both are over", async () => {
  const { faults, deeds, instanceId } = aBench();
  await faults.order(order({ kind: "cut-node", node: NODE, seconds: 60 }));
  await faults.order(order({ kind: "cut-node", node: instanceId, seconds: 60 }));
  await faults.clear("fault-1");
  expect(deeds).toEqual([`cut ${instanceId}`, "kubelet cut", `cut ${instanceId}`, "kubelet cut", `cut ${instanceId}`]);
  await faults.clear("fault-2");
  expect(deeds.slice(5)).toEqual(["cut ", "kubelet mended"]);
});

test("a stopped node is started again, unless somebody ended it", async () => {
  const { faults, cloud, instanceId, subnets } = aBench();
  await faults.order(order({ kind: "stop-node", node: NODE, seconds: 60 }));
  expect(cloud.view.instance(instanceId)?.state).toBe("stopped");
  await faults.clear();
  expect(cloud.view.instance(instanceId)?.state).toBe("running");
  await faults.order(order({ kind: "stop-node", node: NODE, seconds: 60 }));
  given(cloud.terminateInstances({ instanceIds: [instanceId] }, { now: 0 }));
  await faults.clear();
  expect(cloud.view.instance(instanceId)?.state).toBe("terminated");
  expect(anInstance(cloud, subnets[0]).state).toBe("running");
});

test("the metadata service and the API come back when the fault is over", async () => {
  const { faults, clock, deeds } = aBench();
  await faults.order(order({ kind: "stale-imds", seconds: 5 }));
  await faults.order(order({ kind: "api-server-down", seconds: 10 }));
  await clock.advance(10_000);
  expect(deeds).toEqual(["frozen", "api down", "thawed", "api up"]);
});

test("what is not there cannot be hurt, and nothing is recorded", async () => {
  const { faults, told } = aBench();
  await expect(faults.order(order({ kind: "cut-node", node: "nobody", seconds: 5 }))).rejects.toThrow(
    `there is no node nobody in own; there is ${NODE}. For a node of another cluster add --cluster`,
  );
  await expect(faults.order(order({ kind: "fill-subnet", subnet: "subnet-00000000", seconds: 5 }))).rejects.toThrow("there is no subnet");
  expect(told()).toEqual([]);
});

test.each([
  { kind: "throttle" },
  { kind: "throttle", seconds: 0 },
  { kind: "throttle", seconds: 3_601 },
  { kind: "throttle", seconds: 10, actions: "ec2:$(reboot)" },
  { kind: "latency", seconds: 10 },
  { kind: "fail", seconds: 10, percent: 101 },
  { kind: "fill-subnet", seconds: 10, subnet: "../etc" },
  { kind: "stop-node", seconds: 10 },
  { kind: "meteor", seconds: 10 },
  { kind: "cut-node", node: "n", seconds: 10, extra: true },
])("$kind with wrong fields is no order", (wrong) => {
  expect(faultOrderSchema.safeParse(wrong).success).toBe(false);
});

test("nodes and API are those of the cluster that is named", async () => {
  const { faults, deeds } = aBench();
  for (const ordered of [
    { kind: "cut-node", node: NODE },
    { kind: "stop-node", node: NODE },
    { kind: "stale-imds" },
    { kind: "api-server-down" },
  ]) {
    const of = (cluster: string): Promise<unknown> => faults.order(order({ ...ordered, seconds: 5, cluster }));
    await expect(of("other")).rejects.toThrow("there is no cluster other; there is own");
    expect(deeds).toEqual([]);
    await of("own");
    await faults.clear();
    deeds.length = 0;
  }
  expect((await faults.order(order({ kind: "api-server-down", seconds: 5 }))).detail).toBe(
    "the Kubernetes API of own accepts no connection",
  );
});

test("filling is all or nothing: over the account's quota the subnet is as before", async () => {
  const lab = aLabCloud({ quotas: { enis: 4 } });
  const call = { now: 0 };
  const wide = given(lab.cloud.createSubnet({ vpcId: lab.vpcId, cidr: cidr4("10.0.8.0/21") }, call)).id;
  const clock = aManualClock();
  const faults = createFaults({
    cloud: lab.cloud,
    clock,
    log: aLog(),
    events: createEventBook(clock, NO_STATE.log("events")),
    gate: createGate(clock),
    clusterOf: () => ({ name: "own", nodes: [], api: { down: () => Promise.resolve(), up: () => Promise.resolve() } }),
    changed: () => undefined,
    cutInstances: undefined,
  });
  const free = (id: SubnetId): number | undefined => lab.cloud.view.subnet(id)?.freeAddresses;
  const before = free(wide);
  await expect(faults.order(order({ kind: "fill-subnet", subnet: wide, seconds: 60 }))).rejects.toThrow("NetworkInterfaceLimitExceeded");
  expect(free(wide)).toBe(before);
});
