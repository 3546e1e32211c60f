import { execFileSync, spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { eventually } from "@slash28/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { EndpointSlice, Service } from "../../../src/kubernetes/controllers/objects/index.ts";
import { renderNoServices, renderServices, serviceRoutes } from "../../../src/kubernetes/kube-proxy/index.ts";

const tag = `s28kp${process.pid}`;
const node = `${tag}n`;
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
  inside(node, "ip", "link", "add", "primary", "type", "veth", "peer", "name", "wire");
  for (const dev of ["lo", "primary", "wire"]) inside(node, "ip", "link", "set", dev, "up");
  inside(node, "ip", "address", "add", "10.0.0.5/24", "dev", "primary");
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
  for (const ns of [node, ...pods.map((pod) => pod.ns)]) spawnSync("ip", ["netns", "delete", ns]);
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

const render = (services: readonly Service[], slices: readonly EndpointSlice[]): string =>
  renderServices(serviceRoutes({ nodeName: "node", services, slices }));

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

test("a sticky service answers one client from one endpoint", () => {
  const sticky = service("web", "10.100.0.10", { sessionAffinity: "ClientIP" });
  apply(render([sticky], [slice("web", ["10.0.0.11", "10.0.0.12"])]));
  const answers = new Set(Array.from({ length: 10 }, () => ask(node, "http://10.100.0.10")));
  expect(answers.size).toBe(1);
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
