import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { createServer, type AddressInfo } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { asId, cidr4, ipv4 } from "@slash28/address";
import { parseSettings } from "@slash28/ipam";
import type { Ec2Eni, Ec2Subnet, LogFields } from "@slash28/ports";
import { createManualClock, createMemoryKube, eventually, quietLog } from "@slash28/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { listenForPlugin, type CniSocketOptions } from "../src/cni/socket-server.ts";
import { judgeLeaked } from "../src/pool/leaked-enis.ts";
import { chooseSubnets } from "@slash28/ipam";
import { listenForIntrospection } from "../src/listeners.ts";
import { serveHttp, type HttpEndpoint } from "../src/report/http-endpoint.ts";
import { introspect } from "../src/report/introspection.ts";
import { METRICS } from "../src/report/metric-table.ts";
import { setPoolGauges } from "../src/report/pool-gauges.ts";
import { createPromMetrics } from "../src/report/prom-metrics.ts";
import { eniConfigNameOf, readEniConfig } from "../src/start/eni-config.ts";
import { installPlugin } from "../src/start/install-plugin.ts";
import { readNodeObject } from "../src/start/node-object.ts";
import { addressOf, aWorld } from "./a-world.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "agent-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function ask(socketPath: string, path: string, method = "GET", headers: Readonly<Record<string, string>> = {}, body = "") {
  return new Promise<{ status: number | undefined; exit: unknown; body: string }>((resolve, reject) => {
    const asked = request(
      { socketPath, path, method, headers: { ...headers, "content-length": String(Buffer.byteLength(body)) } },
      (reply) => {
        const chunks: Buffer[] = [];
        reply.on("data", (chunk: Buffer) => chunks.push(chunk));
        reply.on("end", () =>
          resolve({ status: reply.statusCode, exit: reply.headers["cni-exit"], body: Buffer.concat(chunks).toString() }),
        );
      },
    );
    asked.on("error", reject);
    // As bytes: Node sends a text body together with its headers, as UTF-8.
    asked.end(Buffer.from(body));
  });
}

describe("the socket", () => {
  const options = (path: string): CniSocketOptions => ({
    path,
    serve: async (envelope) => ({ exitCode: 1, body: JSON.stringify(envelope) }),
    health: () => ({ healthy: false, text: "starting" }),
    pool: () => ({ assigned: 1, cooling: 2 }),
    report: async (asked) => {
      if (asked === "/v1/bug") throw new Error("a bug");
      return { status: 200, type: "text/plain", body: `report of ${asked}` };
    },
  });

  test("passes requests on, tells its health and counts, and only root may use it", async () => {
    const path = join(folder, "deep", "agent.sock");
    const socket = await listenForPlugin(options(path));
    expect(statSync(path).mode & 0o777).toBe(0o660);
    const headers = { "Cni-Command": "ADD", "Cni-Args": Buffer.from("K8S_POD_NAME=wéb").toString("latin1") };
    const answer = await ask(path, "/cni", "POST", headers, "{}");
    expect(answer).toMatchObject({ status: 200, exit: "1" });
    expect(JSON.parse(answer.body)).toEqual({ command: "ADD", args: "K8S_POD_NAME=wéb", config: "{}" });
    expect(await ask(path, "/healthz")).toMatchObject({ status: 503, body: "starting\n" });
    expect(JSON.parse((await ask(path, "/pool")).body)).toEqual({ assigned: 1, cooling: 2 });
    expect(await ask(path, "/metrics")).toMatchObject({ status: 200, body: "report of /metrics" });
    expect(await ask(path, "/v1/enis")).toMatchObject({ status: 200, body: "report of /v1/enis" });
    expect(await ask(path, "/v1/bug")).toMatchObject({ status: 500, body: "Error: a bug\n" });
    expect((await ask(path, "/other")).status).toBe(404);
    expect((await ask(path, "/cni", "POST", {}, " ".repeat((1 << 20) + 1)).catch(() => ({ status: 413 }))).status).toBe(413);
    await socket.close();
  });

  test("replaces a file that nobody listens on, and not one that somebody does", async () => {
    const path = join(folder, "agent.sock");
    writeFileSync(path, "");
    const first = await listenForPlugin(options(path));
    await expect(listenForPlugin(options(path))).rejects.toThrow(/another agent listens/);
    await first.close();
    await (await listenForPlugin(options(path))).close();
  });
});

