import { albIngresses, ING, nlbServices, SVC } from "../snapshot/load-balancing.ts";
import { counted, fact, named, objectOf, type Check, type Found } from "./check.ts";
import { NOTHING_MOVES } from "../effect/planned-effect.ts";

export const targetTypeInstance: Check = {
  id: "target-type-instance",
  title: "A load balancer sends to nodes instead of pods",
  severity: "warning",
  explain:
    "With target-type instance, the controller's default, a load balancer sends to a port of every node and kube-proxy passes it on to some pod, of another node perhaps. Its health checks see nodes: a pod that fails goes on getting requests until kube-proxy knows, which users see as 502s. With target-type ip it sends to pods' addresses and checks each of them.",
  needs: ["ingresses"],
  uses: ["ingressClasses", "ingressClassParams", "services", "targetGroups"],
  find: (view) => {
    const ingresses = albIngresses(view).filter(({ targetType }) => targetType === "instance");
    const services = nlbServices(view).filter(({ targetType }) => targetType === "instance");
    const of = (kind: string, each: { readonly namespace?: string; readonly name: string }, key: string): Found => ({
      objects: [objectOf(kind, each)],
      evidence: [fact(`${kind} ${each.namespace ?? ""}/${each.name} has target type instance, given or by default`, "instance")],
      cause:
        "The load balancer's targets are nodes, so a request takes another hop through kube-proxy and health checks say nothing of single pods. A pod that fails its readiness keeps getting requests for a while.",
      fix: {
        commands: [`kubectl annotate ${kind.toLowerCase()} -n ${each.namespace ?? ""} ${each.name} --overwrite ${key}=ip`],
        risk: "The target group is replaced: old connections are drained. Pods need addresses that the load balancer reaches, as the VPC CNI gives them, and their security groups must let it in.",
        needsNodeReplacement: false,
      },
    });
    const found = [
      ...ingresses.map(({ ingress }) => of("Ingress", ingress, `${ING}target-type`)),
      ...services.map(({ service }) => of("Service", service, `${SVC}nlb-target-type`)),
    ];
    const groups = (view.snapshot.targetGroups ?? []).filter(
      ({ targetType, name }) => targetType === "instance" && name.startsWith("k8s-"),
    );
    const proof =
      groups.length === 0
        ? []
        : [
            fact(
              `target groups of type instance: ${named(groups.map(({ name }) => name))} (${counted(groups.length, "group")})`,
              groups.length,
            ),
          ];
    return found.map((each) => ({ ...each, evidence: [...each.evidence, ...proof] }));
  },
  effect: () => NOTHING_MOVES,
};
