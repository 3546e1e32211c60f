import { execFileSync, spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { eventually } from "@slash28/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { EndpointSlice, Service } from "../../../src/kubernetes/controllers/objects/index.ts";
import {
  forgetStaleFlows,
  nodeTable,
  renderChange,
  renderNoServices,
  renderTable,
  serviceRoutes,
  staleFlows,
  type NodeTable,
  type ServiceRoute,
} from "../../../src/kubernetes/kube-proxy/index.ts";

const tag = `s28kp${process.pid}`;
const node = `${tag}n`;
const outside = `${tag}o`;
const pods = [
  { ns: `${tag}a`, address: "10.0.0.11", link: "eniaaa" },
  { ns: `${tag}b`, address: "10.0.0.12", link: "enibbb" },
] as const;
const servers: ChildProcess[] = [];

const run = (...argv: readonly string[]): string => execFileSync(argv[0] ?? "", argv.slice(1), { encoding: "utf8" });
const inside = (ns: string, ...argv: readonly string[]): string => run("ip", "netns", "exec", ns, ...argv);
const apply = (text: string): void => void execFileSync("ip", ["netns", "exec", node, "nft", "-f", "-"], { input: text });

/** Says on which address it was asked, and by whom. */
const SERVER = `require("node:http").createServer((q, s) => s.end(q.socket.localAddress + " " + q.socket.remoteAddress)).listen(8080, "0.0.0.0")`;

/** What answered in `ns`, or curl's exit code. */
function ask(ns: string, url: string): string | number {
  const result = spawnSync("ip", ["netns", "exec", ns, "curl", "-s", "--max-time", "2", url], { encoding: "utf8" });
  return result.status === 0 ? result.stdout : (result.status ?? -1);
}

function makePod(ns: string, address: string, link: string): void {
  run("ip", "netns", "add", ns);
  run("ip", "link", "add", link, "netns", node, "type", "veth", "peer", "name", "eth0", "netns", ns);
  inside(node, "ip", "link", "set", link, "up");
  inside(node, "ip", "route", "add", `${address}/32`, "dev", link);
  for (const dev of ["lo", "eth0"]) inside(ns, "ip", "link", "set", dev, "up");
  inside(ns, "ip", "address", "add", `${address}/32`, "dev", "eth0");
  const mac = inside(node, "cat", `/sys/class/net/${link}/address`).trim();
  inside(ns, "ip", "route", "add", "169.254.1.1", "dev", "eth0");
  inside(ns, "ip", "route", "add", "default", "via", "169.254.1.1");
  inside(ns, "ip", "neighbour", "add", "169.254.1.1", "lladdr", mac, "dev", "eth0", "nud", "permanent");
}

beforeAll(async () => {
  run("ip", "netns", "add", node);
  inside(node, "sysctl", "-qw", "net.ipv4.ip_forward=1");
  run("ip", "netns", "add", outside);
  inside(node, "ip", "link", "add", "primary", "type", "veth", "peer", "name", "wire", "netns", outside);
  for (const dev of ["lo", "primary"]) inside(node, "ip", "link", "set", dev, "up");
  for (const dev of ["lo", "wire"]) inside(outside, "ip", "link", "set", dev, "up");
  inside(node, "ip", "address", "add", "10.0.0.5/24", "dev", "primary");
  inside(outside, "ip", "address", "add", "10.0.0.9/24", "dev", "wire");
  inside(outside, "ip", "route", "add", "203.0.113.5/32", "via", "10.0.0.5");
  inside(node, "ip", "route", "add", "default", "via", "10.0.0.1", "dev", "primary");
  for (const pod of pods) {
    makePod(pod.ns, pod.address, pod.link);
    servers.push(spawn("ip", ["netns", "exec", pod.ns, process.execPath, "-e", SERVER], { stdio: "ignore" }));
  }
  // The agent's own chain, as it stands beside this table; its last rule counts what would be marked as leaving the VPC.
  apply(
    'table ip slash28 { chain nat-prerouting { type nat hook prerouting priority -90; policy accept; iifname "eni*" ip daddr 10.0.0.0/16 counter return; iifname "eni*" counter; }; }',
  );
  for (const pod of pods) await eventually(`${pod.address} serves`, () => ask(node, `http://${pod.address}:8080`) !== 7);
});

afterAll(() => {
  for (const server of servers) server.kill("SIGKILL");
  for (const ns of [node, outside, ...pods.map((pod) => pod.ns)]) spawnSync("ip", ["netns", "delete", ns]);
});

function service(name: string, clusterIP: string, more: Partial<Service["spec"]> = {}): Service {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace: "default" },
    spec: { clusterIP, ports: [{ port: 80, protocol: "TCP", nodePort: name === "web" ? 30080 : 0 }], ...more },
  };
}