describe("metrics", () => {
  test("tell the pool's state under upstream's names, and nothing that is not declared", async () => {
    const world = await aWorld();
    const metrics = createPromMetrics();
    addressOf(await world.add("a"));
    setPoolGauges(metrics, world.agent.node, world.agent.sandboxes, world.clock.now());
    metrics.observe("awscni_aws_api_latency_ms", 12, { api: "CreateTags", error: "false", status: "200" });
    const text = await metrics.render();
    const lines = text.split("\n").filter((line) => /^awscni_(eni_max|ip_max|eni_allocated|total_ip|assigned_ip)/.test(line));
    const eni = world.cloud.view.attachedEnis(world.instanceId)[0]!.id;
    expect(lines).toEqual([
      "awscni_eni_max 3",
      "awscni_ip_max 27",
      "awscni_eni_allocated 1",
      "awscni_total_ip_addresses 9",
      "awscni_assigned_ip_addresses 1",
      "awscni_total_ipv4_prefixes 0",
      'awscni_assigned_ip_per_cidr{cidr="10.0.1.5/32"} 1',
      `awscni_assigned_ip_per_eni{eni="${eni}"} 1`,
    ]);
    expect(text).toContain('awscni_aws_api_latency_ms_sum{api="CreateTags",error="false",status="200"} 12');
    expect(() => metrics.add("awscni_unknown")).toThrow(TypeError);
    expect(() => metrics.set("awscni_add_ip_req_count", 1)).toThrow(TypeError);
  });

  test("are all named and explained", () => {
    for (const [name, { help }] of Object.entries(METRICS)) {
      expect(name).toMatch(/^(awscni|slash28|process|nodejs)_[a-z0-9_]+$/);
      expect(help.length).toBeGreaterThan(10);
    }
  });
});

describe("introspection", () => {
  test("has upstream's shapes", async () => {
    const world = await aWorld();
    addressOf(await world.add("web-0"));
    const { node } = world.agent;
    const [eni] = world.cloud.view.attachedEnis(world.instanceId);
    const { body } = introspect("/v1/enis", node, world.clock.now());
    expect(body).toMatchObject({ "0": { TotalIPs: 9, AssignedIPs: 1 } });
    const ofEni = (body as { "0": { ENIs: Record<string, { AvailableIPv4Cidrs: Record<string, unknown> }> } })["0"].ENIs[eni!.id]!;
    expect(ofEni).toMatchObject({
      ID: eni!.id,
      IsPrimary: true,
      IsTrunk: false,
      IsEFA: false,
      DeviceNumber: 0,
      IPv6Cidrs: {},
      RouteTableID: 254,
    });
    expect(ofEni.AvailableIPv4Cidrs["10.0.1.5/32"]).toEqual({
      Cidr: { IP: "10.0.1.5", Mask: "/////w==" },
      IPAddresses: {
        "10.0.1.5": {
          Address: "10.0.1.5",
          IPAMKey: { networkName: "aws-cni", containerID: "", ifName: "" },
          IPAMMetadata: { k8sPodNamespace: "default", k8sPodName: "web-0", interfacesCount: 1 },
          AssignedTime: new Date(world.clock.now()).toISOString(),
          UnassignedTime: "0001-01-01T00:00:00Z",
        },
      },
      IsPrefix: false,
      AddressFamily: "",
    });
    expect(introspect("/v1/ipamd-env-settings", node, 0).body).toEqual({
      WARM_IP_TARGET: 0,
      WARM_ENI_TARGET: 1,
      AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: false,
      AWS_MANAGE_ENIS_NON_SCHEDULABLE: false,
      ENABLE_SUBNET_DISCOVERY: true,
    });
    expect(introspect("/v1/networkutils-env-settings", node, 0).body).toEqual({
      AWS_VPC_K8S_CNI_CONNMARK: 128,
      AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS: null,
      AWS_VPC_K8S_CNI_EXTERNALSNAT: false,
      AWS_EXTERNAL_SERVICE_CIDRS: null,
      AWS_VPC_ENI_MTU: 9001,
      AWS_VPC_K8S_CNI_VETHPREFIX: "eni",
      AWS_VPC_CNI_NODE_PORT_SUPPORT: true,
      AWS_VPC_K8S_CNI_RANDOMIZESNAT: 2,
    });
    for (const path of ["/", "/v1/pods", "/v1/unknown"])
      expect(introspect(path, node, 0)).toEqual({
        status: 200,
        body: {
          AvailableCommands: ["/v1/enis", "/v1/eni-configs", "/v1/networkutils-env-settings", "/v1/ipamd-env-settings", "/v1/warm-targets"],
        },
      });
    expect(introspect("/v1/eni-configs", node, 0).status).toBe(404);
    world.agent.nodeChanged({ isUnschedulable: false, eniConfigName: "us-east-1a" });
    expect(introspect("/v1/eni-configs", node, 0)).toEqual({ status: 200, body: "us-east-1a" });
  });

  test("is served on a path or a port, to readers only", async () => {
    const path = join(folder, "introspection.sock");
    const endpoint = await serveHttp(`unix:${path}`, async (asked) => ({ status: 200, type: "text/plain", body: asked }));
    expect(await ask(path, "/v1/enis?x=1")).toMatchObject({ status: 200, body: "/v1/enis" });
    expect((await ask(path, "/v1/enis", "POST")).status).toBe(405);
    await endpoint.close();
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const address = taken.address();
    const port = typeof address === "object" ? address?.port : undefined;
    await expect(serveHttp(`127.0.0.1:${port}`, async () => ({ status: 200, type: "", body: "" }))).rejects.toThrow(/EADDRINUSE/);
    await expect(serveHttp("nonsense", async () => ({ status: 200, type: "", body: "" }))).rejects.toThrow(/not host:port/);
    taken.close();
  });
});

