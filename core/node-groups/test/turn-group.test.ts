import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  EVICTION_TIMEOUT_MS,
  JOIN_TIMEOUT_MS,
  LEAVE_TIMEOUT_MS,
  turnGroup,
  unavailableMax,
  type Nodegroup,
  type NodeView,
  type UpdateConfig,
} from "../src/index.ts";
import { anActiveGroup, NOW } from "./a-group.ts";

let made = 0;

function aNode(node: Partial<NodeView> = {}): NodeView {
  const id = String(++made).padStart(4, "0");
  return {
    instanceId: `i-${id}`,
    zone: "us-east-1a",
    launchedAt: NOW,
    launchVersion: 1,
    nodeName: `node-${id}`,
    isReady: true,
    isCordoned: false,
    podsToMove: 0,
    problems: [],
    ...node,
  };
}

function aRoll(group: Nodegroup, isForced = false): Nodegroup {
  const { launch } = group;
  return {
    ...group,
    status: "UPDATING",
    launch: { ...launch!, version: 2, current: [2] },
    updates: [{ id: "u", status: "InProgress", type: "VersionUpdate", params: [], createdAt: NOW, errors: [] }],
    work: { kind: "roll", updateId: "u", isForced, isPrepared: true, before: { launch: launch!, version: "1.35", releaseVersion: "r" } },
  };
}

describe("a new group", () => {
  const creating: Nodegroup = { ...anActiveGroup(), status: "CREATING", work: { kind: "create" } };

  test("is ACTIVE once all its nodes are ready", () => {
    expect(turnGroup(creating, { nodes: [], now: NOW }).actions).toEqual([{ kind: "launch", count: 2 }]);
    const half = turnGroup(creating, { nodes: [aNode(), aNode({ isReady: false })], now: NOW });
    expect([half.group?.status, half.actions]).toEqual(["CREATING", []]);
    const { group } = turnGroup(creating, { nodes: [aNode(), aNode()], now: NOW });
    expect(group).toMatchObject({ status: "ACTIVE" });
    expect(group?.work).toBeUndefined();
  });

  test("fails with the reason when a node's user data cannot start it, when EC2 launches nothing, or when nodes do not come", () => {
    const why = "the user data never calls /etc/eks/bootstrap.sh";
    const { group } = turnGroup(creating, { nodes: [aNode({ isReady: false, problems: [why] })], now: NOW });
    expect(group).toMatchObject({
      status: "CREATE_FAILED",
      health: [{ code: "NodeCreationFailure", message: `Instances failed to join the kubernetes cluster: ${why}` }],
    });
    const launchFault = { code: "VcpuLimitExceeded", message: "No." };
    expect(turnGroup(creating, { nodes: [], launchFault, now: NOW }).group?.health).toMatchObject([{ code: "AsgInstanceLaunchFailures" }]);
    const full = { code: "InsufficientFreeAddressesInSubnet", message: "Full." };
    expect(turnGroup(creating, { nodes: [], launchFault: full, now: NOW }).group?.health).toMatchObject([
      { code: "InsufficientFreeAddresses" },
    ]);
    const { nodeName: _none, ...late } = aNode({ isReady: false });
    expect(turnGroup(creating, { nodes: [late], now: NOW + JOIN_TIMEOUT_MS }).group?.status).toBe("CREATE_FAILED");
  });
});

describe("a group at rest", () => {
  test("replaces a node that ended, and sheds the one of the fuller zone when there are too many", () => {
    const group = anActiveGroup();
    expect(turnGroup(group, { nodes: [aNode()], now: NOW }).actions).toEqual([{ kind: "launch", count: 1 }]);
    const nodes = [aNode({ zone: "us-east-1b" }), aNode({ podsToMove: 2 }), aNode({ podsToMove: 1 })];
    const { actions, group: after } = turnGroup(group, { nodes, now: NOW });
    expect(actions).toEqual([{ kind: "drain", instanceId: nodes[1]!.instanceId, isForced: false }]);
    const emptied = nodes.map((node, index) => (index === 1 ? { ...node, podsToMove: 0, isCordoned: true } : node));
    expect(turnGroup(after!, { nodes: emptied, now: NOW }).actions).toEqual([{ kind: "terminate", instanceId: nodes[1]!.instanceId }]);
    const stubborn = nodes.map((node, index) => (index === 1 ? { ...node, isCordoned: true } : node));
    expect(turnGroup(after!, { nodes: stubborn, now: NOW + LEAVE_TIMEOUT_MS }).actions).toMatchObject([{ kind: "terminate" }]);
  });

  test("says while it cannot launch, and is well again after", () => {
    const launchFault = { code: "InsufficientFreeAddressesInSubnet", message: "Full." };
    const sick = turnGroup(anActiveGroup(), { nodes: [aNode()], launchFault, now: NOW }).group!;
    expect(sick).toMatchObject({ status: "DEGRADED", health: [{ code: "InsufficientFreeAddresses" }] });
    expect(turnGroup(sick, { nodes: [aNode(), aNode()], now: NOW }).group).toMatchObject({ status: "ACTIVE", health: [] });
  });
});

test("a group that is deleted drains its nodes, ends them, and is gone with the last", () => {
  const group: Nodegroup = { ...anActiveGroup(), status: "DELETING", work: { kind: "delete" } };
  const nodes = [aNode({ podsToMove: 1 }), aNode({ isCordoned: true })];
  const { actions, group: after } = turnGroup(group, { nodes, now: NOW });
  expect(actions.map(({ kind }) => kind)).toEqual(["drain", "terminate"]);
  expect(turnGroup(after!, { nodes: [], now: NOW })).toEqual({ actions: [] });
});