function slice(of: string, addresses: readonly string[]): EndpointSlice {
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name: `${of}-1`, namespace: "default", labels: { "kubernetes.io/service-name": of } },
    addressType: "IPv4",
    ports: [{ name: "", port: 8080, protocol: "TCP" }],
    endpoints: addresses.map((address) => ({ addresses: [address], conditions: { ready: true } })),
  };
}

const tableOf = (services: readonly Service[], slices: readonly EndpointSlice[]): NodeTable =>
  nodeTable("ip", serviceRoutes({ nodeName: "node", services, slices }));
const render = (services: readonly Service[], slices: readonly EndpointSlice[]): string => renderTable(tableOf(services, slices));

test("a service address reaches every endpoint, from the node and from pods, by node port too; the pod's own address is seen", () => {
  apply(render([service("web", "10.100.0.10")], [slice("web", ["10.0.0.11", "10.0.0.12"])]));
  const asked = (ns: string, url: string): ReadonlySet<string> => {
    const answers = new Set<string>();
    for (let i = 0; i < 40 && answers.size < 2; i++) answers.add(String(ask(ns, url)));
    return answers;
  };
  expect([...asked(node, "http://10.100.0.10")].sort()).toEqual(["10.0.0.11 10.0.0.5", "10.0.0.12 10.0.0.5"]);
  expect([...asked(node, "http://10.0.0.5:30080")].sort()).toEqual(["10.0.0.11 10.0.0.5", "10.0.0.12 10.0.0.5"]);
  // From the first pod: the other pod sees its true address, it itself sees the node's (a hairpin).
  expect([...asked(pods[0].ns, "http://10.100.0.10")].sort()).toEqual(["10.0.0.11 10.0.0.5", "10.0.0.12 10.0.0.11"]);
});

test("a pod reaches itself through its service when it is the only endpoint", () => {
  apply(render([service("web", "10.100.0.10")], [slice("web", ["10.0.0.11"])]));
  for (let i = 0; i < 5; i++) expect(ask(pods[0].ns, "http://10.100.0.10")).toBe("10.0.0.11 10.0.0.5");
});

test("a sticky client keeps its endpoint while others come and go, until that endpoint goes", () => {
  const sticky = service("web", "10.100.0.10", {
    sessionAffinity: "ClientIP",
    sessionAffinityConfig: { clientIP: { timeoutSeconds: 600 } },
  });
  const both = tableOf([sticky], [slice("web", ["10.0.0.11", "10.0.0.12"])]);
  const one = tableOf([sticky], [slice("web", ["10.0.0.11"])]);
  apply(renderTable(one));
  expect(ask(node, "http://10.100.0.10")).toBe("10.0.0.11 10.0.0.5");
  apply(renderChange(one, both));
  expect(new Set(Array.from({ length: 12 }, () => ask(node, "http://10.100.0.10")))).toEqual(new Set(["10.0.0.11 10.0.0.5"]));
  const other = tableOf([sticky], [slice("web", ["10.0.0.12"])]);
  apply(renderChange(both, other));
  expect(ask(node, "http://10.100.0.10")).toBe("10.0.0.12 10.0.0.5");
});

test("a neighbour of the node reaches a node port and an external address, and its answers come back this way", () => {
  const open = service("web", "10.100.0.10", { type: "NodePort", externalIPs: ["203.0.113.5"] });
  apply(render([open], [slice("web", ["10.0.0.12"])]));
  expect(ask(outside, "http://10.0.0.5:30080")).toBe("10.0.0.12 10.0.0.5");
  expect(ask(outside, "http://203.0.113.5")).toBe("10.0.0.12 10.0.0.5");
});

test("with externalTrafficPolicy Local the endpoint sees the neighbour's own address; a node without endpoints does not answer it, but its pods", () => {
  const local = service("web", "10.100.0.10", { type: "NodePort", externalTrafficPolicy: "Local" });
  const at = (nodeName: string): EndpointSlice => {
    const made = slice("web", ["10.0.0.12"]);
    return { ...made, endpoints: (made.endpoints ?? []).map((endpoint) => ({ ...endpoint, nodeName })) };
  };
  apply(render([local], [at("node")]));
  expect(ask(outside, "http://10.0.0.5:30080")).toBe("10.0.0.12 10.0.0.9");
  apply(render([local], [at("elsewhere")]));
  const timedOut = 28;
  expect(ask(outside, "http://10.0.0.5:30080")).toBe(timedOut);
  expect(ask(pods[0].ns, "http://10.0.0.5:30080")).toBe("10.0.0.12 10.0.0.11");
  expect(ask(node, "http://10.0.0.5:30080")).toBe("10.0.0.12 10.0.0.5");
});

test("a node port without endpoints is refused to a neighbour", () => {
  apply(render([service("web", "10.100.0.10", { type: "NodePort" })], []));
  expect(ask(outside, "http://10.0.0.5:30080")).toBe(7);
});

