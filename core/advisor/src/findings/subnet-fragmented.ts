import { formatCidr4 } from "@slash28/address";
import type { Fix } from "../finding.ts";
import type { SeenSubnet } from "../snapshot/aws-objects.ts";
import type { ClusterView } from "../snapshot/cluster-view.ts";
import { subnetsInUse } from "../snapshot/pod-subnets.ts";
import { spaceOf } from "../snapshot/subnet-space.ts";
import { counted, fact, type Check } from "./check.ts";
import { upperHalf } from "./new-pod-subnet.ts";
import { otherRoom } from "./other-room.ts";
import { podSubnetBeside } from "./pod-subnet-beside.ts";

/** Addresses of a prefix: with fewer free ones a subnet is full rather than fragmented. */
const PREFIX_SIZE = 16;

export const subnetFragmented: Check = {
  id: "subnet-fragmented",
  title: "A subnet has free addresses, but no free /28 for a prefix",
  severity: "critical",
  explain:
    "Prefix delegation needs sixteen free addresses in a row, at a multiple of sixteen. In a subnet that other ENIs have filled here and there no such block may be left while many single addresses are: EC2 then answers InsufficientCidrBlocks. It is found by laying every ENI of the snapshot over the subnet and counting the whole blocks between them. A reservation of type prefix keeps blocks free for prefixes alone.",
  needs: ["subnets", "nodes", "enis", "daemonSets"],
  uses: ["reservations", "pods", "events", "logSigns", "eniConfigs"],
  find: (view) => {
    if (!view.settings.pool.prefixDelegation) return [];
    return subnetsInUse(view).flatMap(({ subnet, nodes }) => {
      const { free, freePrefixes, usable, unseen = 0 } = spaceOf(view, subnet);
      // Holders that the snapshot does not show only make fewer blocks: none that is whole is none for sure.
      if (freePrefixes !== 0 || free < PREFIX_SIZE) return [];
      if (otherRoom(view, subnet, nodes, (space) => space.freePrefixes ?? 0).length > 0) return [];
      const signs = (view.snapshot.logSigns ?? []).filter(({ sign }) => sign === "InsufficientCidrBlocks");
      return [
        {
          objects: [{ kind: "Subnet", name: subnet.id }],
          evidence: [
            fact(`${subnet.id} (${formatCidr4(subnet.cidr)}) has ${free} of ${usable} addresses free`, free),
            fact(
              `no sixteen of them make a whole /28: 0 prefixes can be had, where ${Math.floor(free / PREFIX_SIZE)} would fit unbroken`,
              0,
            ),
            ...(unseen === 0
              ? []
              : [fact(`${counted(unseen, "address", "addresses")} in use there are of nobody in the snapshot`, unseen)]),
            fact(`${counted(nodes.length, "node asks", "nodes ask")} it for prefixes`, nodes.length),
            ...signs.map(({ source, lines }) => fact(`${source} says InsufficientCidrBlocks ${counted(lines, "time")}`, lines)),
          ],
          cause: `Single addresses of network interfaces lie scattered over ${subnet.id}, so that no aligned block of sixteen (a /28) is left whole. EC2 gives no prefix there, and a VPC CNI that wants prefixes only leaves pods without an address.`,
          fix: fixOf(view, subnet),
        },
      ];
    });
  },
  effect: (view, { objects }) => {
    const subnet = view.snapshot.subnets?.find(({ id }) => objects.some(({ name }) => name === id));
    if (subnet === undefined) return { kind: "unknown", why: "the subnet is not in the snapshot" };
    return { kind: "simulate", changes: podSubnetBeside(view, subnet)?.changes ?? [] };
  },
};

function fixOf(view: ClusterView, subnet: SeenSubnet): Fix {
  const beside = podSubnetBeside(view, subnet);
  const reserve = (variable: string, half: string): string =>
    `aws ec2 create-subnet-cidr-reservation --subnet-id "$${variable}" --reservation-type prefix --cidr ${half}`;
  return {
    commands:
      beside === undefined
        ? []
        : [...beside.commands, reserve(beside.variable, formatCidr4(upperHalf(beside.cidr))), ...beside.eniConfigPatches],
    risk: "Network interfaces that are there stay where they are, so running pods notice nothing; new ones are made in the new subnet. Check that its route table leads where pods talk to.",
    needsNodeReplacement: false,
  };
}