describe("a port that is taken", () => {
  test("is tried again, ever less often, until it is free", async () => {
    const clock = createManualClock();
    const holder = createServer().listen(0, "127.0.0.1");
    await once(holder, "listening");
    const { port } = holder.address() as AddressInfo;
    const pauses: unknown[] = [];
    const log = { ...quietLog, warn: (_: string, fields?: LogFields) => void pauses.push(fields?.["againInMs"]) };
    const metrics = createPromMetrics();
    const options = { clock, log, metrics, processMetrics: () => undefined, random: () => 0, agent: () => undefined };
    const listening = listenForIntrospection(`127.0.0.1:${port}`, options);
    await eventually("a minute's pause", async () => {
      await clock.advance(1_000);
      return pauses.includes(60_000);
    });
    expect(pauses.slice(0, 7)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000]);
    holder.close();
    await once(holder, "close");
    const found: { endpoint?: HttpEndpoint } = {};
    void listening.then((endpoint) => (found.endpoint = endpoint));
    await eventually("the port to be taken", async () => {
      await clock.advance(10_000);
      return found.endpoint !== undefined;
    });
    expect((await fetch(`http://127.0.0.1:${port}/v1/enis`)).status).toBe(503);
    await found.endpoint!.close();
  });
});

describe("installing", () => {
  test("puts the plugin and a configuration that a 1.1.0 runtime reads, without leftovers", async () => {
    const plugin = join(folder, "built");
    writeFileSync(plugin, "binary", { mode: 0o755 });
    writeFileSync(join(folder, "portmap"), "");
    const { settings } = parseSettings({ AWS_VPC_K8S_CNI_VETHPREFIX: "pod", POD_MTU: "1500" });
    const options = { settings, agentSocket: "/run/agent.sock", binDir: folder, confDir: join(folder, "net.d"), plugin, log: quietLog };
    for (let i = 0; i < 2; i++) await installPlugin(options);
    expect(readFileSync(join(folder, "aws-cni"), "utf8")).toBe("binary");
    expect(statSync(join(folder, "aws-cni")).mode & 0o777).toBe(0o755);
    expect(JSON.parse(readFileSync(join(folder, "net.d", "10-aws.conflist"), "utf8"))).toEqual({
      cniVersion: "1.1.0",
      name: "aws-cni",
      plugins: [
        {
          name: "aws-cni",
          type: "aws-cni",
          vethPrefix: "pod",
          mtu: "1500",
          agentSocket: "/run/agent.sock",
          pluginLogFile: "/var/log/aws-routed-eni/plugin.log",
          pluginLogLevel: "debug",
        },
        { type: "portmap", capabilities: { portMappings: true }, snat: true },
      ],
    });
    expect(existsSync(join(folder, "aws-cni.tmp"))).toBe(false);
  });

  test("without a static plugin the Node one is started by a script", async () => {
    const { settings } = parseSettings({});
    const plugin = join(folder, "aws-cni.mjs");
    writeFileSync(plugin, "");
    await installPlugin({ settings, agentSocket: "/a", binDir: join(folder, "bin"), confDir: folder, plugin, log: quietLog });
    expect(readFileSync(join(folder, "bin", "aws-cni"), "utf8")).toBe(`#!/bin/sh\nexec "${process.execPath}" "${plugin}"\n`);
  });
});

