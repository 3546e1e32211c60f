import { checkClusterFile, type ClusterFileInput } from "@slash28/cluster-file";
import { fleetInputOf, simulateFleet, type Exhaustion } from "@slash28/fleet";
import { cidr4, formatCidr4 } from "@slash28/address";
import { clusterFileOf } from "./cluster-file-of.ts";
import type { Plan } from "./plan-types.ts";

/** More nodes than this are simulated at a half, a quarter, … of their number, in subnets of as much less. */
const NODES_MAX = 2_000;

/** What the agent's own planner made of a plan, on every node, with an upgrade of all of them. */
export type Proof =
  | {
      readonly kind: "simulated";
      /** 1: at full size. 2: with half of the nodes in subnets half as large. */
      readonly scaledBy: number;
      readonly nodes: number;
      readonly peakNodes: number;
      readonly pods: number;
      readonly minutes: number;
      readonly firstExhaustion: Exhaustion | null;
      readonly podsNeverStarted: number;
      readonly podStartP99Ms: number | null;
      /** Branch ENIs at most at a time, those that cool down among them. */
      readonly branchEnis: number;
      readonly ec2Calls: number;
      readonly ec2Throttled: number;
      readonly subnets: readonly { readonly name: string; readonly peakUsedShare: number; readonly peakUsed: number }[];
    }
  | { readonly kind: "not-simulated"; readonly why: string };

/** Whether the simulation has nothing against a plan. */
export function isGood(proof: Proof): boolean {
  return proof.kind === "not-simulated" || (proof.firstExhaustion === null && proof.podsNeverStarted === 0);
}

/** Runs the plan at the size it is made for, and replaces every node on the way. More than `nodesMax` nodes are simulated at a part of their number. */
export function provePlan(plan: Plan, nodesMax = NODES_MAX): Proof {
  const document = clusterFileOf(plan, "planned");
  if (document === undefined)
    return { kind: "not-simulated", why: "a simulation has no overlay; nodes' own addresses are counted by formula" };
  const scaledBy = scaleFor(plan.size.planned.nodes, nodesMax);
  const scaled = scaledBy === 1 ? document : scaleDown(document, scaledBy, carriersOf(plan));
  if (scaled === undefined)
    return { kind: "not-simulated", why: `its subnets are too small to be simulated at 1/${scaledBy} of their size` };
  const checked = checkClusterFile(scaled);
  if (!checked.ok)
    throw new RangeError(
      `a plan's own cluster file is wrong: ${checked.problems.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ")}`,
    );
  const fleet = fleetInputOf(checked.file);
  if (!fleet.ok) throw new RangeError(`a plan cannot be simulated: ${fleet.problems.map(({ message }) => message).join("; ")}`);
  const { summary } = simulateFleet(fleet.input);
  return {
    kind: "simulated",
    scaledBy,
    nodes: checked.file.nodeGroups.reduce((sum, group) => sum + group.nodes, 0),
    peakNodes: summary.nodes.peak,
    pods: summary.podsRunning.peak,
    minutes: Math.round(summary.ranSeconds / 60),
    firstExhaustion: summary.firstExhaustion,
    podsNeverStarted: summary.podsNeverStarted,
    podStartP99Ms: summary.podStartMs.p99,
    branchEnis: summary.branchEnis.peak,
    ec2Calls: summary.ec2Calls.total,
    ec2Throttled: summary.ec2Calls.throttled,
    subnets: summary.subnets.map(({ name, peakUsedShare, peakUsed }) => ({ name, peakUsedShare, peakUsed })),
  };
}

/** The subnets that nodes and pods fill. */
function carriersOf({ vpc }: Plan): ReadonlySet<string> {
  return new Set(vpc.subnets.filter(({ role }) => role === "nodes" || role === "pods").map(({ name }) => name));
}

function scaleFor(nodes: number, most: number): number {
  let by = 1;
  while (nodes / by > most) by *= 2;
  return by;
}

/** The first half, quarter, … of every subnet for nodes and pods, and as much less of everything in it; the other subnets stay. */
function scaleDown(document: ClusterFileInput, by: number, carriers: ReadonlySet<string>): ClusterFileInput | undefined {
  const more = Math.log2(by);
  const isScaled = ({ name }: { readonly name?: string | undefined }): boolean => carriers.has(name ?? "");
  const shrink = (text: string): string => formatCidr4({ ...cidr4(text), length: cidr4(text).length + more });
  const isSmall = document.vpc.subnets.some((subnet) => isScaled(subnet) && cidr4(subnet.cidr).length + more > 28);
  if (isSmall) return undefined;
  const workload = document.workload ?? {};
  return {
    ...document,
    vpc: {
      ...document.vpc,
      subnets: document.vpc.subnets.map(({ reservations: _reservations, ...subnet }) =>
        isScaled(subnet) ? { ...subnet, cidr: shrink(subnet.cidr) } : subnet,
      ),
    },
    nodeGroups: document.nodeGroups.map((group) => ({ ...group, nodes: Math.ceil(group.nodes / by) })),
    workload: {
      ...workload,
      shapes: (workload.shapes ?? []).map((shape) => (shape.shape === "steady" ? { ...shape, pods: Math.floor(shape.pods / by) } : shape)),
    },
    changes: (document.changes ?? []).map((change) =>
      change.replaceNodes === undefined
        ? change
        : {
            ...change,
            replaceNodes: {
              ...change.replaceNodes,
              maxUnavailable: Math.max(1, Math.ceil((change.replaceNodes.maxUnavailable ?? 1) / by)),
            },
          },
    ),
  };
}