describe("replacing nodes", () => {
  test("one by one: launch, wait, drain, end", () => {
    let group = aRoll(anActiveGroup());
    const old = [aNode({ podsToMove: 3 }), aNode({ podsToMove: 3 })];
    let turned = turnGroup(group, { nodes: old, now: NOW });
    expect(turned.actions).toEqual([{ kind: "launch", count: 1 }]);
    group = turned.group!;
    const fresh = aNode({ launchVersion: 2, isReady: false });
    turned = turnGroup(group, { nodes: [...old, fresh], now: NOW });
    expect(turned.actions).toEqual([]);
    turned = turnGroup(turned.group!, { nodes: [...old, { ...fresh, isReady: true }], now: NOW });
    expect(turned.actions).toEqual([{ kind: "drain", instanceId: old[0]!.instanceId, isForced: false }]);
    const emptied = { ...old[0]!, podsToMove: 0, isCordoned: true };
    turned = turnGroup(turned.group!, { nodes: [emptied, old[1]!, { ...fresh, isReady: true }], now: NOW });
    expect(turned.actions).toEqual([{ kind: "terminate", instanceId: old[0]!.instanceId }]);
    const done = [aNode({ launchVersion: 2 }), aNode({ launchVersion: 2 })];
    const { group: after } = turnGroup(turned.group!, { nodes: done, now: NOW });
    expect(after).toMatchObject({ status: "ACTIVE", updates: [{ status: "Successful" }] });
  });

  test("fails when pods do not let go, and puts things back", () => {
    const group = aRoll(anActiveGroup());
    const old = [aNode({ podsToMove: 1 }), aNode({ podsToMove: 1 })];
    const fresh = aNode({ launchVersion: 2 });
    const started = turnGroup(group, { nodes: [...old, fresh], now: NOW }).group!;
    const cordoned = [{ ...old[0]!, isCordoned: true }, old[1]!, fresh];
    const { group: after, actions } = turnGroup(started, { nodes: cordoned, now: NOW + EVICTION_TIMEOUT_MS });
    expect(after).toMatchObject({
      status: "ACTIVE",
      launch: { version: 1 },
      draining: {},
      updates: [{ status: "Failed", errors: [{ errorCode: "PodEvictionFailure", resourceIds: [old[0]!.nodeName] }] }],
    });
    expect(actions).toEqual([{ kind: "uncordon", instanceId: old[0]!.instanceId }]);
  });

  test("fails when a new node cannot join; the broken one goes", () => {
    const group = aRoll(anActiveGroup());
    const old = [aNode(), aNode()];
    const broken = aNode({ launchVersion: 2, isReady: false, problems: ["the user data is no script"] });
    const { group: after } = turnGroup(group, { nodes: [...old, broken], now: NOW });
    expect(after).toMatchObject({ status: "ACTIVE", updates: [{ status: "Failed", errors: [{ errorCode: "NodeCreationFailure" }] }] });
    const { nodeName: _none, ...nameless } = broken;
    expect(turnGroup(after!, { nodes: [...old, nameless], now: NOW }).actions).toEqual([
      { kind: "terminate", instanceId: broken.instanceId },
    ]);
  });

  const arbUpdate: fc.Arbitrary<UpdateConfig> = fc.oneof(
    fc.record({ maxUnavailable: fc.integer({ min: 1, max: 4 }) }),
    fc.record({ maxUnavailablePercentage: fc.integer({ min: 1, max: 100 }) }),
    fc.record({ maxUnavailable: fc.integer({ min: 1, max: 4 }), updateStrategy: fc.constant("MINIMAL" as const) }),
  );

  test("whatever the pace, enough nodes stay ready, never too many run, and it comes to an end", () => {
    const runs = fc.record({
      size: fc.integer({ min: 0, max: 8 }),
      updateConfig: arbUpdate,
      luck: fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }),
    });
    fc.assert(
      fc.property(runs, ({ size, updateConfig, luck }) => {
        const scaling = { minSize: 0, maxSize: 10, desiredSize: size };
        let group = aRoll(anActiveGroup({ scaling, updateConfig }));
        let nodes: NodeView[] = Array.from({ length: size }, () => aNode({ podsToMove: 1 }));
        const allowed = unavailableMax(updateConfig, size);
        const isMinimal = updateConfig.updateStrategy === "MINIMAL";
        for (let step = 0; step < 200 && group.work !== undefined; step++) {
          const isLucky = luck[step % luck.length]!;
          // Time passes: new nodes become ready, drained ones empty; not always at once.
          if (isLucky || step % 5 === 4) {
            nodes = nodes.map((node) => (node.isCordoned ? { ...node, podsToMove: 0 } : { ...node, isReady: true }));
          }
          const turned = turnGroup(group, { nodes, now: NOW + step * 1_000 });
          group = turned.group!;
          for (const action of turned.actions) {
            if (action.kind === "launch") {
              for (let count = 0; count < action.count; count++) nodes.push(aNode({ launchVersion: 2, isReady: false }));
            } else if (action.kind === "drain") {
              nodes = nodes.map((node) => (node.instanceId === action.instanceId ? { ...node, isCordoned: true } : node));
            } else nodes = nodes.filter(({ instanceId }) => instanceId !== action.instanceId);
          }
          const serving = nodes.filter(({ isReady, isCordoned }) => isReady && !isCordoned).length;
          expect(serving).toBeGreaterThanOrEqual(isMinimal ? size - allowed : size);
          expect(nodes.length).toBeLessThanOrEqual(isMinimal ? size : size + allowed);
        }
        expect(group).toMatchObject({ status: "ACTIVE", updates: [{ status: "Successful" }] });
        expect(nodes.map(({ launchVersion }) => launchVersion)).toEqual(Array.from({ length: size }, () => 2));
      }),
      { numRuns: 300 },
    );
  });
});
