import type { Alternative, Plan, PlannedNodeGroup, PlannedSubnet, Proof } from "@slash28/advisor";
import { renderTable, type Column } from "../output/index.ts";

/** A plan as a person reads it: what, why, how large, how long. */
export function planText(plan: Plan, proof: Proof): string {
  const { size, vpc, env, runsOut, isolation } = plan;
  const peak = new Map(proof.kind === "simulated" ? proof.subnets.map(({ name, peakUsedShare }) => [name, peakUsedShare]) : []);
  return [
    `${plan.name}: ${plan.title}`,
    "",
    ...plan.reasons.map((reason) => `  - ${reason}`),
    "",
    `${label("today")}${sizeText(size.today)}`,
    `${label(`in ${size.months} months`)}${sizeText(size.planned)}`,
    `${label("VPC")}${vpc.cidrs.join(", ")}; services ${vpc.hasIpv6 ? "of IPv6, chosen by EKS" : vpc.serviceCidr}${vpc.leftOver.length === 0 ? "" : `; left over ${vpc.leftOver.join(", ")}`}`,
    "",
    renderTable(subnetColumns(peak), vpc.subnets),
    "",
    renderTable(GROUPS, plan.nodeGroups),
    "",
    ...(Object.keys(env).length === 0 ? [] : ["aws-node", ...Object.entries(env).map(([name, value]) => `  ${name}=${value}`), ""]),
    ...(isolation === null
      ? []
      : [
          `${label("branch ENIs")}${isolation.pods} of ${isolation.capacity} for pods with security groups of their own${branchPeak(proof)}`,
        ]),
    `${label("runs out")}${runsOut.months === null ? `never: ${runsOut.arithmetic}` : `in month ${runsOut.months} (${runsOut.what ?? ""}): ${runsOut.arithmetic}`}`,
    `${label("simulation")}${proofText(proof)}`,
    "",
    "Other ways",
    ...plan.alternatives.map(alternativeText),
    ...(plan.notes.length === 0 ? [] : ["", "To know", ...plan.notes.map((note) => `  - ${note}`)]),
  ].join("\n");
}

/** Branches of pods that an upgrade moved cool down for a while. */
function branchPeak(proof: Proof): string {
  return proof.kind === "simulated" ? `; ${proof.branchEnis} at most in the simulation, with those that cool down` : "";
}

/** Wide enough for `in 120 months`. */
function label(text: string): string {
  return text.padEnd(15);
}

export function alternativeText({ title, verdict, reason }: Alternative): string {
  return `  - ${title}: ${verdict === "rejected" ? "no" : "possible"}; ${reason}`;
}

function sizeText({ nodes, surgeNodes, pods, podsPerNode }: Plan["size"]["today"]): string {
  return `${nodes} nodes, ${surgeNodes} more in an upgrade; ${pods} pods, ${podsPerNode} with an address on a node`;
}

function proofText(proof: Proof): string {
  if (proof.kind === "not-simulated") return `none: ${proof.why}`;
  const { nodes, peakNodes, pods, minutes, scaledBy, firstExhaustion } = proof;
  const scale = scaledBy === 1 ? "" : `, at 1/${scaledBy} of the size`;
  const exhaustion =
    firstExhaustion === null ? "none" : `${firstExhaustion.subnet} after ${firstExhaustion.atSeconds} s (${firstExhaustion.reason})`;
  return `${nodes} nodes (${peakNodes} while all are replaced), ${pods} pods, ${minutes} minutes${scale}: first exhaustion: ${exhaustion}`;
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

function subnetColumns(peak: ReadonlyMap<string, number>): readonly Column<PlannedSubnet>[] {
  return [
    { head: "subnet", cell: ({ name }) => name },
    { head: "zone", cell: ({ zone }) => zone },
    { head: "cidr", cell: ({ cidr }) => cidr },
    { head: "usable", cell: ({ usable }) => usable, align: "right" },
    { head: "needed", cell: ({ needed }) => needed, align: "right" },
    { head: "share", cell: ({ neededShare }) => percent(neededShare), align: "right" },
    // Only nodes and their pods are simulated.
    {
      head: "simulated peak",
      cell: ({ name, role }) => (role === "nodes" || role === "pods" ? shareOf(peak.get(name)) : ""),
      align: "right",
    },
    { head: "reserved for prefixes", cell: ({ reservations }) => reservations.join(", ") },
  ];
}

function shareOf(share: number | undefined): string {
  return share === undefined ? "" : percent(share);
}

const GROUPS: readonly Column<PlannedNodeGroup>[] = [
  { head: "node group", cell: ({ name }) => name },
  { head: "type", cell: ({ instanceType }) => instanceType },
  { head: "nodes", cell: ({ nodesToday }) => nodesToday, align: "right" },
  { head: "planned", cell: ({ nodesPlanned }) => nodesPlanned, align: "right" },
  { head: "max pods", cell: ({ maxPods }) => maxPods, align: "right" },
  { head: "of the image", cell: ({ maxPodsOfImage }) => maxPodsOfImage, align: "right" },
  {
    head: "kube-reserved",
    cell: ({ kubeReserved: { amazonLinux: kept } }) => (kept === null ? "" : `${kept.cpuMillicores}m, ${kept.memoryMiB}Mi`),
  },
  {
    head: "on bottlerocket",
    cell: ({ kubeReserved: { bottlerocket: kept } }) => (kept === null ? "" : `${kept.cpuMillicores}m, ${kept.memoryMiB}Mi`),
  },
];
