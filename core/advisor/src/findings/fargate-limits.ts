import { albIngresses, ING, nlbServices, podsBehind, SVC } from "../snapshot/load-balancing.ts";
import type { ClusterView } from "../snapshot/cluster-view.ts";
import type { SeenPod, SeenService } from "../snapshot/kubernetes-objects.ts";
import { policiesInForce } from "../snapshot/group-policies.ts";
import { counted, fact, named, objectOf, type Check, type Found } from "./check.ts";
import { NOTHING_MOVES, unknownEffect } from "../effect/planned-effect.ts";
import { clusterName } from "./cluster-name.ts";

const GROUPS_MAX = 5;

export const fargateLimits: Check = {
  id: "fargate-limits",
  title: "Pods on Fargate meet one of its limits",
  severity: "warning",
  explain:
    "A pod on Fargate has an ENI of its own, also in an IPv6 cluster an IPv4 address of its subnet: with none free it does not start, however many IPv6 addresses there are. There is no node to send to, so load balancers need target type ip. Host networking, host ports and privileged containers are refused. A pod has at most five security groups.",
  needs: ["pods"],
  uses: ["ingresses", "services", "ingressClasses", "securityGroupPolicies", "subnets", "cluster", "events"],
  find: (view) => {
    const pods = view.livePods.filter(({ isFargate }) => isFargate);
    return pods.length === 0 ? [] : [...ofTargets(view), ...ofHostNetwork(pods), ...ofSubnets(view, pods), ...ofGroups(view)];
  },
  effect: (_, { objects }) =>
    objects.some(({ kind }) => kind === "Ingress" || kind === "Service")
      ? NOTHING_MOVES
      : unknownEffect("AWS places pods on Fargate, not the cluster's scheduler; each takes one address of its profile's subnets"),
};

function ofTargets(view: ClusterView): readonly Found[] {
  const leadsToFargate = (service: SeenService | undefined): boolean =>
    service !== undefined && podsBehind(view, service).some(({ isFargate }) => isFargate);
  const serviceOf = (namespace: string, name: string): SeenService | undefined =>
    view.snapshot.services?.find((each) => each.namespace === namespace && each.name === name);
  const objects = [
    ...albIngresses(view)
      .filter(
        ({ ingress, targetType }) =>
          targetType === "instance" && ingress.services.some((name) => leadsToFargate(serviceOf(ingress.namespace, name))),
      )
      .map(({ ingress }) => ({
        object: objectOf("Ingress", ingress),
        command: `kubectl annotate ingress -n ${ingress.namespace} ${ingress.name} --overwrite ${ING}target-type=ip`,
      })),
    ...nlbServices(view)
      .filter(({ service, targetType }) => targetType === "instance" && leadsToFargate(service))
      .map(({ service }) => ({
        object: objectOf("Service", service),
        command: `kubectl annotate service -n ${service.namespace} ${service.name} --overwrite ${SVC}nlb-target-type=ip`,
      })),
  ];
  if (objects.length === 0) return [];
  return [
    {
      severity: "critical",
      objects: objects.map(({ object }) => object),
      evidence: [
        fact(
          `${counted(objects.length, "load balancer")} of target type instance ${objects.length === 1 ? "leads" : "lead"} to pods on Fargate`,
          objects.length,
        ),
      ],
      cause:
        "A target of type instance is a node's port, and a pod on Fargate is on no node that the load balancer could reach. Its target group stays without these pods.",
      fix: { commands: objects.map(({ command }) => command), risk: "The target group is replaced.", needsNodeReplacement: false },
    },
  ];
}

