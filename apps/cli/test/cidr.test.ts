import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runCommand } from "./run-command.ts";

async function json(...args: string[]): Promise<unknown> {
  const { code, out, err } = await runCommand(["cidr", ...args, "-o", "json"]);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  return JSON.parse(out);
}

function saved(name: string, content: unknown): string {
  const path = join(mkdtempSync(join(tmpdir(), "slash28-cidr-")), name);
  writeFileSync(path, JSON.stringify(content));
  return path;
}

describe("slash28 cidr split", () => {
  test("into a count that is no power of two tells what is left over", async () => {
    const { out } = await runCommand(["cidr", "split", "100.64.0.0/16", "--into", "3"]);
    expect(out).toBe(
      [
        "CIDR              FIRST          LAST             ADDRESSES   USABLE IN EC2",
        "100.64.0.0/18     100.64.0.0     100.64.63.255        16384           16379",
        "100.64.64.0/18    100.64.64.0    100.64.127.255       16384           16379",
        "100.64.128.0/18   100.64.128.0   100.64.191.255       16384           16379",
        "",
        "left over: 100.64.192.0/18",
        "",
      ].join("\n"),
    );
  });

  test("a /28 gives out 11 addresses, a /29 is no subnet", async () => {
    expect(await json("split", "10.0.0.0/27", "--length", "28")).toMatchObject({
      pieces: [{ usableAsSubnet: 11 }, { usableAsSubnet: 11 }],
    });
    expect(await json("split", "10.0.0.0/28", "--into", "2")).toMatchObject({ pieces: [{ usableAsSubnet: null }, { addresses: 8 }] });
  });

  test("a VPC's IPv6 block into subnets", async () => {
    const { pieces } = (await json("split", "2600:1f18:0:1200::/56", "--length", "64")) as {
      pieces: { cidr: string; addresses: string }[];
    };
    expect(pieces).toHaveLength(256);
    expect(pieces[255]).toMatchObject({ cidr: "2600:1f18:0:12ff::/64", addresses: "18446744073709551616" });
  });

  test.each([
    [["10.0.0.7/24", "--into", "2"], "it has host bits set; its range is 10.0.0.0/24"],
    [["ten", "--into", "2"], '"ten" is not a CIDR range'],
    [["10.0.0.0/24"], "give --into <count> or --length <n>"],
    [["10.0.0.0/24", "--into", "2", "--length", "25"], "give --into <count> or --length <n>"],
    [["10.0.0.0/24", "--length", "33"], "give a whole number from 0 to 32"],
    [["10.0.0.0/24", "--length", "23"], "10.0.0.0/24 has no pieces of /23"],
    [["10.0.0.0/24", "--into", "0"], "no count of pieces"],
    [["10.0.0.0/24", "--into", "257"], "has no pieces of /33"],
    [["::/0", "--length", "128"], "more than the 65536 that are printed"],
  ])("%j is refused: %s", async (args, said) => {
    const { code, err, out } = await runCommand(["cidr", "split", ...args]);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain(said);
  });
});

describe("slash28 cidr contains and overlap", () => {
  test.each([
    ["10.0.0.0/16", "10.0.3.17", "yes: 10.0.0.0/16 contains 10.0.3.17/32\n", 0],
    ["10.0.0.0/16", "10.1.0.0/24", "no: 10.0.0.0/16 does not contain 10.1.0.0/24\n", 1],
    ["10.0.0.0/16", "2600::/64", "no: 10.0.0.0/16 does not contain 2600::/64\n", 1],
    ["2600::/56", "2600:0:0:7::/64", "yes: 2600::/56 contains 2600:0:0:7::/64\n", 0],
  ])("%s contains %s", async (outer, inner, said, quietCode) => {
    expect(await runCommand(["cidr", "contains", outer, inner])).toEqual({ code: 0, out: said, err: "" });
    expect(await runCommand(["cidr", "contains", "--quiet", outer, inner])).toEqual({ code: quietCode, out: "", err: "" });
  });

  test("overlaps are told pair by pair, with what is shared", async () => {
    const ranges = ["10.0.0.0/16", "10.0.128.0/17", "172.16.0.0/12", "10.0.200.0/24"];
    expect((await runCommand(["cidr", "overlap", ...ranges])).out).toBe(
      [
        "10.0.0.0/16 and 10.0.128.0/17 share 10.0.128.0/17",
        "10.0.0.0/16 and 10.0.200.0/24 share 10.0.200.0/24",
        "10.0.128.0/17 and 10.0.200.0/24 share 10.0.200.0/24",
        "",
      ].join("\n"),
    );
    expect((await runCommand(["cidr", "overlap", "-q", ...ranges])).code).toBe(0);
    expect(await runCommand(["cidr", "overlap", "-q", "10.0.0.0/24", "10.0.1.0/24"])).toEqual({ code: 1, out: "", err: "" });
    expect((await runCommand(["cidr", "overlap", "10.0.0.0/24"])).code).toBe(2);
  });
});

