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
} from "../../../src/kubernetes/kube-proxy/index.ts";

const tag = `s28k6${process.pid}`;
const node = `${tag}n`;
const outside = `${tag}o`;
const NODE = "2001:db8::5";
const OUTSIDE = "2001:db8::9";
const pods = [
  { ns: `${tag}a`, address: "2001:db8:0:1::11", link: "eniaaa" },
  { ns: `${tag}b`, address: "2001:db8:0:1::12", link: "enibbb" },
] as const;
const [first, second] = pods.map(({ address }) => address) as [string, string];
const VIP = "fd5f:1c53:8a00::a";
const EXTERNAL = "2001:db8:ff::5";
/** curl's exit codes. */
const REFUSED = 7;
const TIMED_OUT = 28;
const processes: ChildProcess[] = [];

const run = (...argv: readonly string[]): string => execFileSync(argv[0] ?? "", argv.slice(1), { encoding: "utf8" });
const inside = (ns: string, ...argv: readonly string[]): string => run("ip", "netns", "exec", ns, ...argv);
const apply = (text: string): void => void execFileSync("ip", ["netns", "exec", node, "nft", "-f", "-"], { input: text });
const node6 = (ns: string, script: string, ...argv: readonly string[]): ChildProcess =>
  spawn("ip", ["netns", "exec", ns, process.execPath, "-e", script, ...argv], { stdio: "ignore" });

/** Says on which address it was asked, and by whom. */
const SERVER = `require("node:http").createServer((q, s) => s.end(q.socket.localAddress + " " + q.socket.remoteAddress)).listen(8080, "::")`;

/** What answered in `ns`, or curl's exit code. */
function ask(ns: string, address: string, port = 80): string | number {
  const url = `http://[${address}]:${port}`;
  const result = spawnSync("ip", ["netns", "exec", ns, "curl", "-gs", "--max-time", "2", url], { encoding: "utf8" });
  return result.status === 0 ? result.stdout : (result.status ?? -1);
}

/** The different answers of many questions; stops when there are two. */
function answers(ns: string, address: string, port = 80): readonly string[] {
  const seen = new Set<string>();
  for (let i = 0; i < 40 && seen.size < 2; i++) seen.add(String(ask(ns, address, port)));
  return [...seen].toSorted();
}

/** A namespace in which an address is used at once: nobody is asked whether it is taken. */
function makeNamespace(ns: string): void {
  run("ip", "netns", "add", ns);
  inside(ns, "sysctl", "-qw", "net.ipv6.conf.all.accept_dad=0", "net.ipv6.conf.default.accept_dad=0");
  inside(ns, "sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=0", "net.ipv6.conf.default.disable_ipv6=0");
  inside(ns, "ip", "link", "set", "lo", "up");
}

function makePod({ ns, address, link }: (typeof pods)[number]): void {
  makeNamespace(ns);
  run("ip", "link", "add", link, "netns", node, "type", "veth", "peer", "name", "eth0", "netns", ns);
  inside(node, "ip", "link", "set", link, "up");
  inside(ns, "ip", "link", "set", "eth0", "up");
  inside(node, "ip", "-6", "route", "add", `${address}/128`, "dev", link);
  inside(ns, "ip", "-6", "address", "add", `${address}/128`, "dev", "eth0", "nodad");
  const mac = inside(node, "cat", `/sys/class/net/${link}/address`).trim();
  inside(ns, "ip", "-6", "route", "add", "default", "via", "fe80::1", "dev", "eth0", "onlink");
  inside(ns, "ip", "-6", "neighbour", "add", "fe80::1", "lladdr", mac, "dev", "eth0", "nud", "permanent");
}

beforeAll(async () => {
  makeNamespace(node);
  inside(node, "sysctl", "-qw", "net.ipv6.conf.all.forwarding=1");
  makeNamespace(outside);
  inside(node, "ip", "link", "add", "primary", "type", "veth", "peer", "name", "wire", "netns", outside);
  inside(node, "ip", "link", "set", "primary", "up");
  inside(outside, "ip", "link", "set", "wire", "up");
  inside(node, "ip", "-6", "address", "add", `${NODE}/64`, "dev", "primary", "nodad");
  inside(outside, "ip", "-6", "address", "add", `${OUTSIDE}/64`, "dev", "wire", "nodad");
  inside(outside, "ip", "-6", "route", "add", `${EXTERNAL}/128`, "via", NODE);
  inside(node, "ip", "-6", "route", "add", "default", "via", "2001:db8::1", "dev", "primary");
  for (const pod of pods) {
    makePod(pod);
    processes.push(node6(pod.ns, SERVER));
  }
  for (const { address } of pods) await eventually(`${address} serves`, () => typeof ask(node, address, 8080) === "string");
}, 60_000);

