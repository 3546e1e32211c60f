import { cidr4Size, formatCidr4 } from "@slash28/address";
import type { Candidate } from "./candidate.ts";
import { MODES } from "./mode.ts";
import type { Needs } from "./needs.ts";
import type { PlannedSubnet, SubnetRole } from "./plan-types.ts";
import { prefixReservations, type PlacedSubnet } from "./subnet-layout.ts";

const KEPT_BY_EC2 = 5;
/** EKS makes up to four X-ENIs, and as many again in an update; six addresses of a cluster subnet must be free (AWS: "Amazon EKS networking requirements"). */
const CLUSTER_ENIS = 6;
/** What AWS wants free for a load balancer. */
const LOAD_BALANCER = 8;

/** The subnets with names, tags, reservations, and how full they are with what is planned for. */
export function plannedSubnets(candidate: Candidate, needs: Needs): readonly PlannedSubnet[] {
  const order: readonly SubnetRole[] = ["cluster", "public", "nodes", "pods"];
  return order.flatMap((role) =>
    candidate.subnets.filter((subnet) => subnet.role === role).map((subnet) => describe(subnet, candidate, needs)),
  );
}

function describe({ role, zone, cidr }: PlacedSubnet, { mode, need }: Candidate, needs: Needs): PlannedSubnet {
  const usable = cidr4Size(cidr) - KEPT_BY_EC2;
  const [needed, arithmetic] = {
    cluster: [CLUSTER_ENIS, "what EKS wants free for its own ENIs"] as const,
    public:
      needs.internet === "nat"
        ? ([1 + LOAD_BALANCER, "a NAT gateway + 8 for load balancers"] as const)
        : ([LOAD_BALANCER, "8 for load balancers"] as const),
    nodes: [need.nodeSubnet, need.nodeArithmetic] as const,
    pods: [need.podSubnet, need.podArithmetic] as const,
  }[role];
  const { usesPrefixes, hasPodSubnets, isIpv6 } = MODES[mode];
  const holdsPrefixes = usesPrefixes && !isIpv6 && role === (hasPodSubnets ? "pods" : "nodes");
  return {
    name: `${needs.name}-${role}-${zone}`,
    zone,
    role,
    cidr: formatCidr4(cidr),
    usable,
    needed,
    neededShare: Math.round((needed / usable) * 1000) / 1000,
    arithmetic,
    tags: { [`kubernetes.io/cluster/${needs.name}`]: "shared", ...ROLE_TAGS[role] },
    reservations: holdsPrefixes ? prefixReservations(cidr, need.singles, need.singles / needed).map(formatCidr4) : [],
  };
}

/** By which load balancer controllers find their subnets (AWS: "Subnet discovery"). */
const ROLE_TAGS: Readonly<Record<SubnetRole, Readonly<Record<string, string>>>> = {
  cluster: {},
  public: { "kubernetes.io/role/elb": "1" },
  nodes: { "kubernetes.io/role/internal-elb": "1" },
  pods: {},
};
