import { albIngresses, ING } from "../snapshot/load-balancing.ts";
import { groupBy } from "../snapshot/cluster-view.ts";
import { counted, fact, objectOf, type Check } from "./check.ts";
import { unknownEffect } from "../effect/planned-effect.ts";

/** Rules that one ALB takes (AWS's quota "Rules per Application Load Balancer", the default one not counted). */
const RULES_MAX = 100;

export const oneLoadBalancerPerIngress: Check = {
  id: "one-load-balancer-per-ingress",
  title: "Every Ingress has an ALB of its own",
  severity: "info",
  explain:
    "An Ingress without alb.ingress.kubernetes.io/group.name gets an ALB for itself, which costs by the hour and takes addresses in every subnet. Ingresses of one group share one, up to 100 rules. A group is a trust boundary: whoever may write an Ingress can join a group and take over paths, so teams that must not touch one another belong into different groups.",
  needs: ["ingresses"],
  uses: ["ingressClasses", "ingressClassParams", "loadBalancers"],
  find: (view) => {
    const alone = albIngresses(view).filter(({ group }) => group === undefined);
    return [...groupBy(alone, ({ scheme }) => scheme)].flatMap(([scheme, members]) => {
      if (members.length < 2) return [];
      const perBalancer = Math.ceil(members.length / RULES_MAX);
      return [
        {
          objects: members.map(({ ingress }) => objectOf("Ingress", ingress)),
          evidence: [
            fact(
              `${counted(members.length, "Ingress", "Ingresses")} of scheme ${scheme} have no group and so ${members.length} ALBs`,
              members.length,
            ),
            fact(
              `in one group they would share ${perBalancer === 1 ? "one" : `about ${perBalancer}`}: ${members.length - perBalancer} fewer`,
              members.length - perBalancer,
            ),
          ],
          cause: "Without a group the controller makes an ALB for each Ingress. Each costs by the hour and takes addresses of its subnets.",
          fix: {
            commands: members.map(
              ({ ingress }) =>
                `kubectl annotate ingress -n ${ingress.namespace} ${ingress.name} --overwrite ${ING}group.name=shared-${scheme}`,
            ),
            risk: "Each Ingress's address changes: DNS must follow before old ALBs go. One broken Ingress of a group holds the others' changes up, and one ALB's failure is everybody's.",
            needsNodeReplacement: false,
          },
        },
      ];
    });
  },
  effect: () =>
    unknownEffect(
      "an ALB takes as many addresses of its subnets as its load asks for; those of the ALBs that go become free when the controller deletes them, and pods do not notice",
    ),
};
