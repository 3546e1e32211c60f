import { spawnSync } from "node:child_process";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { cidr4, ipv4 } from "@slash28/address";
import { addRoute, decodeRoute, RTM, type Outcome, type Request } from "@slash28/netlink";
import { applyNftables, createHostNetwork, openNetlink, readSysctl, writeSysctl, type LinuxHostNetwork } from "../src/index.ts";
import { openHostKernel, type HostKernel } from "../src/host-kernel.ts";
import { createLinkReaper } from "../src/link-reaper.ts";
import { wirePod } from "../src/pod-wire.ts";
import { aHost, aPod, hostWorld, INTERNET, mac, NEIGHBOUR, PRIMARY, SECOND, type HostWorld } from "./host-world.ts";
import { readLineFrom } from "./tcp-client.ts";

let world: HostWorld;
let network: LinuxHostNetwork;

beforeEach(() => {
  world = hostWorld();
  network = createHostNetwork({ namespace: world.namespaces.path("host") });
});

afterEach(() => {
  network.close();
  world.close();
});

/** Makes a namespace for pod `n` and wires it. */
function startPod(n: number): void {
  world.namespaces.make(`p${n}`);
  network.wirePod(aPod(n), world.namespaces.path(`p${n}`));
}

/** What the server at this address says it sees, asked from a namespace. */
function seenFrom(where: string, address: string, port: number): Promise<string> {
  return readLineFrom(world.namespaces.nameOf(where), address, port);
}

describe("packets", () => {
  beforeEach(() => {
    network.applyHost(aHost());
    startPod(0);
    startPod(1);
  });

  test("pods reach each other by their own addresses, across ENIs", async () => {
    await world.serve("p0", "10.0.0.64", 80);
    await world.serve("p1", "10.0.0.65", 80);
    expect(await seenFrom("p1", "10.0.0.64", 80)).toBe("10.0.0.65");
    expect(await seenFrom("p0", "10.0.0.65", 80)).toBe("10.0.0.64");
  });

  test("host and pods reach each other", async () => {
    await world.serve("host", "10.0.0.9", 80);
    await world.serve("p1", "10.0.0.65", 80);
    expect(await seenFrom("p1", "10.0.0.9", 80)).toBe("10.0.0.65");
    expect(await seenFrom("host", "10.0.0.65", 80)).toBe("10.0.0.9");
  });

  test("within the VPC a pod is seen by its own address, whichever ENI has it", async () => {
    await world.serve("outside", NEIGHBOUR, 80);
    expect(await seenFrom("p0", NEIGHBOUR, 80)).toBe("10.0.0.64");
    expect(await seenFrom("p1", NEIGHBOUR, 80)).toBe("10.0.0.65");
  });

  test("the VPC reaches a pod on either ENI", async () => {
    await world.serve("p0", "10.0.0.64", 80);
    await world.serve("p1", "10.0.0.65", 80);
    expect(await seenFrom("outside", "10.0.0.64", 80)).toBe("10.0.0.1");
    expect(await seenFrom("outside", "10.0.0.65", 80)).toBe("10.0.0.1");
  });

  test("outside the VPC every pod is seen by the node's primary address", async () => {
    await world.serve("outside", INTERNET, 80);
    expect(await seenFrom("p0", INTERNET, 80)).toBe("10.0.0.9");
    expect(await seenFrom("p1", INTERNET, 80)).toBe("10.0.0.9");
  });

  test("an excluded range sees the pod's own address", async () => {
    network.applyHost(aHost({ snat: { mode: "node", excluded: [cidr4("203.0.113.0/24")], port: "none" } }));
    await world.serve("outside", INTERNET, 80);
    expect(await seenFrom("p1", INTERNET, 80)).toBe("10.0.0.65");
  });

  test("a range that the VPC gets while pods run sees their own addresses from then on, and is translated to when it leaves", async () => {
    await world.serve("outside", INTERNET, 80);
    expect(await seenFrom("p1", INTERNET, 80)).toBe("10.0.0.9");
    network.applyHost(aHost({ vpcCidrs: [cidr4("10.0.0.0/16"), cidr4("203.0.113.0/24")] }));
    expect(await seenFrom("p1", INTERNET, 80)).toBe("10.0.0.65");
    network.applyHost(aHost());
    expect(await seenFrom("p1", INTERNET, 80)).toBe("10.0.0.9");
  });

  test("with external source NAT nothing is translated", async () => {
    network.applyHost(aHost({ snat: { mode: "external" } }));
    await world.serve("outside", INTERNET, 80);
    expect(await seenFrom("p1", INTERNET, 80)).toBe("10.0.0.65");
  });

  test("an external service range is reached by the main table, whichever ENI the pod's address is on", async () => {
    const routeOfPod = (): string => {
      const ask = ["netns", "exec", world.namespaces.nameOf("host"), "ip", "route", "get", INTERNET, "from", "10.0.0.65", "iif", "eni1"];
      return spawnSync("ip", ask, { encoding: "utf8" }).stdout;
    };
    network.applyHost(aHost({ snat: { mode: "external" } }));
    expect(routeOfPod()).toContain("dev eth1");
    network.applyHost(aHost({ snat: { mode: "external" }, externalServiceCidrs: [cidr4("203.0.113.0/24")] }));
    expect(routeOfPod()).toContain("dev eth0");
    network.applyHost(aHost({ snat: { mode: "external" } }));
    expect(routeOfPod()).toContain("dev eth1");
  });

  test("a node port of a pod on the second ENI is answered through the primary one", async () => {
    applyNftables(
      "table ip nodeport {\n chain pre {\n type nat hook prerouting priority dstnat;\n tcp dport 30080 fib daddr type local dnat to 10.0.0.65:80\n }\n}\n",
      world.namespaces.path("host"),
    );
    await world.serve("p1", "10.0.0.65", 80);
    expect(await seenFrom("outside", "10.0.0.9", 30_080)).toBe("10.0.0.1");
  });
});

