import type { SeenSubnet } from "../snapshot/aws-objects.ts";
import { albIngresses, ING, nlbServices, SVC } from "../snapshot/load-balancing.ts";
import type { ClusterView } from "../snapshot/cluster-view.ts";
import { counted, fact, named, objectOf, type Check, type Found } from "./check.ts";
import { unknownEffect } from "../effect/planned-effect.ts";

const PUBLIC_TAG = "kubernetes.io/role/elb";
const INTERNAL_TAG = "kubernetes.io/role/internal-elb";

export const subnetRoleTagsMissing: Check = {
  id: "subnet-role-tags-missing",
  title: "Subnets lack the tags that load balancers find them by",
  severity: "warning",
  explain:
    "The load balancer controller looks for subnets tagged kubernetes.io/role/elb=1 for internet-facing load balancers and kubernetes.io/role/internal-elb=1 for internal ones. Without any, older releases refuse, and newer ones guess by route tables and may take subnets that were meant for pods. It is told where a load balancer is asked for that names no subnets and no subnet of its VPC has the tag.",
  needs: ["subnets", "ingresses"],
  uses: ["services", "routeTables", "cluster", "ingressClasses"],
  find: (view) => {
    const asked = [
      ...albIngresses(view)
        .filter(({ ingress }) => ingress.annotations[`${ING}subnets`] === undefined)
        .map(({ ingress, scheme }) => ({ object: objectOf("Ingress", ingress), scheme })),
      ...nlbServices(view)
        .filter(({ service }) => service.annotations[`${SVC}subnets`] === undefined)
        .map(({ service }) => ({ object: objectOf("Service", service), scheme: service.annotations[`${SVC}scheme`] ?? "internal" })),
    ];
    const ways = [
      { scheme: "internet-facing", tag: PUBLIC_TAG, isPublic: true },
      { scheme: "internal", tag: INTERNAL_TAG, isPublic: false },
    ];
    return ways.flatMap(({ scheme, tag, isPublic }): readonly Found[] => {
      const wanting = asked.filter((each) => (each.scheme === "internet-facing") === isPublic);
      const subnets = subnetsOfCluster(view);
      const isTagged = subnets.some(({ tags }) => tags[tag] === "1" || tags[tag] === "");
      if (wanting.length === 0 || subnets.length === 0 || isTagged) return [];
      const fitting = subnets.filter((subnet) => isPublicSubnet(view, subnet) !== !isPublic);
      return [
        {
          objects: [...wanting.map(({ object }) => object), ...fitting.map(({ id }) => ({ kind: "Subnet", name: id }))],
          evidence: [
            fact(`${counted(wanting.length, "load balancer")} of scheme ${scheme} name no subnets`, wanting.length),
            fact(`none of ${counted(subnets.length, "subnet")} of the VPC is tagged ${tag}=1`, 0),
          ],
          cause: `Load balancers of scheme ${scheme} find their subnets by the tag ${tag}, which no subnet has. They are not made, or land in subnets that were meant for something else.`,
          fix: {
            commands: [
              `aws ec2 create-tags --resources ${fitting.length === 0 ? `<${isPublic ? "public" : "private"}-subnets>` : fitting.map(({ id }) => id).join(" ")} --tags Key=${tag},Value=1`,
            ],
            risk: `Load balancers take addresses in each tagged subnet (8 free ones at least). Leave subnets out that are for pods or the control plane only${fitting.length === 0 ? "" : `: these are ${named(fitting.map(({ id }) => id))}`}.`,
            needsNodeReplacement: false,
          },
        },
      ];
    });
  },
  effect: () =>
    unknownEffect(
      "load balancers that are made take addresses in each subnet they are in, as many as their load asks for; pods do not notice",
    ),
};

function subnetsOfCluster({ snapshot }: ClusterView): readonly SeenSubnet[] {
  const vpcId = snapshot.cluster?.vpcId;
  return (snapshot.subnets ?? []).filter((subnet) => vpcId === undefined || subnet.vpcId === vpcId);
}

/** By the route table of the subnet, or the VPC's main one; `undefined`: not known. */
function isPublicSubnet({ snapshot }: ClusterView, { id, vpcId }: SeenSubnet): boolean | undefined {
  const tables = snapshot.routeTables ?? [];
  const table = tables.find(({ subnetIds }) => subnetIds.includes(id)) ?? tables.find((each) => each.isMain && each.vpcId === vpcId);
  return table?.hasInternetGateway;
}
