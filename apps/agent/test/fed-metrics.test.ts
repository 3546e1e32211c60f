import { ipv4 } from "@slash28/address";
import { Fault } from "@slash28/ports";
import { describe, expect, test } from "vitest";
import { createApiMeter } from "../src/report/api-meter.ts";
import { countedWiring } from "../src/report/connmark-counters.ts";
import { countFailure } from "../src/report/pool-counters.ts";
import { setPoolGauges } from "../src/report/pool-gauges.ts";
import { createProcessMetrics } from "../src/report/process-metrics.ts";
import { createPromMetrics, type PromMetrics } from "../src/report/prom-metrics.ts";
import { createStartupTimer } from "../src/report/startup-timer.ts";
import { addressOf, aWorld, must } from "./a-world.ts";

async function linesOf(metrics: PromMetrics, pattern: RegExp): Promise<readonly string[]> {
  return (await metrics.render()).split("\n").filter((line) => pattern.test(line));
}

describe("what the pool does is counted where it happens", () => {
  test("an action is in progress while it is, and no longer", async () => {
    const world = await aWorld();
    const { series } = world;
    expect(series.get("awscni_ipamd_action_inprogress nodeInit")).toEqual([1, 0]);
    expect(series.get("awscni_ipamd_action_inprogress increaseDatastorePool")?.slice(0, 2)).toEqual([1, 0]);
    await world.clock.advance(31_000);
    expect(series.get("awscni_ipamd_action_inprogress nodeIPPoolReconcile")).toEqual([1, 0]);
    await world.start({ WARM_IP_TARGET: "1" });
    await world.clock.advance(120_000);
    expect(series.get("awscni_ipamd_action_inprogress decreaseDatastorePool")?.at(-1)).toBe(0);
    for (const [name, values] of series)
      if (name.includes("action_inprogress")) expect({ name, last: values.at(-1) }).toEqual({ name, last: 0 });
  });

  test("an address that EC2 takes from a pod counts once, however often it is looked at", async () => {
    const world = await aWorld();
    const [address = ""] = addressOf(await world.add("a")).split("/");
    const [eni] = world.cloud.view.attachedEnis(world.instanceId);
    must(world.cloud.unassignAddresses({ eniId: eni!.id, addresses: [ipv4(address)] }, { now: world.clock.now() }));
    await world.clock.advance(300_000);
    expect(world.series.get("awscni_force_removed_ips")).toEqual([1]);
    expect(world.series.get("awscni_force_removed_enis")).toBeUndefined();
  });

  test("an ENI that is taken from running pods counts, with the addresses that they keep", async () => {
    const world = await aWorld();
    for (let i = 0; i < 12; i++) {
      await world.add(`p${i}`);
      await world.clock.advance(2_000);
    }
    const second = world.cloud.view.attachedEnis(world.instanceId).find((eni) => eni.attachment?.deviceIndex === 1);
    must(world.cloud.detachEni({ attachmentId: second!.attachment!.id }, { now: world.clock.now() }));
    await world.clock.advance(120_000);
    expect(world.series.get("awscni_force_removed_enis")).toEqual([1]);
    expect(world.series.get("awscni_force_removed_ips")).toEqual([3]);
  });

  test("an address that EC2 takes from the pool counts as reconciled away, one that it adds as reconciled in", async () => {
    const world = await aWorld({ env: { WARM_IP_TARGET: "3" } });
    const [eni] = world.cloud.view.attachedEnis(world.instanceId);
    const [free] = eni!.secondaryAddresses;
    must(world.cloud.unassignAddresses({ eniId: eni!.id, addresses: [free!] }, { now: world.clock.now() }));
    await world.clock.advance(120_000);
    expect(world.series.get("awscni_reconcile_count eniIPPoolReconcileDel")).toEqual([1]);
    must(world.cloud.assignAddresses({ eniId: eni!.id, carry: { addressCount: 2 } }, { now: world.clock.now() }));
    await world.clock.advance(120_000);
    expect(world.series.get("awscni_reconcile_count eniDataStorePoolReconcileAdd")?.[0]).toBeGreaterThanOrEqual(2);
  });

  test.each([
    ["assign-addresses", "SUBNET_FULL", {}, ["increaseIPPoolAllocIPAddressesFailed"]],
    ["assign-prefixes", "SUBNET_FRAGMENTED", {}, ["increaseIPPoolAllocIPAddressesFailed"]],
    ["create-eni", "INSTANCE_ENI_LIMIT", {}, ["increaseIPPoolAllocENI"]],
    [
      "create-eni",
      "EC2_FAILED",
      { code: "NoLink" },
      ["increaseIPPoolAllocENI", "increaseIPPoolwaitENIAttachedFailed", "waitENIAttachedMaxRetryExceeded"],
    ],
    ["create-eni", "KERNEL_REFUSED", {}, ["increaseIPPoolAllocENI", "increaseIPPoolsetupENIFailed"]],
    ["unassign", "EC2_THROTTLED", {}, ["decreaseIPPool"]],
    ["release-eni", "EC2_FAILED", {}, ["decreaseIPPoolFreeENIFailed"]],
    ["release-eni", "KERNEL_REFUSED", {}, ["decreaseIPPoolFreeENIFailed", "freeENIDeleteRulesFailed"]],
  ] as const)("%s stopped by %s", async (step, code, fields, expected) => {
    const metrics = createPromMetrics();
    countFailure(metrics, step, new Fault(code, fields));
    const lines = await linesOf(metrics, /^awscni_ipamd_error_count\{/);
    expect(lines.toSorted()).toEqual(expected.map((fn) => `awscni_ipamd_error_count{fn="${fn}"} 1`));
  });
});

describe("the text", () => {
  test("has series that are known beforehand from the start", async () => {
    const lines = await linesOf(createPromMetrics(), /^awscni_(connmark|pod_eni|force|ipamd_action)/);
    expect(lines).toContain('awscni_connmark_reconcile_total{result="error"} 0');
    expect(lines).toContain('awscni_pod_eni_error_count{fn="nodeInit"} 0');
    expect(lines).toContain("awscni_force_removed_enis 0");
    expect(lines).toContain('awscni_ipamd_action_inprogress{fn="nodeInit"} 0');
  });

  test("tells how the host's rules were brought in line", async () => {
    const metrics = createPromMetrics();
    countedWiring(metrics, () => undefined);
    expect(() =>
      countedWiring(metrics, () => {
        throw new Fault("KERNEL_REFUSED", { errno: "EPERM", doing: "it" });
      }),
    ).toThrow(Fault);
    expect(await linesOf(metrics, /^awscni_connmark/)).toEqual([
      'awscni_connmark_backend{backend="iptables"} 0',
      'awscni_connmark_backend{backend="nftables"} 1',
      'awscni_connmark_reconcile_total{result="success"} 1',
      'awscni_connmark_reconcile_total{result="error"} 1',
    ]);
  });

  test("lists the blocks that pods use now, not all there ever were", async () => {
    const world = await aWorld({ env: { IP_COOLDOWN_PERIOD: "1" } });
    const metrics = createPromMetrics();
    for (let i = 0; i < 30; i++) {
      await world.add(`p${i}`);
      setPoolGauges(metrics, world.agent.node, world.agent.sandboxes, world.clock.now());
      await world.del(`p${i}`);
      await world.clock.advance(2_000);
    }
    await world.add("last");
    setPoolGauges(metrics, world.agent.node, world.agent.sandboxes, world.clock.now());
    expect(await linesOf(metrics, /^awscni_assigned_ip_per_cidr\{/)).toHaveLength(1);
  });

  test("counts calls under codes that EC2 has, whatever an answer says", async () => {
    const metrics = createPromMetrics();
    const meter = createApiMeter(metrics, { happened: () => undefined, over: () => undefined });
    for (const code of ["InvalidSubnetID.NotFound", "<html>", "x".repeat(80), "a b"])
      meter({ api: "CreateTags", latencyMs: 1, code, failed: true });
    expect(await linesOf(metrics, /^awscni_aws_utils_error_count\{/)).toEqual([
      'awscni_aws_utils_error_count{fn="CreateTags",error="InvalidSubnetID.NotFound"} 1',
      'awscni_aws_utils_error_count{fn="CreateTags",error="other"} 3',
    ]);
  });

  test("tells how long the start took, also one that failed", async () => {
    const metrics = createPromMetrics();
    const timer = createStartupTimer(metrics, () => true);
    await expect(timer.initialize(() => Promise.reject(new Fault("JOURNAL_UNREADABLE")))).rejects.toThrow(Fault);
    await timer.initialize(async () => undefined);
    timer.serving();
    expect(await linesOf(metrics, /^awscni_ipamd_(startup|node_init).*_count/)).toEqual([
      'awscni_ipamd_startup_duration_seconds_count{success="false",with_api_server="true",failure_reason="node_initialization"} 1',
      'awscni_ipamd_startup_duration_seconds_count{success="true",with_api_server="true",failure_reason=""} 1',
      'awscni_ipamd_node_initialization_duration_seconds_count{success="false"} 1',
      'awscni_ipamd_node_initialization_duration_seconds_count{success="true"} 1',
    ]);
  });

  test("tells of the process", async () => {
    const metrics = createPromMetrics();
    const update = createProcessMetrics(metrics);
    const cpu = async (): Promise<number> => Number((await linesOf(metrics, /^process_cpu_seconds_total /))[0]?.split(" ")[1]);
    update();
    const before = await cpu();
    for (let i = 0, text = ""; i < 200_000; i++) text = `${text}${i}`.slice(-100);
    update();
    expect(await cpu()).toBeGreaterThan(before);
    for (const line of await linesOf(metrics, /^(process|nodejs)_/)) expect(Number(line.split(" ")[1])).toBeGreaterThan(0);
  });
});