afterAll(() => {
  for (const one of processes) one.kill("SIGKILL");
  for (const ns of [node, outside, ...pods.map((pod) => pod.ns)]) spawnSync("ip", ["netns", "delete", ns]);
});

function service(more: Partial<Service["spec"]> = {}): Service {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "web", namespace: "default" },
    spec: { clusterIP: VIP, clusterIPs: [VIP], ports: [{ port: 80, protocol: "TCP", nodePort: 30080 }], ...more },
  };
}

function slice(addresses: readonly string[], more: Partial<EndpointSlice> = {}, nodeName?: string): EndpointSlice {
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name: "web-1", namespace: "default", labels: { "kubernetes.io/service-name": "web" } },
    addressType: "IPv6",
    ports: [{ name: "", port: 8080, protocol: "TCP" }],
    endpoints: addresses.map((address) => ({
      addresses: [address],
      conditions: { ready: true },
      ...(nodeName === undefined ? {} : { nodeName }),
    })),
    ...more,
  };
}

const routesOf = (one: Service, slices: readonly EndpointSlice[]) => serviceRoutes({ nodeName: "node", services: [one], slices });
const tableOf = (one: Service, slices: readonly EndpointSlice[]): NodeTable => nodeTable("ip6", routesOf(one, slices));
const render = (one: Service, slices: readonly EndpointSlice[]): string => renderTable(tableOf(one, slices));

test("an IPv6 cluster IP reaches every endpoint, from the node and from pods; a pod that reaches itself sees its node", () => {
  apply(render(service(), [slice([first, second])]));
  expect(answers(node, VIP)).toEqual([`${first} ${NODE}`, `${second} ${NODE}`]);
  expect(answers(pods[0].ns, VIP)).toEqual([`${first} ${NODE}`, `${second} ${first}`]);
});

test("a node port is on the node's IPv6 address, for pods, neighbours and the node itself, and so is an external address", () => {
  apply(render(service({ type: "NodePort", externalIPs: [EXTERNAL, "203.0.113.5"] }), [slice([second])]));
  expect(ask(node, NODE, 30080)).toBe(`${second} ${NODE}`);
  expect(ask(pods[0].ns, NODE, 30080)).toBe(`${second} ${NODE}`);
  expect(ask(outside, NODE, 30080)).toBe(`${second} ${NODE}`);
  expect(ask(outside, EXTERNAL)).toBe(`${second} ${NODE}`);
  expect(ask(node, "::1", 30080)).toBe(REFUSED);
});

test("with externalTrafficPolicy Local the endpoint sees the neighbour itself; a node without endpoints drops it, but not its pods", () => {
  const local = service({ type: "NodePort", externalTrafficPolicy: "Local" });
  apply(render(local, [slice([second], {}, "node")]));
  expect(ask(outside, NODE, 30080)).toBe(`${second} ${OUTSIDE}`);
  apply(render(local, [slice([second], {}, "elsewhere")]));
  expect(ask(outside, NODE, 30080)).toBe(TIMED_OUT);
  expect(ask(pods[0].ns, NODE, 30080)).toBe(`${second} ${first}`);
  expect(ask(node, NODE, 30080)).toBe(`${second} ${NODE}`);
});

test("a sticky client keeps its endpoint while others come and go, until that endpoint goes", () => {
  const sticky = service({ sessionAffinity: "ClientIP", sessionAffinityConfig: { clientIP: { timeoutSeconds: 600 } } });
  const [one, both, other] = [[first], [first, second], [second]].map((addresses) => tableOf(sticky, [slice(addresses)])) as [
    NodeTable,
    NodeTable,
    NodeTable,
  ];
  apply(renderTable(one));
  expect(ask(node, VIP)).toBe(`${first} ${NODE}`);
  apply(renderChange(one, both));
  expect(new Set(Array.from({ length: 12 }, () => ask(node, VIP)))).toEqual(new Set([`${first} ${NODE}`]));
  apply(renderChange(both, other));
  expect(ask(node, VIP)).toBe(`${second} ${NODE}`);
});

