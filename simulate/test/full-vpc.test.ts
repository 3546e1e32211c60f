import { readFileSync } from "node:fs";
import { cidr4, cidr4Has, type SubnetId } from "@slash28/address";
import { checkClusterFile } from "@slash28/cluster-file";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { Fleet } from "./fleet.ts";

/**
 * examples/full-vpc.yaml at its full size: 180 real agents over one model of EC2, in virtual time. e2e/test/full-vpc.e2e.test.ts makes the
 * same moves with the stock tools at a tenth of the size.
 */
const checked = checkClusterFile(parse(readFileSync(new URL("../../examples/full-vpc.yaml", import.meta.url), "utf8")));
if (!checked.ok) throw new Error(JSON.stringify(checked.problems));
const { file } = checked;
const ROUTABLE = "10.20.0.0/22";
const PODS = "100.64.0.0/16";
const ZONES = file.vpc.subnets.map((subnet) => subnet.zone);
/** Of a /24, without the five that EC2 keeps. */
const USABLE = 251;
const OLD_MAX_PODS = 29;
const NEW_MAX_PODS = 110;
const inPods = (fleet: Fleet): number => fleet.running().filter((address) => cidr4Has(cidr4(PODS), address)).length;

describe("180 nodes in a /22", () => {
  const fleet = new Fleet({ vpcCidr: ROUTABLE, zones: ZONES, env: file.vpcCni.env });
  const subnets = new Map<string, SubnetId>(file.vpc.subnets.map(({ cidr, zone }) => [zone, fleet.subnet(cidr, zone)]));
  const launch = (zone: string, maxPods: number) => fleet.launch(subnets.get(zone) ?? ("" as SubnetId), "m5.large", maxPods);

  test("each subnet gives 60 nodes an address and two more for pods; 71 are left", async () => {
    for (let index = 0; index < 180; index++) expect(launch(ZONES[index % 3] ?? "", OLD_MAX_PODS)).toBeTypeOf("object");
    await fleet.start(...fleet.nodes);
    expect(fleet.freeIn(ROUTABLE)).toEqual([71, 71, 71]);
  });

  test("two pods on each node run, and their nodes keep one more address warm; eleven are left", async () => {
    expect(await fleet.place(360)).toBe(0);
    expect([fleet.running().length, ...fleet.freeIn(ROUTABLE)]).toEqual([360, 11, 11, 11]);
  });

  test("with six pods on each node all subnets are full, 567 of 1,080 run, and no node can be added", async () => {
    expect(await fleet.place(720)).toBe(0);
    // Of 3 × (251 - 60) addresses for pods, six are kept warm by nodes that have their six pods.
    expect([fleet.running().length, fleet.held(), ...fleet.freeIn(ROUTABLE)]).toEqual([567, 573, 0, 0, 0]);
    expect(ZONES.map((zone) => launch(zone, OLD_MAX_PODS))).toEqual(ZONES.map(() => "InsufficientFreeAddressesInSubnet"));
  });

  test("with a second CIDR, an ENIConfig for each zone and prefixes, whoever waits gets an address there", async () => {
    fleet.associate(PODS);
    for (const [index, zone] of ZONES.entries()) fleet.podSubnets.set(zone, fleet.subnet(`100.64.${32 * index}.0/19`, zone));
    fleet.env = {
      AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: "true",
      ENI_CONFIG_LABEL_DEF: "topology.kubernetes.io/zone",
      ENABLE_PREFIX_DELEGATION: "true",
      WARM_PREFIX_TARGET: "1",
    };
    await fleet.start(...fleet.nodes);
    await fleet.pass(120_000);
    expect([fleet.running().length, inPods(fleet)]).toEqual([1_080, 1_080 - 567]);
  });

  test("48 new nodes of 110 pods take the place of 180: 6.4 % of the routable subnets are used", async () => {
    let homeless = 0;
    for (const zone of ZONES) {
      const old = fleet.nodes.filter((node) => node.instance.zone === zone && node.maxPods === OLD_MAX_PODS);
      const [first, ...others] = old;
      if (first === undefined) throw new Error(`no node in ${zone}`);
      // A full subnet has no address for a new node either: old ones make room.
      homeless += fleet.end(first, ...others.slice(0, 15));
      const fresh = Array.from({ length: 16 }, () => launch(zone, NEW_MAX_PODS)).filter((node) => typeof node !== "string");
      expect(fresh).toHaveLength(16);
      await fleet.start(...fresh);
      homeless += fleet.end(...others.slice(15));
    }
    expect(await fleet.place(homeless)).toBe(0);
    expect([fleet.nodes.length, fleet.running().length, inPods(fleet)]).toEqual([48, 1_080, 1_080]);
    const used = fleet.freeIn(ROUTABLE).map((free) => (USABLE - free) / USABLE);
    expect(fleet.freeIn(ROUTABLE)).toEqual([235, 235, 235]);
    expect(Math.max(...used)).toBeLessThan(0.15);
  });

  test("full to the last pod, the 48 run more than the 180 could have, and use no further routable address", async () => {
    const most = 48 * (NEW_MAX_PODS - 2);
    expect(most).toBeGreaterThan(180 * (OLD_MAX_PODS - 2));
    expect(await fleet.place(most - 1_080)).toBe(0);
    expect([inPods(fleet), ...fleet.freeIn(ROUTABLE)]).toEqual([most, 235, 235, 235]);
  });
});