describe("slash28 cidr free", () => {
  test("what a VPC has left beside its subnets", async () => {
    expect(await json("free", "10.0.0.0/16", "--used", "10.0.0.0/20", "10.0.16.0/20")).toMatchObject({
      free: [{ cidr: "10.0.32.0/19" }, { cidr: "10.0.64.0/18" }, { cidr: "10.0.128.0/17" }],
    });
    expect(await runCommand(["cidr", "free", "10.0.0.0/24", "--used", "10.0.0.0/16"])).toMatchObject({ out: "nothing is free\n" });
  });

  test("subnets come from a saved answer of describe-subnets", async () => {
    const subnets = saved("subnets.json", {
      Subnets: [
        { CidrBlock: "10.0.0.0/17" },
        { CidrBlock: "10.0.128.0/18", Ipv6CidrBlockAssociationSet: [{ Ipv6CidrBlock: "2600::/64" }] },
      ],
    });
    expect(await json("free", "10.0.0.0/16", "2600::/63", "--subnets", subnets)).toMatchObject({
      free: [{ cidr: "10.0.192.0/18" }, { cidr: "2600:0:0:1::/64" }],
    });
  });

  test("a subnet that single addresses have broken up has no /28", async () => {
    const enis = saved("enis.json", {
      NetworkInterfaces: [
        {
          PrivateIpAddress: "10.0.0.20",
          PrivateIpAddresses: [{ PrivateIpAddress: "10.0.0.20" }],
          Ipv4Prefixes: [{ Ipv4Prefix: "10.0.0.32/28" }],
        },
      ],
    });
    // The first block has EC2's own addresses, the second the ENI's, the third its prefix, the fourth the subnet's last address.
    expect(await json("free", "10.0.0.0/26", "--in-subnet", "--enis", enis, "--length", "28")).toEqual({
      length: 28,
      count: 0,
      blocks: [],
    });
    expect(await json("free", "10.0.0.0/25", "--in-subnet", "--enis", enis, "--length", "28")).toEqual({
      length: 28,
      count: 4,
      blocks: ["10.0.0.48/28", "10.0.0.64/28", "10.0.0.80/28", "10.0.0.96/28"],
    });
  });

  test("many blocks are counted in full and listed in part", async () => {
    expect(await json("free", "10.0.0.0/8", "--length", "28")).toMatchObject({ count: 1_048_576, blocks: { length: 1024 } });
    expect((await runCommand(["cidr", "free", "10.0.0.0/8", "--length", "28"])).out).toContain(
      "1048576 free /28, the first 1024:\n10.0.0.0/28\n",
    );
  });

  test("a file of something else is refused, with the command that makes the right one", async () => {
    const { code, err } = await runCommand(["cidr", "free", "10.0.0.0/16", "--subnets", saved("vpcs.json", { Vpcs: [] })]);
    expect(code).toBe(2);
    expect(err).toContain("aws ec2 describe-subnets --output json");
  });
});

test("slash28 cidr aggregate: the fewest ranges, IPv4 first", async () => {
  const { out } = await runCommand([
    "cidr",
    "aggregate",
    "2600::/64",
    "10.0.1.0/24",
    "10.0.0.128/25",
    "10.0.0.0/25",
    "10.0.0.9",
    "2600:0:0:1::/64",
  ]);
  expect(out).toBe("10.0.0.0/23\n2600::/63\n");
});
