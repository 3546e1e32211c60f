import { execFileSync } from "node:child_process";
import { existsSync, readlinkSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ipv4, ipv6 } from "@slash28/address";
import {
  applyNftables,
  closeNamespace,
  createNamespace,
  deleteNamespace,
  inNamespace,
  inNamespaceAt,
  connectInNamespace,
  listenInNamespace,
  listNamespaces,
  listNftable,
  namespaceExists,
  openNamespace,
  openNetlink,
  readSysctl,
  writeSysctl,
} from "../src/index.ts";
import { readLineFrom } from "./tcp-client.ts";
import { testNamespaces, type TestNamespaces } from "./namespaces.ts";

let namespaces: TestNamespaces;

beforeEach(() => {
  namespaces = testNamespaces();
});

afterEach(() => namespaces.dropAll());

/** Which namespace this thread is in. */
function here(): string {
  return readlinkSync("/proc/thread-self/ns/net");
}

describe("named namespaces", () => {
  test("ip netns works with them, and loopback is up", () => {
    namespaces.make("a");
    const name = namespaces.nameOf("a");
    expect(execFileSync("ip", ["netns", "list"], { encoding: "utf8" })).toContain(name);
    expect(execFileSync("ip", ["netns", "exec", name, "ip", "-o", "link"], { encoding: "utf8" })).toMatch(/lo: <LOOPBACK,UP/);
    expect(listNamespaces()).toContain(name);
    execFileSync("ip", ["netns", "del", name]);
    expect(namespaceExists(namespaces.path("a"))).toBe(false);
  });

  test("one made by ip netns can be deleted here; twice is fine", () => {
    const name = namespaces.nameOf("b");
    execFileSync("ip", ["netns", "add", name]);
    expect(namespaceExists(namespaces.path("b"))).toBe(true);
    expect(deleteNamespace(name)).toBe(true);
    expect(deleteNamespace(name)).toBe(false);
    expect(existsSync(namespaces.path("b"))).toBe(false);
  });

  test("a name that is taken is refused and stays what it was", () => {
    const path = namespaces.make("a");
    const before = inNamespaceAt(path, here);
    expect(() => createNamespace(namespaces.nameOf("a"))).toThrow(/EEXIST making the network namespace/);
    expect(inNamespaceAt(path, here)).toBe(before);
  });

  test("making one leaves this thread where it was", () => {
    const before = here();
    namespaces.make("a");
    expect(here()).toBe(before);
  });
});

describe("stepping into a namespace", () => {
  test("comes back, also out of nested ones and after a throw", () => {
    const before = here();
    const [a, b] = [namespaces.make("a"), namespaces.make("b")].map(openNamespace);
    if (a === undefined || b === undefined) throw new TypeError("two descriptors were opened");
    try {
      const seen = inNamespace(a, () => {
        const outer = here();
        const inner = inNamespace(b, here);
        return { outer, inner, outerAgain: here() };
      });
      expect(new Set([before, seen.outer, seen.inner]).size).toBe(3);
      expect(seen.outerAgain).toBe(seen.outer);
      expect(here()).toBe(before);
      expect(() =>
        inNamespace(a, () => {
          throw new RangeError("broken");
        }),
      ).toThrow(RangeError);
      expect(here()).toBe(before);
    } finally {
      closeNamespace(a);
      closeNamespace(b);
    }
  });

  test("takes no asynchronous work", () => {
    const path = namespaces.make("a");
    const before = here();
    expect(() => inNamespaceAt(path, () => Promise.resolve())).toThrow(TypeError);
    expect(here()).toBe(before);
  });

  test("a path that is not there, or is no namespace, is a namespace that is gone", () => {
    const gone = expect.objectContaining({ code: "POD_NAMESPACE_GONE" }) as Error;
    expect(() => openNamespace("/run/netns/s28t-nowhere")).toThrow(gone);
    expect(() => inNamespaceAt("/etc/hostname", here)).toThrow(gone);
  });
});

test("settings are those of the namespace, and an unknown one is told apart", () => {
  const path = namespaces.make("a");
  const outside = readSysctl("net/ipv4/ip_forward");
  expect(writeSysctl("net/ipv4/ip_forward", "1", path)).toBe(true);
  expect(readSysctl("net/ipv4/ip_forward", path)).toBe("1");
  expect(writeSysctl("net/ipv4/ip_forward", "0", path)).toBe(true);
  expect(readSysctl("net/ipv4/ip_forward", path)).toBe("0");
  expect(readSysctl("net/ipv4/ip_forward")).toBe(outside);
  expect(readSysctl("net/ipv4/no_such", path)).toBeUndefined();
  expect(writeSysctl("net/ipv4/no_such", "1", path)).toBe(false);
  expect(() => writeSysctl("net/ipv4/ip_forward", "many", path)).toThrow(/EINVAL writing \/proc\/sys\/net\/ipv4\/ip_forward/);
});

