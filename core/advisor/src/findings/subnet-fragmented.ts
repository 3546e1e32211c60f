import { formatCidr4 } from "@slash28/address";
import { subnetsInUse } from "../snapshot/pod-subnets.ts";
import { spaceOf } from "../snapshot/subnet-space.ts";
import { counted, fact, type Check } from "./check.ts";
import { addPodSubnet } from "./fleet-fixes.ts";

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
      const { free, freePrefixes, usable } = spaceOf(view, subnet);
      if (freePrefixes !== 0 || free < PREFIX_SIZE) return [];
      const signs = (view.snapshot.logSigns ?? []).filter(({ sign }) => sign === "InsufficientCidrBlocks");
      return [
        {
          objects: [{ kind: "Subnet", name: subnet.id }],
          evidence: [
            fact(`${subnet.id} (${formatCidr4(subnet.cidr)}) has ${free} of ${usable} addresses free`, free),
            fact(`none of them make a whole free /28: prefixes to be had 0, where ${Math.floor(free / PREFIX_SIZE)} would fit unbroken`, 0),
            fact(`${counted(nodes.length, "node")} ask it for prefixes`, nodes.length),
            ...signs.map(({ source, lines }) => fact(`${source} says InsufficientCidrBlocks ${counted(lines, "time")}`, lines)),
          ],
          cause: `Single addresses of ENIs lie scattered over ${subnet.id}, so that no block of sixteen is left whole. EC2 refuses a prefix there, and agents that know no other way leave pods without an address.`,
          fix: {
            commands: [
              `aws ec2 create-subnet --vpc-id ${subnet.vpcId ?? "<vpc>"} --cidr-block <free-range> --availability-zone ${subnet.zone} --tag-specifications 'ResourceType=subnet,Tags=[{Key=kubernetes.io/role/cni,Value=1}]'`,
              "aws ec2 create-subnet-cidr-reservation --subnet-id <new-subnet> --reservation-type prefix --cidr <its-range>",
            ],
            risk: "A new subnet changes nothing for ENIs that are there. A reservation in the old one helps only as its scattered addresses are given back.",
            needsNodeReplacement: false,
          },
        },
      ];
    });
  },
  fleetFix: (view, { objects }) => {
    const subnet = view.snapshot.subnets?.find(({ id }) => objects.some(({ name }) => name === id));
    return subnet === undefined || view.settings.pool.customNetworking ? [] : addPodSubnet(view, subnet.zone);
  },
};
