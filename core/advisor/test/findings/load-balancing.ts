import { ipv4 } from "@slash28/address";
import { aPod, changed } from "../a-cluster.ts";
import { H, subnets, service, type FindingCase } from "./shapes.ts";

const ingress = H.ingresses[0]!;
const ingressWith = (name: string, annotations: Readonly<Record<string, string>>) => ({
  ...ingress,
  name,
  annotations: { ...ingress.annotations, ...annotations },
});
const serviceWith = (annotations: Readonly<Record<string, string>>) => [
  { ...service, annotations: { ...service.annotations, ...annotations } },
];
const uneven = [...H.pods, aPod("web-2", { labels: { app: "web" }, nodeName: "node-0", addresses: [ipv4("10.0.1.14")] })];
const NLB = "service.beta.kubernetes.io/aws-load-balancer-";
const ALB = "alb.ingress.kubernetes.io/";

export const LOAD_BALANCING_CASES: readonly FindingCase[] = [
  [
    "target-type-instance",
    {
      "an Ingress by default": changed({ ingresses: [{ ...ingress, annotations: { [`${ALB}scheme`]: "internet-facing" } }] }),
      "a Service": changed({ services: serviceWith({ [`${NLB}nlb-target-type`]: "instance" }) }),
    },
    {
      "the class's parameters say ip": changed({
        ingresses: [{ ...ingress, annotations: {} }],
        ingressClasses: [{ name: "alb", controller: "ingress.k8s.aws/alb", params: "p", isDefault: false }],
        ingressClassParams: [{ name: "p", targetType: "ip" }],
      }),
      "another controller's Ingress": changed({ ingresses: [{ ...ingress, className: "nginx", annotations: {} }] }),
    },
  ],
  [
    "one-load-balancer-per-ingress",
    { "two without a group": changed({ ingresses: [ingressWith("a", {}), ingressWith("b", {})] }) },
    {
      one: H,
      "a group": changed({ ingresses: [ingressWith("a", { [`${ALB}group.name`]: "g" }), ingressWith("b", { [`${ALB}group.name`]: "g" })] }),
    },
  ],
  [
    "nlb-without-cross-zone",
    { "two pods here, one there": changed({ pods: uneven }) },
    {
      "evenly spread": H,
      "switched on": changed({ pods: uneven, services: serviceWith({ [`${NLB}attributes`]: "load_balancing.cross_zone.enabled=true" }) }),
    },
  ],
  [
    "subnet-role-tags-missing",
    { "no subnet for internet-facing ones": changed({ subnets: subnets(() => ({ tags: {} })) }) },
    {
      tagged: H,
      "nobody asks": changed({ subnets: subnets(() => ({ tags: {} })), ingresses: [], services: [] }),
      "named by annotation": changed({
        subnets: subnets(() => ({ tags: {} })),
        services: [],
        ingresses: [ingressWith("a", { [`${ALB}subnets`]: "subnet-public" })],
      }),
    },
  ],
];
