import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createNamespace, deleteNamespace, namespacePath, openNetlink, type Netlink } from "@slash28/linux";
import { formatIpv4, ipv4 } from "@slash28/address";
import { Fault, type Log } from "@slash28/ports";
import { execFileSync } from "node:child_process";
import { AGENT_LINK, setUpLink } from "../src/index.ts";

const NAME = `s28-podid-${process.pid}`;
const said: string[] = [];
const line = (message: string): void => void said.push(message);
const log: Log = { debug: line, info: line, warn: line, error: line, child: () => log };
const ip = (...args: string[]): string => execFileSync("ip", ["-n", NAME, ...args], { encoding: "utf8" });

let netlink: Netlink;
beforeEach(() => {
  said.length = 0;
  createNamespace(NAME);
  netlink = openNetlink(namespacePath(NAME));
  netlink.setLink("lo", { up: true });
});
afterEach(() => {
  netlink.close();
  deleteNamespace(NAME);
});

/** The same kernel, said to have no dummy links. */
const withoutDummies = (): Netlink => ({
  ...netlink,
  addLink: () => {
    throw new Fault("KERNEL_REFUSED", { errno: "EOPNOTSUPP", doing: "adding a link" });
  },
});
const hasDummies = (): boolean => {
  try {
    netlink.addLink({ type: "dummy", name: "probe" });
    return netlink.deleteLink("probe");
  } catch {
    return false;
  }
};

describe("the agent's addresses", () => {
  test("are the host's own afterwards, on the loopback link where there are no dummy links; twice is once", () => {
    for (let i = 0; i < 2; i++) setUpLink(withoutDummies(), log);
    expect(netlink.addresses("lo").map(({ address }) => formatIpv4(address))).toContain("169.254.170.23");
    expect(ip("route", "get", "169.254.170.23")).toContain("local 169.254.170.23 dev lo");
    if (said.includes("the agent's IPv6 address is there")) expect(ip("-6", "addr", "show", "dev", "lo")).toContain("fd00:ec2::23/128");
  });

  test("another error than missing support is not swallowed", () => {
    const refusing = {
      ...netlink,
      addLink: () => {
        throw new Fault("KERNEL_REFUSED", { errno: "EPERM", doing: "adding a link" });
      },
    };
    expect(() => setUpLink(refusing, log)).toThrow("EPERM");
  });

  test("are on a dummy link of their own where the kernel has them, and not taken from another link", ({ skip }) => {
    skip(!hasDummies(), "this kernel has no dummy links");
    for (let i = 0; i < 2; i++) setUpLink(netlink, log);
    expect(netlink.addresses(AGENT_LINK).map(({ address }) => formatIpv4(address))).toEqual(["169.254.170.23"]);
    expect(netlink.link(AGENT_LINK)?.up).toBe(true);
    netlink.deleteLink(AGENT_LINK);
    netlink.addLink({ type: "dummy", name: "other", up: true });
    const destination = { base: ipv4("169.254.170.23"), length: 32 };
    netlink.put({ kind: "route", table: 254, destination, link: "other", scope: "link" });
    expect(() => setUpLink(netlink, log)).toThrow(/routed to other already; remove that route/);
  });
});