describe("deciding", () => {
  const subnet = (id: string, freeAddresses: number, tags: Readonly<Record<string, string>> = {}): Ec2Subnet => ({
    id: asId(id),
    vpcId: asId("vpc-1"),
    zone: "us-east-1a",
    cidr: cidr4("10.0.0.0/24"),
    freeAddresses,
    tags,
  });
  const role = "kubernetes.io/role/cni";
  const cluster = (name: string) => ({ [role]: "1", [`cni.networking.k8s.aws/cluster/${name}`]: "" });

  test.each([
    ["its own subnet without tags", {}, true, ["own"]],
    ["tagged subnets too, most room first", { a: { [role]: "1" } }, true, ["a", "own"]],
    ["not its own when that is tagged against", { own: { [role]: "0" }, a: { [role]: "1" } }, true, ["a"]],
    ["not those of other clusters", { a: cluster("other"), b: cluster("mine") }, true, ["b", "own"]],
    ["only its own without discovery", { a: { [role]: "1" } }, false, ["own"]],
  ])("a node uses %s", (_, tags: Readonly<Record<string, Readonly<Record<string, string>>>>, discovery, expected) => {
    const found = [subnet("own", 5, tags["own"]), subnet("a", 50, tags["a"]), subnet("b", 20, tags["b"])];
    expect(chooseSubnets(found, { subnetId: asId("own"), discovery, clusterName: "mine" }).map((each) => each.id)).toEqual(expected);
  });

  test("leaked ENIs are those that are old, unattached and an agent's", () => {
    const now = Date.UTC(2030, 0, 1, 12);
    const eni = (id: string, createdAt: string | undefined, description = "aws-K8S-i-1"): Ec2Eni => ({
      id: asId(id),
      mac: "02:00:00:00:00:01" as Ec2Eni["mac"],
      subnetId: asId("subnet-1"),
      vpcId: asId("vpc-1"),
      description,
      kind: "interface",
      status: "available",
      primaryAddress: ipv4("10.0.0.5"),
      addresses: [],
      prefixes: [],
      groups: [],
      tags: createdAt === undefined ? {} : { "node.k8s.amazonaws.com/createdAt": createdAt },
    });
    const enis = [
      eni("old", "2030-01-01T11:00:00Z"),
      eni("young", "2030-01-01T11:58:00Z"),
      eni("undated", undefined),
      eni("odd", "yesterday"),
      eni("from a clock ahead", "2030-01-01T13:00:00Z"),
      eni("foreign", "2030-01-01T11:00:00Z", "somebody's"),
    ];
    const { deletable, undated } = judgeLeaked(enis, now);
    expect([deletable.map((each) => each.id), undated.map((each) => each.id)]).toEqual([["old"], ["undated", "odd", "from a clock ahead"]]);
  });

  test("a Node selects its ENIConfig by external label, annotation, label, in this order", async () => {
    const names = { eniConfigAnnotation: "k8s.amazonaws.com/eniConfig", eniConfigLabel: "topology.kubernetes.io/zone" };
    const node = (metadata: object) => ({ apiVersion: "v1", kind: "Node", metadata: { name: "n", ...metadata } });
    const labels = { "topology.kubernetes.io/zone": "us-east-1a" };
    const annotations = { "k8s.amazonaws.com/eniConfig": "mine" };
    expect(eniConfigNameOf(undefined, names)).toBe("default");
    expect(eniConfigNameOf(node({ labels }), names)).toBe("us-east-1a");
    expect(eniConfigNameOf(node({ labels, annotations }), names)).toBe("mine");
    expect(eniConfigNameOf(node({ labels: { ...labels, "vpc.amazonaws.com/externalEniConfig": "x" }, annotations }), names)).toBe("x");
    const kube = createMemoryKube({ clock: createManualClock() });
    const resource = { group: "crd.k8s.amazonaws.com", version: "v1alpha1", plural: "eniconfigs" };
    const spec = { subnet: "subnet-1", securityGroups: ["sg-1"] };
    await kube.create(resource, { apiVersion: "crd.k8s.amazonaws.com/v1alpha1", kind: "ENIConfig", metadata: { name: "mine" }, spec });
    expect(await readEniConfig(kube, "mine")).toEqual({ name: "mine", subnetId: "subnet-1", groups: ["sg-1"] });
    await expect(readEniConfig(kube, "other")).rejects.toThrow(/ENIConfig other, which does not exist/);
  });

  test("a Node object tells max pods and whether it is cordoned", () => {
    const { settings } = parseSettings({});
    const node = { apiVersion: "v1", kind: "Node", metadata: { name: "n" } };
    const taints = [{ key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" }];
    const full = { ...node, status: { capacity: { pods: "29" } }, spec: { taints } };
    expect(readNodeObject(full, settings.enis)).toEqual({ maxPods: 29, isUnschedulable: true, eniConfigName: "default" });
    expect(readNodeObject(node, settings.enis)).toEqual({ isUnschedulable: false, eniConfigName: "default" });
  });
});
