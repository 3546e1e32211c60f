import { expect, test } from "vitest";
import { instanceTypes, limitsOf } from "../src/index.ts";

test("the table has every type once", () => {
  const types = instanceTypes();
  expect(types.length).toBe(1420);
  expect(new Set(types).size).toBe(1420);
});

test("a type's limits", () => {
  expect(limitsOf("m5.large")).toEqual({
    type: "m5.large",
    maxEnis: 3,
    ipv4PerEni: 10,
    hypervisor: "nitro",
    bareMetal: false,
    vcpus: 2,
    memoryMiB: 8192,
    networkCards: [{ index: 0, maxEnis: 3 }],
    defaultNetworkCard: 0,
    branchInterfaces: 9,
    trunkingCompatible: true,
  });
});

test("bare metal has no hypervisor, several cards are listed, the unknown stays unknown", () => {
  expect(limitsOf("m5.metal")).toMatchObject({ hypervisor: "unknown", bareMetal: true });
  expect(limitsOf("p5.48xlarge")).toMatchObject({ maxEnis: 2, defaultNetworkCard: 0 });
  expect(limitsOf("p5.48xlarge")?.networkCards).toHaveLength(32);
  expect(limitsOf("trn2.48xlarge")).toMatchObject({ branchInterfaces: undefined, trunkingCompatible: false });
  expect(limitsOf("i4i.large")).toMatchObject({ branchInterfaces: 0, trunkingCompatible: false });
  expect(limitsOf("u-6tb1.metal")?.vcpus).toBeUndefined();
  expect(limitsOf("m4.large")?.hypervisor).toBe("xen");
});

test("an unknown type has no limits", () => {
  expect(limitsOf("m5")).toBeUndefined();
  expect(limitsOf("")).toBeUndefined();
  expect(limitsOf("constructor")).toBeUndefined();
});

test("counts over the whole table", () => {
  const all = instanceTypes().flatMap((type) => limitsOf(type) ?? []);
  const count = (is: (limits: (typeof all)[number]) => boolean) => all.filter(is).length;
  expect({
    nitro: count((l) => l.hypervisor === "nitro"),
    xen: count((l) => l.hypervisor === "xen"),
    unknown: count((l) => l.hypervisor === "unknown"),
    multiCard: count((l) => l.networkCards.length > 1),
    trunking: count((l) => l.trunkingCompatible),
    vcpusUnknown: count((l) => l.vcpus === undefined),
  }).toEqual({ nitro: 1177, xen: 80, unknown: 163, multiCard: 67, trunking: 1297, vcpusUnknown: 39 });
});