describe("the host", () => {
  test("is set up once; again, also by a new process, changes nothing", () => {
    expect(network.applyHost(aHost())).toContain("set nftables table ip slash28");
    expect(network.applyHost(aHost())).toEqual([]);
    const another = createHostNetwork({ namespace: world.namespaces.path("host") });
    expect(another.applyHost(aHost())).toEqual([]);
    another.close();
    expect(readSysctl("net/ipv4/conf/eth0/rp_filter", world.namespaces.path("host"))).toBe("2");
  });

  test("is mended where someone changed it", () => {
    network.applyHost(aHost());
    const whole = world.hostText();
    applyNftables("flush ruleset\n", world.namespaces.path("host"));
    writeSysctl("net/ipv4/ip_forward", "0", world.namespaces.path("host"));
    world.host.setLink("eth1", { up: false });
    world.host.remove({ kind: "rule", priority: 1024, table: 254, mark: { value: 0x80, mask: 0x80 } });
    expect(network.applyHost(aHost())).toEqual([
      "set nftables table ip slash28",
      "set link eth1 mtu 9001 up",
      "set route 10.0.0.1/32 dev eth1 scope link table 2",
      "set route default via 10.0.0.1 dev eth1 table 2",
      "set rule 1024: from all fwmark 0x80/0x80 lookup main",
      "set sysctl net/ipv4/ip_forward=1",
    ]);
    expect(world.hostText()).toBe(whole);
  });

  test("looks sockets up early or late, as told", () => {
    const earlyDemux = (): string | undefined => readSysctl("net/ipv4/tcp_early_demux", world.namespaces.path("host"));
    network.applyHost(aHost({ tcpEarlyDemux: false }));
    expect(earlyDemux()).toBe("0");
    network.applyHost(aHost());
    expect(earlyDemux()).toBe("1");
  });

  test("takes over an ENI that another program set up: its subnet route and address go", () => {
    world.host.setLink("eth1", { up: true });
    world.host.put({ kind: "address", link: "eth1", address: ipv4("10.0.0.33"), length: 24, subnetRoute: true });
    const changes = network.applyHost(aHost());
    expect(changes).toContain("removed address 10.0.0.33/24 dev eth1");
    expect(world.host.addresses("eth1").map((address) => address.address)).toEqual([SECOND.primaryAddress]);
    expect(world.host.routes(254).filter((route) => route.link === "eth1")).toEqual([]);
  });

  test("an ENI that is gone leaves no rule", () => {
    network.applyHost(aHost());
    world.host.deleteLink("eth1");
    expect(network.applyHost(aHost({ enis: [PRIMARY] }))).toEqual(["removed rule 32765: from 10.0.0.20/32 lookup 2"]);
  });

  test("an ENI whose link has not come is told by its MAC address", () => {
    world.host.deleteLink("eth1");
    expect(() => network.applyHost(aHost())).toThrow("ENODEV setting up an ENI (no link has the MAC address 02:00:00:00:00:02)");
    expect(network.linkMacs()).toContain(PRIMARY.mac);
    expect(network.linkMacs()).not.toContain(SECOND.mac);
  });
});

