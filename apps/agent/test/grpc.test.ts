import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { status as STATUS } from "@grpc/grpc-js";
import { eventually, quietLog } from "@slash28/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { AgentPhase } from "../src/cni/serve-cni.ts";
import { listenForGrpc, type GrpcSocket } from "../src/grpc/grpc-socket.ts";
import { createRpcBackend } from "../src/grpc/rpc-backend.ts";
import { aWorld, type World, type WorldOptions } from "./a-world.ts";
import { rpcClient, type Reply, type RpcClient } from "./grpc-client.ts";

const ADD = "rpc.CNIBackend/AddNetwork";
const DEL = "rpc.CNIBackend/DelNetwork";
const CONFIG = "rpc.ConfigServerBackend/GetNetworkPolicyConfigs";
const CHECK = "grpc.health.v1.Health/Check";
const VERSION = "v1.23.1";

let folder = "";
const ends: (() => unknown)[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "grpc-"));
});
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
  rmSync(folder, { recursive: true, force: true });
});

async function serveBackend(phase: () => AgentPhase, version?: string): Promise<{ client: RpcClient; socket: GrpcSocket; path: string }> {
  const path = join(folder, "run", "ipamd.sock");
  const socket = await listenForGrpc(path, createRpcBackend({ phase, version, log: quietLog }), (cause) => {
    throw cause;
  });
  const client = rpcClient(path);
  ends.push(
    () => socket.close(),
    () => client.close(),
  );
  return { client, socket, path };
}

async function aServedWorld(options?: WorldOptions, version: string | undefined = VERSION): Promise<World & { client: RpcClient }> {
  const world = await aWorld(options);
  const { client } = await serveBackend(() => world.agent.phase(), version);
  return Object.assign(world, { client });
}

/** What the VPC CNI's plugin sends for a pod. */
function requestFor(pod: string, more: Reply = {}): Reply {
  return {
    K8S_POD_NAME: pod,
    K8S_POD_NAMESPACE: "default",
    K8S_POD_INFRA_CONTAINER_ID: `${pod}-1`,
    Netns: `/run/netns/${pod}-1`,
    IfName: "eth0",
    NetworkName: "aws-cni",
    ContainerID: `${pod}-1`,
    ClientVersion: VERSION,
    Reason: "PodDeleted",
    ...more,
  };
}

const assigned = (world: World): number => world.agent.node.ledger.counts(world.clock.now()).assigned;