test("a service without endpoints refuses the first packet already, at its address and at its node port", () => {
  apply(render(service({ type: "NodePort" }), []));
  const counting = ["prerouting", "output"].map(
    (hook) =>
      `chain ${hook} {\ntype filter hook ${hook} priority -300; policy accept;\ntcp flags & (syn | ack) == syn th dport { 80, 30080 } counter\n}`,
  );
  apply(`table ip6 counted {\n${counting.join("\n")}\n}\n`);
  expect([ask(node, VIP), ask(pods[1].ns, VIP), ask(outside, NODE, 30080)]).toEqual([REFUSED, REFUSED, REFUSED]);
  const seen = [...inside(node, "nft", "list", "table", "ip6", "counted").matchAll(/counter packets (\d+)/g)].map(([, count]) =>
    Number(count),
  );
  expect(seen).toEqual([2, 1]);
});

test("endpoints of the other family are not this table's, and the IPv4 table does not touch it", () => {
  apply(render(service(), [slice([first]), slice(["10.0.0.11"], { addressType: "IPv4" })]));
  apply(renderTable(nodeTable("ip", [])));
  for (let i = 0; i < 6; i++) expect(ask(node, VIP)).toBe(`${first} ${NODE}`);
});

test.skipIf(spawnSync("conntrack", ["--version"]).status !== 0)(
  "UDP goes through, and to the new endpoint once its old flow is forgotten",
  async () => {
    const echo = `const s = require("node:dgram").createSocket("udp6"); s.on("message", (_, r) => s.send(process.argv[1], r.port, r.address)); s.bind(53, "::");`;
    for (const { ns, address } of pods) processes.push(node6(ns, echo, address));
    const client = `const s = require("node:dgram").createSocket("udp6"); s.on("message", (m) => { console.log(String(m)); process.exit(0); }); s.bind(5555, () => s.send("?", 53, "${VIP}")); setTimeout(() => process.exit(1), 1000);`;
    const said = (): string => spawnSync("ip", ["netns", "exec", node, process.execPath, "-e", client], { encoding: "utf8" }).stdout.trim();
    const dns = service({ ports: [{ port: 53, protocol: "UDP" }] });
    const behind = (address: string): EndpointSlice => slice([address], { ports: [{ name: "", port: 53, protocol: "UDP" }] });
    apply(render(dns, [behind(first)]));
    await eventually("the first endpoint answers", () => said() === first);
    apply(renderChange(tableOf(dns, [behind(first)]), tableOf(dns, [behind(second)])));
    expect(said()).toBe(first);
    await forgetStaleFlows(staleFlows(routesOf(dns, [behind(first)]), routesOf(dns, [behind(second)])), `/run/netns/${node}`);
    await eventually("the second endpoint answers", () => said() === second);
  },
);

test("the kernel takes the rules of an SCTP service, and leads no TCP by them", () => {
  const sctp = service({ ports: [{ port: 80, protocol: "SCTP", nodePort: 30080 }], type: "NodePort" });
  apply(render(sctp, [slice([first, second], { ports: [{ name: "", port: 8080, protocol: "SCTP" }] })]));
  const map = inside(node, "nft", "list", "map", "ip6", "slash28-services", "services");
  expect(map).toContain(`${VIP} . sctp . 80 : goto service/default/web/sctp/80`);
  expect(ask(node, NODE, 30080)).toBe(REFUSED);
});

test("what is written by changes alone is what a fresh table would be, and it can be taken away", () => {
  const before = tableOf(service(), [slice([first])]);
  const after = tableOf(service({ type: "NodePort", sessionAffinity: "ClientIP" }), [slice([first, second])]);
  const list = (): string[] =>
    inside(node, "nft", "-s", "list", "table", "ip6", "slash28-services")
      .split(/[\n,]/)
      .map((line) => line.trim())
      .filter((line) => line !== "")
      .toSorted();
  apply(renderTable(before));
  apply(renderChange(before, after));
  const changed = list();
  apply(renderTable(after));
  expect(changed).toEqual(list());
  apply(renderNoServices("ip6"));
  expect(inside(node, "nft", "list", "tables")).not.toContain("ip6 slash28-services");
});