describe("a pod", () => {
  test("wired twice is wired once; then nothing is missing", () => {
    world.namespaces.make("p1");
    const first = network.wirePod(aPod(1), world.namespaces.path("p1"));
    const before = world.hostText();
    expect(network.wirePod(aPod(1), world.namespaces.path("p1"))).toEqual(first);
    expect(world.hostText()).toBe(before);
    expect(network.checkPod(aPod(1), world.namespaces.path("p1"))).toEqual([]);
    expect(network.observedPods("eni")).toEqual([{ hostLink: "eni1", address: ipv4("10.0.0.65") }]);
    expect(readSysctl("net/ipv6/conf/eni1/accept_ra", world.namespaces.path("host")) ?? "0").toBe("0");
  });

  test("wired among others is looked at alone: twice is once, and what others lack is theirs", () => {
    for (const n of [0, 1, 2]) startPod(n);
    world.host.remove({ kind: "rule", priority: 512, to: cidr4("10.0.0.66/32"), table: 254 });
    const before = world.hostText();
    network.wirePod(aPod(1), world.namespaces.path("p1"));
    expect(world.hostText()).toBe(before);
    expect(network.checkPod(aPod(1), world.namespaces.path("p1"))).toEqual([]);
    expect(network.checkPod(aPod(2), world.namespaces.path("p2"))).toEqual([
      "the host lacks rule 512: from all to 10.0.0.66/32 lookup main",
    ]);
  });

  test("what is missing is told, side by side", () => {
    startPod(1);
    world.host.remove({ kind: "rule", priority: 512, to: cidr4("10.0.0.65/32"), table: 254 });
    const pod = openNetlink(world.namespaces.path("p1"));
    pod.remove({ kind: "neighbour", link: "eth0", address: ipv4("169.254.1.1"), mac: aPod(1).hostMac });
    pod.setLink("eth0", { mtu: 1500 });
    pod.close();
    expect(network.checkPod(aPod(1), world.namespaces.path("p1"))).toEqual([
      "the host lacks rule 512: from all to 10.0.0.65/32 lookup main",
      `the pod lacks link eth0 mtu 9001 up; there is link eth0 address ${podMac("p1")} mtu 1500 up`,
      "the pod lacks neighbour 169.254.1.1 lladdr 02:aa:00:00:00:01 dev eth0 nud permanent",
    ]);
    expect(network.checkPod(aPod(3), "/run/netns/s28t-nowhere")).toEqual([expect.stringContaining("does not exist")]);
  });

  test("that was wired in part only is wired whole", () => {
    startPod(1);
    world.host.remove({ kind: "rule", priority: 1536, from: cidr4("10.0.0.65/32"), table: 2 });
    network.wirePod(aPod(1), world.namespaces.path("p1"));
    expect(network.checkPod(aPod(1), world.namespaces.path("p1"))).toEqual([]);
  });

  test("whose name an earlier sandbox left behind takes its place", () => {
    startPod(1);
    world.namespaces.make("next");
    network.wirePod(aPod(1, { address: ipv4("10.0.0.67") }), world.namespaces.path("next"));
    expect(network.checkPod(aPod(1, { address: ipv4("10.0.0.67") }), world.namespaces.path("next"))).toEqual([]);
    expect(network.observedPods("eni")).toEqual([{ hostLink: "eni1", address: ipv4("10.0.0.67") }]);
  });

  test("whose address was on another ENI before goes by its own table only", () => {
    world.host.put({ kind: "rule", priority: 1536, from: cidr4("10.0.0.64/32"), table: 7 });
    startPod(0);
    expect(world.host.rules().filter((rule) => rule.priority === 1536)).toEqual([]);
  });

  describe("that cannot be wired leaves the host as it was", () => {
    test("its namespace is gone", () => {
      const before = world.hostText();
      expect(() => network.wirePod(aPod(1), "/run/netns/s28t-nowhere")).toThrow("/run/netns/s28t-nowhere does not exist");
      expect(world.hostText()).toBe(before);
    });

    test("its namespace has a link of that name", () => {
      const pod = openNetlink(world.namespaces.make("p1"));
      pod.addLink({ type: "bridge", name: "eth0" });
      const before = world.hostText();
      expect(() => network.wirePod(aPod(1), world.namespaces.path("p1"))).toThrow("already has a link eth0");
      expect(world.hostText()).toBe(before);
      expect(pod.link("eth0")?.type).toBe("bridge");
      pod.close();
    });

    test("the kernel refuses one of several changes sent together: that one is named, and those after it are undone too", () => {
      const path = world.namespaces.make("p1");
      const before = world.hostText();
      const kernel = openHostKernel(world.namespaces.path("host"));
      const spoiling: HostKernel = { ...kernel, socket: { ...kernel.socket, transact: (all) => kernel.socket.transact(all.map(astray)) } };
      expect(() => wirePod(spoiling, createLinkReaper(spoiling, 0), aPod(1), path)).toThrow(
        /the kernel answered ENODEV adding route 10\.0\.0\.65\/32 dev eni1 scope link table main/,
      );
      expect(world.hostText()).toBe(before);
      wirePod(kernel, createLinkReaper(kernel, 0), aPod(1), path);
      expect(network.checkPod(aPod(1), path)).toEqual([]);
      kernel.close();
    });

    test.each(["newRoute", "newRule"] as const)("the kernel refuses %s after everything before it was done", (step) => {
      const path = world.namespaces.make("p1");
      const before = world.hostText();
      const kernel = openHostKernel(world.namespaces.path("host"));
      const refusing: HostKernel = { ...kernel, socket: { ...kernel.socket, transact: (requests) => refuse(kernel, requests, RTM[step]) } };
      const reaper = createLinkReaper(refusing, 0);
      expect(() => wirePod(refusing, reaper, aPod(1), path)).toThrow(/the kernel answered ENOMEM adding (route|rule)/);
      expect(world.hostText()).toBe(before);
      wirePod(kernel, reaper, aPod(1), path);
      expect(network.checkPod(aPod(1), path)).toEqual([]);
      kernel.close();
    });
  });

  describe("that is unwired", () => {
    test("is gone from routes and rules at once and from the links with the batch; twice is fine", () => {
      const before = world.hostText();
      for (const n of [0, 1, 2, 3]) startPod(n);
      for (const n of [0, 1, 2, 3]) network.unwirePod(aPod(n), world.namespaces.path(`p${n}`));
      expect(world.host.rules()).toHaveLength(3);
      expect(network.observedPods("eni")).toEqual([]);
      network.unwirePod(aPod(0), undefined);
      network.close();
      expect(world.hostText()).toBe(before);
      network = createHostNetwork({ namespace: world.namespaces.path("host") });
    });

    test("after its namespace went, leaves nothing", () => {
      const before = world.hostText();
      startPod(1);
      // Removing a namespace takes the kernel a moment; deleting the link is the part of it that can be waited for.
      world.host.deleteLink("eni1");
      world.namespaces.drop("p1");
      network.unwirePod(aPod(1), world.namespaces.path("p1"));
      expect(world.hostText()).toBe(before);
    });

    test("can be wired again at once: same name, or same namespace under another name", () => {
      startPod(1);
      const path = world.namespaces.path("p1");
      network.unwirePod(aPod(1), path);
      expect(network.checkPod(aPod(1), path)).toContain("link eni1 is about to be deleted");
      network.wirePod(aPod(1), path);
      expect(network.checkPod(aPod(1), path)).toEqual([]);
      network.unwirePod(aPod(1), path);
      network.wirePod(aPod(3), path);
      expect(network.checkPod(aPod(3), path)).toEqual([]);
      expect(network.observedPods("eni").map((pod) => pod.hostLink)).toEqual(["eni3"]);
    });

    test("by a process that ends before its batch is swept up by the next one", () => {
      startPod(1);
      network.unwirePod(aPod(1), undefined);
      const next = createHostNetwork({ namespace: world.namespaces.path("host") });
      next.applyHost(aHost());
      expect(world.host.link("eni1")).toBeUndefined();
      next.close();
    });

    test("takes no other link's route to the same address along", () => {
      startPod(1);
      world.namespaces.make("p5");
      network.wirePod(aPod(5, { address: aPod(1).address }), world.namespaces.path("p5"));
      network.unwirePod(aPod(1), undefined);
      expect(world.host.routes(254).filter((route) => route.link === "eni5")).toHaveLength(1);
    });
  });

  test("without a delay its link goes at once", () => {
    const prompt = createHostNetwork({ namespace: world.namespaces.path("host"), linkDeleteDelayMs: 0 });
    startPod(0);
    prompt.unwirePod(aPod(0), world.namespaces.path("p0"));
    expect(world.host.link("eni0")).toBeUndefined();
    prompt.close();
  });

  test("names longer than the kernel takes are refused", () => {
    const path = world.namespaces.make("p0");
    expect(() => network.wirePod(aPod(0, { hostLink: "eni-longer-than-fifteen" }), path)).toThrow(
      /(ERANGE|EINVAL) adding veth link eni-longer-than-fifteen/,
    );
  });
});

/** Sends a route over a link that is not there; every other change stays as it is. */
function astray(change: Request): Request {
  const route = change.type === RTM.newRoute ? decodeRoute(change.payload) : undefined;
  return route === undefined ? change : addRoute({ ...route, link: 999_999 }, "replace");
}

/** Lets the kernel do all it is asked, then says that it had no memory for requests of this type. */
function refuse(kernel: HostKernel, requests: readonly Request[], type: number): readonly Outcome[] {
  const outcomes = kernel.socket.transact(requests);
  return requests.map((request, i) => (request.type === type ? { kind: "refused", errno: 12 } : (outcomes[i] ?? { kind: "done" })));
}

function podMac(where: string): string {
  const pod = openNetlink(world.namespaces.path(where));
  try {
    return pod.link("eth0")?.mac ?? mac("00:00:00:00:00:00");
  } finally {
    pod.close();
  }
}