describe("a plugin of the VPC CNI", () => {
  test("gets an address, the same when it asks again, and gives it back", async () => {
    const world = await aServedWorld();
    const reply = await world.client.call(ADD, requestFor("a"));
    expect(reply).toEqual({
      Success: true,
      IPAllocationMetadata: [{ IPv4Addr: "10.0.1.5", IPv6Addr: "", DeviceNumber: 0, RouteTableId: 254 }],
      UseExternalSNAT: false,
      VPCv4CIDRs: ["10.0.0.0/16"],
      VPCv6CIDRs: [],
      PodVlanId: 0,
      PodENIMAC: "",
      PodENISubnetGW: "",
      ParentIfIndex: 0,
      NetworkPolicyMode: "",
    });
    expect(world.journal.lines.join()).toContain("10.0.1.5");
    expect(await world.client.call(ADD, requestFor("a"))).toEqual(reply);
    expect(assigned(world)).toBe(1);
    expect(await world.client.call(DEL, requestFor("a"))).toEqual({
      Success: true,
      IPAllocationMetadata: [{ IPv4Addr: "10.0.1.5", IPv6Addr: "", DeviceNumber: 0, RouteTableId: 254 }],
      PodVlanId: 0,
      NetworkPolicyMode: "",
    });
    expect(assigned(world)).toBe(0);
    expect([world.counted.get("awscni_add_ip_req_count"), world.counted.get("awscni_del_ip_req_count")]).toEqual([2, 1]);
  });

  test("learns the route table and device of an address on another ENI", async () => {
    const world = await aServedWorld();
    const replies: Reply[] = [];
    for (let i = 0; i < 12; i++) {
      replies.push(await world.client.call(ADD, requestFor(`p${i}`)));
      await world.clock.advance(5_000);
    }
    const places = replies.flatMap(({ IPAllocationMetadata: list }) => list as { DeviceNumber: number; RouteTableId: number }[]);
    expect(new Set(places.map(({ DeviceNumber, RouteTableId }) => `${DeviceNumber}/${RouteTableId}`))).toEqual(new Set(["0/254", "1/2"]));
  });

  test.each([
    ["the VPC's", {}, false, ["10.0.0.0/16"]],
    [
      "those excluded from source NAT too",
      { AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS: "192.168.0.0/16" },
      false,
      ["10.0.0.0/16", "192.168.0.0/16"],
    ],
    [
      "only the VPC's under external SNAT",
      { AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS: "192.168.0.0/16", AWS_VPC_K8S_CNI_EXTERNALSNAT: "true" },
      true,
      ["10.0.0.0/16"],
    ],
  ])("is told the ranges: %s", async (_, env: Record<string, string>, UseExternalSNAT, VPCv4CIDRs) => {
    const world = await aServedWorld({ env });
    expect(await world.client.call(ADD, requestFor("a"))).toMatchObject({ Success: true, UseExternalSNAT, VPCv4CIDRs });
  });

  test.each([
    ["without a container", { ContainerID: "" }],
    ["without a link name", { IfName: "" }],
    ["without a network", { NetworkName: "" }],
    ["that wants an address of every network card", { RequiresMultiNICAttachment: true }],
  ])("is refused with Success=false when it asks %s", async (_, more) => {
    const world = await aServedWorld();
    expect(await world.client.call(ADD, requestFor("a", more))).toMatchObject({ Success: false, IPAllocationMetadata: [] });
    expect(assigned(world)).toBe(0);
  });

  test("gets no address that the journal does not have", async () => {
    const world = await aServedWorld();
    world.journal.state = "broken";
    expect(await world.client.call(ADD, requestFor("a"))).toMatchObject({ Success: false });
    expect(assigned(world)).toBe(0);
  });

  test("waits for an address while the pool grows", async () => {
    const world = await aServedWorld({ env: { WARM_IP_TARGET: "1" } });
    await world.client.call(ADD, requestFor("a"));
    const answers: Reply[] = [];
    void world.client.call(ADD, requestFor("late")).then((reply) => answers.push(reply));
    await eventually("the pod to be served", async () => {
      await world.clock.advance(100);
      return answers.length > 0;
    });
    expect(answers[0]).toMatchObject({ Success: true });
  });

  test("is told at once that there is no address when none can come", async () => {
    const world = await aServedWorld({ env: { DISABLE_NETWORK_RESOURCE_PROVISIONING: "true" } });
    expect(await world.client.call(ADD, requestFor("a"))).toMatchObject({ Success: false, IPAllocationMetadata: [] });
    expect(world.counted.get("awscni_no_available_ip_addresses")).toBe(1);
  });

  test.each([
    ["the agent's", VERSION, VERSION, undefined],
    ["another", VERSION, "v1.22.0", STATUS.FAILED_PRECONDITION],
    ["none", VERSION, "", STATUS.FAILED_PRECONDITION],
    ["any, where the agent's is not set", undefined, "v1.22.0", undefined],
  ])("with %s version: ADD and DEL", async (_, ofAgent, ofPlugin, refusal) => {
    const world = await aWorld();
    const { client } = await serveBackend(() => world.agent.phase(), ofAgent);
    for (const method of [ADD, DEL]) {
      const answer = await client.call(method, requestFor("a", { ClientVersion: ofPlugin })).catch((error: { code: number }) => error);
      if (refusal === undefined) expect(answer).toMatchObject({ Success: true });
      else expect(answer).toMatchObject({ code: refusal });
    }
  });

  test("deleting a pod that nobody knows reads as upstream's plugin expects it", async () => {
    const world = await aServedWorld();
    await expect(world.client.call(DEL, requestFor("nobody"))).rejects.toMatchObject({
      code: STATUS.UNKNOWN,
      details: expect.stringContaining("datastore: unknown pod") as unknown,
    });
    await expect(world.client.call(DEL, requestFor("a", { ContainerID: "" }))).rejects.toMatchObject({ code: STATUS.INVALID_ARGUMENT });
  });

  test("a DEL that cannot be recorded fails, and the address stays assigned", async () => {
    const world = await aServedWorld();
    await world.client.call(ADD, requestFor("a"));
    world.journal.state = "broken";
    expect(await world.client.call(DEL, requestFor("a"))).toMatchObject({ Success: false });
    expect(assigned(world)).toBe(1);
  });

  test("and the agent's own plugin serve each other's pods", async () => {
    const world = await aServedWorld();
    await world.client.call(ADD, requestFor("a"));
    expect((await world.del("a")).exitCode).toBe(0);
    await expect(world.client.call(DEL, requestFor("a"))).rejects.toThrow(/unknown pod/);
    expect((await world.add("b")).exitCode).toBe(0);
    expect(await world.client.call(DEL, requestFor("b", { Reason: "SetupNSFailed" }))).toMatchObject({ Success: true });
    expect(world.kernel.render()).not.toContain("/32");
  });
});