test.skipIf(spawnSync("conntrack", ["--version"]).status !== 0)(
  "a client that goes on sending over UDP is led to the new endpoint once its old flow is forgotten",
  async () => {
    const echo = `const s = require("node:dgram").createSocket("udp4"); s.on("message", (_, r) => s.send(process.argv[1], r.port, r.address)); s.bind(53);`;
    for (const pod of pods)
      servers.push(spawn("ip", ["netns", "exec", pod.ns, process.execPath, "-e", echo, pod.address], { stdio: "ignore" }));
    const client = `const s = require("node:dgram").createSocket("udp4"); s.on("message", (m) => { console.log(String(m)); process.exit(0); }); s.bind(5555, () => s.send("?", 53, "10.100.0.53")); setTimeout(() => process.exit(1), 1000);`;
    const ask = (): string => spawnSync("ip", ["netns", "exec", node, process.execPath, "-e", client], { encoding: "utf8" }).stdout.trim();
    const dns: Service = service("dns", "10.100.0.53", { ports: [{ port: 53, protocol: "UDP" }] });
    const behind = (address: string): EndpointSlice => ({ ...slice("dns", [address]), ports: [{ name: "", port: 53, protocol: "UDP" }] });
    const routes = (address: string): readonly ServiceRoute[] =>
      serviceRoutes({ nodeName: "node", services: [dns], slices: [behind(address)] });
    apply(render([dns], [behind("10.0.0.11")]));
    await eventually("the first endpoint answers", () => ask() === "10.0.0.11");
    apply(renderChange(tableOf([dns], [behind("10.0.0.11")]), tableOf([dns], [behind("10.0.0.12")])));
    expect(ask()).toBe("10.0.0.11");
    await forgetStaleFlows(staleFlows(routes("10.0.0.11"), routes("10.0.0.12")), `/run/netns/${node}`);
    await eventually("the second endpoint answers", () => ask() === "10.0.0.12");
    // Nothing left to forget is fine.
    await forgetStaleFlows(staleFlows(routes("10.0.0.11"), routes("10.0.0.12")), `/run/netns/${node}`);
  },
);

test("a hundred services come and go by changes alone, and leave what a fresh table would be", () => {
  const many = Array.from({ length: 100 }, (_, index) => service(`s${index}`, `10.100.1.${index}`));
  const slices = many.map(({ metadata }, index) => slice(metadata.name, [`10.0.0.${11 + (index % 2)}`]));
  const none = tableOf([], []);
  const all = tableOf(many, slices);
  const some = tableOf(many.slice(50), slices.slice(25));
  apply(renderTable(none));
  apply(renderChange(none, all));
  expect(ask(node, "http://10.100.1.7")).toBe("10.0.0.12 10.0.0.5");
  apply(renderChange(all, some));
  const list = (): string[] =>
    inside(node, "nft", "-s", "list", "table", "ip", "slash28-services")
      .split(/[\n,]/)
      .map((line) => line.trim())
      .filter((line) => line !== "")
      .toSorted();
  const changed = list();
  apply(renderTable(some));
  expect(changed).toEqual(list());
  apply(renderChange(some, none));
  expect(inside(node, "nft", "list", "table", "ip", "slash28-services")).not.toContain("10.100.1.");
});

test("a service without endpoints refuses at once instead of hanging", () => {
  apply(render([service("web", "10.100.0.10")], []));
  const refused = 7;
  expect(ask(node, "http://10.100.0.10")).toBe(refused);
  expect(ask(pods[1].ns, "http://10.100.0.10")).toBe(refused);
});

test("a connection to a service is not taken for one that leaves the VPC, as its first packet's destination would suggest", () => {
  apply(render([service("web", "10.100.0.10")], [slice("web", ["10.0.0.12"])]));
  const leaving = (): number => {
    const chain = inside(node, "nft", "list", "chain", "ip", "slash28", "nat-prerouting");
    return Number([...chain.matchAll(/counter packets (\d+)/g)].at(-1)?.[1]);
  };
  const before = leaving();
  expect(ask(pods[0].ns, "http://10.100.0.10")).toBe("10.0.0.12 10.0.0.11");
  expect(leaving()).toBe(before);
  // Without a service behind it the same address counts as outside: the agent's chain sees the packet.
  expect(ask(pods[0].ns, "http://10.100.0.99")).not.toBe(0);
  expect(leaving()).toBeGreaterThan(before);
});

test("writing the same text twice is fine, and so is taking away what is not there", () => {
  const text = render([service("web", "10.100.0.10")], [slice("web", ["10.0.0.11"])]);
  apply(text);
  apply(text);
  apply(renderNoServices());
  apply(renderNoServices());
  expect(inside(node, "nft", "list", "tables")).not.toContain("slash28-services");
});
