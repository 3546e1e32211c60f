import { expect, test } from "vitest";
import { cidr4, ipv4 } from "@slash28/address";
import { natTable, replaceTableCommands, type HostWiring } from "../src/index.ts";
import { aHost } from "./wirings.ts";

function tableOf(over: Partial<HostWiring>): string {
  return natTable(aHost(over), "eth0", ipv4("10.0.0.9")).text;
}

test("source NAT by the node, node ports on: the whole table", () => {
  const text = tableOf({
    vpcCidrs: [cidr4("100.64.0.0/16"), cidr4("10.0.0.0/16")],
    snat: { mode: "node", excluded: [cidr4("192.168.0.1/32")], port: "prng" },
  });
  expect(text).toBe(`table ip slash28 {
	chain prerouting-mark {
		type filter hook prerouting priority mangle; policy accept;
		iifname "eth0" fib daddr . iif type local ct mark set ct mark | 0x00000080
		iifname "eni*" ct mark & 0x00000080 == 0x00000080 meta mark set meta mark | 0x00000080
	}

	chain prerouting-outbound {
		type filter hook prerouting priority dstnat + 10; policy accept;
		iifname "eni*" ct state new fib daddr type != local jump mark-outbound
	}

	chain mark-outbound {
		ip daddr 10.0.0.0/16 return
		ip daddr 100.64.0.0/16 return
		ip daddr 192.168.0.1 return
		ct mark set ct mark | 0x00000080
		meta mark set meta mark | 0x00000080
	}

	chain postrouting-snat {
		type nat hook postrouting priority srcnat + 10; policy accept;
		ip daddr 10.0.0.0/16 return
		ip daddr 100.64.0.0/16 return
		ip daddr 192.168.0.1 return
		oifname != "vlan*" fib daddr type != local snat to 10.0.0.9 fully-random
	}
}
`);
});

test("external source NAT leaves node ports only", () => {
  const text = tableOf({ snat: { mode: "external" } });
  expect(text).toContain("prerouting-mark");
  expect(text).not.toContain("snat to");
  expect(text).not.toContain("mark-outbound");
});

test("external source NAT without node ports leaves an empty table", () => {
  expect(tableOf({ snat: { mode: "external" }, nodePorts: false })).toBe("table ip slash28 {\n}\n");
});

test("without node ports the primary ENI marks nothing, pods' marks are still restored", () => {
  const text = tableOf({ nodePorts: false });
  expect(text).not.toContain('iifname "eth0"');
  expect(text).toContain('iifname "eni*" ct mark');
});

test("ports: fully at random, by hash, or kept", () => {
  const ending = (port: "prng" | "hashrandom" | "none"): string | undefined =>
    /snat to 10\.0\.0\.9(.*)/.exec(tableOf({ snat: { mode: "node", excluded: [], port } }))?.[1];
  expect([ending("prng"), ending("hashrandom"), ending("none")]).toEqual([" fully-random", " random", ""]);
});

test("ranges inside other ranges are told once, and everything excluded is a bare return", () => {
  expect(tableOf({ snat: { mode: "node", excluded: [cidr4("10.0.4.0/24")], port: "none" } })).not.toContain("10.0.4.0");
  const all = tableOf({ snat: { mode: "node", excluded: [cidr4("0.0.0.0/0")], port: "none" } });
  expect(all).toContain("\t\treturn\n");
  expect(all).not.toContain("ip daddr");
});

test("replacing is one transaction that also works the first time", () => {
  const commands = replaceTableCommands(natTable(aHost(), "eth0", ipv4("10.0.0.9")));
  expect(commands.split("\n").slice(0, 3)).toEqual(["add table ip slash28", "delete table ip slash28", "table ip slash28 {"]);
});
