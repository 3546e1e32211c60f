#!/usr/bin/env node
// Makes src/generated/instance-types.ts from a JSON file of instance limits.
//
//   node tools/make-instance-types.mjs INPUT.json [BRANCHES.json]
//
// INPUT is an object: type name → { maxEnis, ipv4PerEni, hypervisor, bareMetal, vcpus, memoryMiB, networkCards, branchInterfaces,
// trunkingCompatible }. BRANCHES, a newer table of the same types, wins for { branchInterfaces, trunkingCompatible }. What the compact form cannot say is refused, not dropped.
import { readFileSync, writeFileSync } from "node:fs";

const HYPERVISORS = { nitro: "n", xen: "x", unknown: "u" };

const [input, branchInput] = process.argv.slice(2);
if (input === undefined) {
  process.stderr.write("usage: node tools/make-instance-types.mjs INPUT.json [BRANCHES.json]\n");
  process.exit(2);
}

const branches = branchInput === undefined ? {} : JSON.parse(readFileSync(branchInput, "utf8"));
const families = new Map();
for (const [type, older] of Object.entries(JSON.parse(readFileSync(input, "utf8")))) {
  const { branchInterfaces, trunkingCompatible } = branches[type] ?? older;
  const limits = { ...older, branchInterfaces, trunkingCompatible };
  const dot = type.indexOf(".");
  const family = type.slice(0, dot);
  const sizes = families.get(family) ?? [];
  sizes.push([type.slice(dot + 1), ...fields(type, limits)].join(","));
  families.set(family, sizes);
}

/** The numbers of one type in the order that src/instance-types.ts reads them. */
function fields(type, limits) {
  const cards = limits.networkCards;
  const hypervisor = HYPERVISORS[limits.hypervisor];
  if (hypervisor === undefined) throw new Error(`${type}: hypervisor ${limits.hypervisor} has no code`);
  if (cards.length === 0 || cards.some((card, index) => card.index !== index || card.maxEnis !== limits.maxEnis)) {
    throw new Error(`${type}: its network cards differ from one another; the table has no form for that`);
  }
  if (limits.trunkingCompatible !== (limits.branchInterfaces ?? 0) > 0) {
    throw new Error(`${type}: trunking and branch interfaces disagree`);
  }
  return [
    limits.maxEnis,
    limits.ipv4PerEni,
    `${hypervisor}${limits.bareMetal ? "m" : ""}`,
    limits.vcpus ?? "",
    limits.memoryMiB ?? "",
    cards.length === 1 ? "" : cards.length,
    limits.branchInterfaces ?? "",
  ];
}

const lines = [...families].map(([family, sizes]) => `${family} ${sizes.join(" ")}`);
const text = `// Made by tools/make-instance-types.mjs; change that, not this.
// One line per family: its name, then its sizes. A size: name, ENIs per network card, IPv4 addresses per ENI, hypervisor (n, x or u; m
// after it: bare metal), vCPUs, MiB of memory, network cards (empty: 1), branch ENIs. Empty: not known.
export const INSTANCE_TYPES = \`
${lines.join("\n")}
\`;
`;
writeFileSync(new URL("../src/generated/instance-types.ts", import.meta.url), text);