function ofHostNetwork(pods: readonly SeenPod[]): readonly Found[] {
  const refused = pods.filter(({ isOnHostNetwork }) => isOnHostNetwork);
  if (refused.length === 0) return [];
  return [
    {
      objects: refused.map((pod) => objectOf("Pod", pod)),
      evidence: [fact(`${counted(refused.length, "pod for Fargate asks", "pods for Fargate ask")} for the host's network`, refused.length)],
      cause: "On Fargate there is no host whose network a pod could share. Such pods stay Pending.",
      fix: {
        commands: refused.map(
          ({ namespace, name }) => `kubectl get pod -n ${namespace} ${name} -o yaml   # take hostNetwork out of its template`,
        ),
        risk: "The pod gets an address of its own; clients that know the node's must change.",
        needsNodeReplacement: false,
      },
    },
  ];
}

function ofSubnets(view: ClusterView, pods: readonly SeenPod[]): readonly Found[] {
  const pending = pods.filter(({ phase }) => phase === "Pending");
  const ids = new Set<string>(view.snapshot.cluster?.subnetIds);
  const full = (view.snapshot.subnets ?? []).filter(({ id, free }) => ids.has(id) && free === 0);
  if (pending.length === 0 || full.length === 0) return [];
  return [
    {
      severity: "critical",
      objects: full.map(({ id }) => ({ kind: "Subnet", name: id })),
      evidence: [
        fact(`${counted(pending.length, "pod for Fargate is", "pods for Fargate are")} Pending`, pending.length),
        fact(
          `no IPv4 address is free in ${named(full.map(({ id }) => id))}${view.isIpv6 ? ", which an IPv6 cluster's pods on Fargate need, too" : ""}`,
          0,
        ),
      ],
      cause: "Each pod on Fargate takes an IPv4 address of one of its profile's subnets. Those are full, so it stays Pending.",
      fix: {
        commands: [...roomierProfile(view, pending)],
        risk: "A profile cannot be changed, only replaced; pods move when they are made again.",
        needsNodeReplacement: false,
      },
    },
  ];
}

function ofGroups(view: ClusterView): readonly Found[] {
  const over = policiesInForce(view).filter(
    ({ policy, pods }) => policy.groupIds.length > GROUPS_MAX && pods.some(({ isFargate }) => isFargate),
  );
  return over.map(({ policy }) => ({
    objects: [objectOf("SecurityGroupPolicy", policy)],
    evidence: [fact(`it names ${policy.groupIds.length} groups, and a pod on Fargate may have ${GROUPS_MAX}`, policy.groupIds.length)],
    cause: "Fargate gives a pod five security groups at most. Pods that this policy matches do not start there.",
    fix: {
      commands: [`kubectl edit securitygrouppolicy -n ${policy.namespace} ${policy.name}`],
      risk: "Rules of groups that are taken out must go into those that stay.",
      needsNodeReplacement: false,
    },
  }));
}

/** A profile like that of these pods, in the subnets that have most addresses free. */
function roomierProfile(view: ClusterView, pods: readonly SeenPod[]): readonly string[] {
  const cluster = clusterName(view);
  const profile = pods.flatMap(({ labels }) => labels["eks.amazonaws.com/fargate-profile"] ?? [])[0];
  const namespaces = [...new Set(pods.map(({ namespace }) => namespace))];
  const roomy = (view.snapshot.subnets ?? []).filter(({ free, tags }) => free >= ROOM && tags["kubernetes.io/role/elb"] === undefined);
  const subnets = roomy.toSorted((a, b) => b.free - a.free).slice(0, SUBNETS_MAX);
  const role = `ROLE=$(aws eks describe-fargate-profile --cluster-name ${cluster} --fargate-profile-name ${profile ?? "<profile>"} --query fargateProfile.podExecutionRoleArn --output text)`;
  const where = subnets.length === 0 ? "<roomier-subnets>" : subnets.map(({ id }) => id).join(" ");
  return [
    role,
    `aws eks create-fargate-profile --cluster-name ${cluster} --fargate-profile-name roomier --pod-execution-role-arn "$ROLE" --subnets ${where} --selectors ${namespaces.map((name) => `namespace=${name}`).join(" ")}`,
  ];
}

/** With fewer free addresses a subnet is no help. */
const ROOM = 16;
const SUBNETS_MAX = 3;
