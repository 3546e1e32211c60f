import { Ledger } from "@slash28/ipam";
import { Fault, type KubeObject, type KubeResource } from "@slash28/ports";
import { createManualClock, createMemoryKube, quietLog } from "@slash28/testkit";
import { describe, expect, test } from "vitest";
import { holdPodsOff, NO_ADDRESS_TAINT, whatIsMissing } from "../src/start/first-address-taint.ts";
import { aWorld } from "./a-world.ts";

const NODES: KubeResource = { group: "", version: "v1", plural: "nodes" };
const OTHER = { key: "dedicated", value: "gpu", effect: "NoSchedule" };

async function aNode(taints: readonly object[] = [OTHER]) {
  const clock = createManualClock();
  const kube = createMemoryKube({ clock });
  await kube.create(NODES, { apiVersion: "v1", kind: "Node", metadata: { name: "n" }, spec: { taints } });
  const state: { why: string | undefined } = { why: "first-address" };
  const options = { kube, clock, nodeName: "n", log: quietLog, whatIsMissing: () => state.why };
  const taintsOf = async (): Promise<unknown> => ((await kube.get(NODES, "n")) as KubeObject & { spec: { taints: unknown } }).spec.taints;
  return { clock, kube, state, options, taintsOf };
}

const ours = (value: string): object => ({ key: NO_ADDRESS_TAINT, value, effect: "NoSchedule" });

describe("a node without an address", () => {
  test("is tainted until the first one is there; other taints stay", async () => {
    const { clock, state, options, taintsOf } = await aNode();
    const { over } = await holdPodsOff(options);
    expect(await taintsOf()).toEqual([OTHER, ours("first-address")]);
    state.why = "ENIConfig.us-east-1b";
    await clock.advance(1_000);
    expect(await taintsOf()).toEqual([OTHER, ours("ENIConfig.us-east-1b")]);
    state.why = undefined;
    await clock.advance(1_000);
    await over;
    expect(await taintsOf()).toEqual([OTHER]);
  });

  test("that has one at its start is not touched, and loses what an earlier agent left", async () => {
    const fresh = await aNode();
    fresh.state.why = undefined;
    await (
      await holdPodsOff(fresh.options)
    ).over;
    expect(fresh.kube.calls).not.toContain("patch nodes");
    const left = await aNode([ours("first-address"), OTHER]);
    left.state.why = undefined;
    await (
      await holdPodsOff(left.options)
    ).over;
    expect(await left.taintsOf()).toEqual([OTHER]);
  });

  test("is served all the same when the API server is away, and the taint follows when it is back", async () => {
    const { clock, kube, state, options, taintsOf } = await aNode([ours("first-address")]);
    state.why = undefined;
    kube.failWith(() => new Fault("KUBE_UNREACHABLE", { detail: "away" }));
    const { over } = await holdPodsOff(options);
    kube.failWith(undefined);
    await clock.advance(6_000);
    await over;
    expect(await taintsOf()).toEqual([]);
  });

  test("is left alone when the agent may not patch it", async () => {
    const { kube, options, taintsOf } = await aNode();
    const refusal = new Fault("KUBE_REFUSED", { verb: "patch", object: "nodes n", status: 403, reason: "Forbidden", detail: "no" });
    kube.failWith((verb) => (verb === "patch" ? refusal : undefined));
    await (
      await holdPodsOff(options)
    ).over;
    kube.failWith(undefined);
    expect(await taintsOf()).toEqual([OTHER]);
  });
});

test("the taint's value names what is missing", async () => {
  const ledger = new Ledger({ kind: "address", cooldownMs: 0 });
  const why = (lastFault: Fault | undefined): string | undefined => whatIsMissing({ ledger, lastFault }, 0);
  expect(why(undefined)).toBe("first-address");
  expect(why(new Fault("ENI_CONFIG_UNUSABLE", { name: "zone/a", detail: "does not exist" }))).toBe("ENIConfig.zone-a");
  expect(why(new Fault("SUBNET_FULL"))).toBe("SUBNET_FULL");
  const world = await aWorld({ env: { WARM_IP_TARGET: "1" } });
  expect(whatIsMissing(world.agent.node, world.clock.now())).toBeUndefined();
});