describe("listening in a namespace", () => {
  test("a Node server answers there, at an address nobody outside has", async () => {
    const path = namespaces.make("a");
    const netlink = openNetlink(path);
    netlink.put({ kind: "address", link: "lo", address: ipv4("169.254.169.254"), length: 32, subnetRoute: false });
    netlink.close();
    const server = createServer((socket) => socket.end("hello\n"));
    server.listen({ fd: listenInNamespace(path, ipv4("169.254.169.254"), 80) });
    await once(server, "listening");
    try {
      expect(await readLineFrom(namespaces.nameOf("a"), "169.254.169.254", 80)).toBe("hello");
    } finally {
      server.close();
    }
  });

  test("at an IPv6 address likewise; once the address is gone nobody gets there", async () => {
    const path = namespaces.make("a");
    const address = { kind: "address", link: "lo", address: ipv6("2001:db8::9"), length: 128 } as const;
    const server = createServer((socket) => socket.end("hello\n"));
    // The server may come before its address.
    server.listen({ fd: listenInNamespace(path, address.address, 80) });
    await once(server, "listening");
    const netlink = openNetlink(path);
    try {
      netlink.putIpv6(address);
      expect(await readLineFrom(namespaces.nameOf("a"), "2001:db8::9", 80)).toBe("hello");
      expect([netlink.removeIpv6Address(address), netlink.removeIpv6Address(address)]).toEqual([true, false]);
      await expect(readLineFrom(namespaces.nameOf("a"), "2001:db8::9", 80)).rejects.toThrow();
    } finally {
      netlink.close();
      server.close();
    }
  });

  test("port 0 is chosen by the kernel; a port in use is refused by name", async () => {
    const path = namespaces.make("a");
    const server = createServer();
    server.listen({ fd: listenInNamespace(path, ipv4("127.0.0.1"), 0) });
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    try {
      expect(port).toBeGreaterThan(0);
      expect(() => listenInNamespace(path, ipv4("127.0.0.1"), port)).toThrow(/EADDRINUSE listening on port/);
    } finally {
      server.close();
    }
  });
});

describe("connecting from a namespace", () => {
  test("reaches what only that namespace has; a refusal is the socket's error", async () => {
    const path = namespaces.make("a");
    const netlink = openNetlink(path);
    netlink.put({ kind: "address", link: "lo", address: ipv4("169.254.7.7"), length: 32, subnetRoute: false });
    netlink.close();
    const server = createServer((socket) => socket.on("data", (data) => socket.end(`got ${data.toString()}`)));
    server.listen({ fd: listenInNamespace(path, ipv4("169.254.7.7"), 80) });
    await once(server, "listening");
    try {
      const socket = connectInNamespace(path, ipv4("169.254.7.7"), 80);
      socket.write("hello");
      const [answer] = (await once(socket, "data")) as [Buffer];
      expect(answer.toString()).toBe("got hello");
      const [error] = (await once(connectInNamespace(path, ipv4("169.254.7.7"), 81), "error")) as [Error];
      expect(error.message).toContain("ECONNREFUSED");
      expect(() => connectInNamespace("/run/netns/nobody-made-this", ipv4("169.254.7.7"), 80)).toThrow(/nobody-made-this/);
    } finally {
      server.close();
    }
  });
});

describe("nftables", () => {
  test("commands are applied in the namespace, all or none", () => {
    const path = namespaces.make("a");
    applyNftables("table ip t {\n\tchain c {\n\t}\n}\n", path);
    expect(listNftable("ip", "t", path)).toBe("table ip t {\n\tchain c {\n\t}\n}\n");
    expect(() => applyNftables("add table ip u\nadd rule ip t nowhere drop\n", path)).toThrow(/applying nftables rules:.*nowhere/s);
    expect(listNftable("ip", "u", path)).toBeUndefined();
  });

  test("without nft, the package to install is named", () => {
    const searched = process.env["PATH"];
    process.env["PATH"] = "/nonexistent";
    try {
      expect(() => applyNftables("add table ip t\n")).toThrow("nft is not installed; install the package nftables");
    } finally {
      process.env["PATH"] = searched;
    }
  });
});