describe("the rest of the socket", () => {
  test("passes the network policy mode on as it is set, to the plugin and to the network policy agent", async () => {
    const world = await aServedWorld({ env: { NETWORK_POLICY_ENFORCING_MODE: "Standard" } });
    for (const [method, request] of [[ADD, requestFor("a")], [DEL, requestFor("a")], [CONFIG]] as const)
      expect(await world.client.call(method, request)).toMatchObject({ NetworkPolicyMode: "standard" });
  });

  test("tells the network policy agent about the node, and of no mode when none is set", async () => {
    const world = await aServedWorld();
    expect(await world.client.call(CONFIG)).toEqual({
      NetworkPolicyMode: "",
      MultiNICEnabled: false,
      NodeIPv4: "10.0.1.4",
      NodeIPv6: "",
      InstanceID: world.instanceId,
      Region: "us-east-1",
    });
  });

  test("is healthy once pods are served, and refuses all else until then", async () => {
    const world = await aWorld();
    const phases: { now: AgentPhase } = { now: { kind: "starting" } };
    const { client } = await serveBackend(() => phases.now);
    for (const service of ["", "grpc.health.v1.aws-node"]) expect(await client.call(CHECK, { service })).toEqual({ status: "NOT_SERVING" });
    for (const method of [ADD, DEL, CONFIG])
      await expect(client.call(method, requestFor("a"))).rejects.toMatchObject({ code: STATUS.UNAVAILABLE });
    phases.now = world.agent.phase();
    for (const service of ["", "grpc.health.v1.aws-node"]) expect(await client.call(CHECK, { service })).toEqual({ status: "SERVING" });
    await expect(client.call(CHECK, { service: "other" })).rejects.toMatchObject({ code: STATUS.NOT_FOUND });
  });

  test("is root's alone; a dead agent's socket is replaced, a living one's is not", async () => {
    const { path, socket } = await serveBackend(() => ({ kind: "starting" }));
    expect(statSync(path).mode & 0o777).toBe(0o660);
    const backend = createRpcBackend({ phase: () => ({ kind: "starting" }), version: undefined, log: quietLog });
    await expect(listenForGrpc(path, backend, () => undefined)).rejects.toThrow(/another agent listens/);
    await socket.close();
    ends.length = 0;
    writeFileSync(path, "");
    const next = await listenForGrpc(path, backend, () => undefined);
    await next.close();
  });

  test("outlives callers that hang up at once or speak nonsense", async () => {
    const { path, client } = await serveBackend(() => ({ kind: "starting" }));
    for (const said of ["", "GET / HTTP/1.1\r\n\r\n", "\0".repeat(1_000)]) {
      const caller = connect(path);
      caller.on("error", () => undefined);
      caller.end(said);
      await new Promise((resolve) => caller.resume().once("close", resolve));
    }
    expect(await client.call(CHECK)).toEqual({ status: "NOT_SERVING" });
  });
});
