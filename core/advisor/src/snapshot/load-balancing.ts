import type { SeenIngress, SeenPod, SeenService } from "./kubernetes-objects.ts";
import type { ClusterView } from "./cluster-view.ts";

export const ING = "alb.ingress.kubernetes.io/";
export const SVC = "service.beta.kubernetes.io/aws-load-balancer-";
const CONTROLLER = "ingress.k8s.aws/alb";

/** An Ingress of the AWS Load Balancer Controller, with what its class decides worked in. */
export interface AlbIngress {
  readonly ingress: SeenIngress;
  readonly targetType: string;
  /** Absent: an ALB of its own. */
  readonly group?: string;
  readonly scheme: string;
}

/** Ingresses that become ALBs: by the old annotation, by their class, or by the default class. What the class's parameters say beats annotations. */
export function albIngresses(view: ClusterView): readonly AlbIngress[] {
  const { ingresses = [], ingressClasses, ingressClassParams = [] } = view.snapshot;
  return ingresses.flatMap((ingress): readonly AlbIngress[] => {
    const annotated = ingress.annotations["kubernetes.io/ingress.class"];
    const seen = ingressClasses?.find(({ name, isDefault }) => (ingress.className === undefined ? isDefault : name === ingress.className));
    // Without the list of classes, the name that the controller's chart gives its class must do.
    const isByClass = ingressClasses === undefined ? ingress.className === "alb" : seen?.controller === CONTROLLER;
    if (annotated === undefined ? !isByClass : annotated !== "alb") return [];
    const params = annotated === undefined ? ingressClassParams.find(({ name }) => name === seen?.params) : undefined;
    const group = params?.group ?? ingress.annotations[`${ING}group.name`];
    return [
      {
        ingress,
        targetType: params?.targetType ?? ingress.annotations[`${ING}target-type`] ?? "instance",
        ...(group === undefined ? {} : { group }),
        scheme: ingress.annotations[`${ING}scheme`] ?? "internal",
      },
    ];
  });
}

/** Services that the controller makes NLBs for. */
export function nlbServices(view: ClusterView): readonly { readonly service: SeenService; readonly targetType: string }[] {
  return (view.snapshot.services ?? []).flatMap((service) => {
    if (service.type !== "LoadBalancer") return [];
    const type = service.annotations[`${SVC}type`];
    const isOurs =
      service.loadBalancerClass === undefined
        ? type === "external" || type === "nlb-ip"
        : service.loadBalancerClass === "service.k8s.aws/nlb";
    if (!isOurs) return [];
    return [{ service, targetType: type === "nlb-ip" ? "ip" : (service.annotations[`${SVC}nlb-target-type`] ?? "instance") }];
  });
}

/** Pods that a service leads to. */
export function podsBehind(view: ClusterView, { namespace, selector }: SeenService): readonly SeenPod[] {
  const wanted = Object.entries(selector);
  if (wanted.length === 0) return [];
  return view.livePods.filter((pod) => pod.namespace === namespace && wanted.every(([key, value]) => pod.labels[key] === value));
}

/** `a=1,b=2` as the controller's annotations have it. */
export function attributesOf(text: string | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(
    (text ?? "").split(",").flatMap((pair) => {
      const at = pair.indexOf("=");
      return at < 1 ? [] : [[pair.slice(0, at).trim(), pair.slice(at + 1).trim()]];
    }),
  );
}
