import type { SecurityGroupId, SubnetId } from "@slash28/address";
import { labelSelectorOf } from "@slash28/kube-store";
import { z } from "zod";
import { count, id, listOf, maybe, reads, text, texts, type ItemReader } from "./item-reader.ts";
import { nodeSchema, podSchema } from "./read-nodes-and-pods.ts";
import { present } from "./present-fields.ts";
import type {
  SeenContainer,
  SeenDaemonSet,
  SeenEniConfig,
  SeenEvent,
  SeenIngress,
  SeenIngressClass,
  SeenIngressClassParams,
  SeenRevision,
  SeenSecurityGroupPolicy,
  SeenService,
  SeenServiceAccount,
} from "./kubernetes-objects.ts";

const ROLE_ANNOTATION = "eks.amazonaws.com/role-arn";

const name = z.object({ name: text });
const metadata = z.object({ name: text, namespace: text, labels: texts, annotations: texts });

const container = z
  .object({ name: text, image: maybe(text), env: listOf(z.object({ name: text, value: maybe(text) })) })
  .transform(({ name, image, env }): SeenContainer => ({
    name,
    image: image ?? "",
    env: Object.fromEntries(env.flatMap((variable) => (variable.value === undefined ? [] : [[variable.name, variable.value]]))),
  }));
const podTemplate = z.object({
  spec: z.object({ serviceAccountName: maybe(text), containers: listOf(container), initContainers: listOf(container) }),
});

const daemonSet = z
  .object({ metadata, spec: z.object({ template: podTemplate }) })
  .transform(({ metadata: { namespace, name }, spec: { template } }): SeenDaemonSet => ({
    namespace,
    name,
    ...present({ serviceAccount: template.spec.serviceAccountName }),
    containers: template.spec.containers,
    initContainers: template.spec.initContainers,
  }));

const revision = z
  .object({
    metadata: z.object({ name: text, namespace: text, ownerReferences: listOf(name) }),
    revision: count,
    data: maybe(z.object({ spec: z.object({ template: podTemplate }) })),
  })
  .transform(({ metadata: { namespace, name, ownerReferences }, revision, data }): SeenRevision => ({
    namespace,
    name,
    ...present({ owner: ownerReferences[0]?.name }),
    revision,
    images: (data?.spec.template.spec.containers ?? []).map(({ image }) => image),
  }));

const eniConfig = z
  .object({ metadata: name, spec: maybe(z.object({ subnet: maybe(id<SubnetId>()), securityGroups: listOf(id<SecurityGroupId>()) })) })
  .transform(({ metadata, spec }): SeenEniConfig => ({
    name: metadata.name,
    ...present({ subnetId: spec?.subnet }),
    groupIds: spec?.securityGroups ?? [],
  }));

/** A selector that is there and cannot be read selects nothing, as the controller has it. */
const selector = z
  .unknown()
  .optional()
  .transform((given) => {
    if (given === undefined || given === null) return undefined;
    return labelSelectorOf(given) ?? ("unreadable" as const);
  });

const securityGroupPolicy = z
  .object({
    metadata,
    spec: maybe(
      z.object({
        podSelector: selector,
        serviceAccountSelector: selector,
        securityGroups: maybe(z.object({ groupIds: listOf(id<SecurityGroupId>()) })),
      }),
    ),
  })
  .transform(({ metadata: { namespace, name }, spec }): SeenSecurityGroupPolicy => ({
    namespace,
    name,
    ...present({ podSelector: spec?.podSelector, serviceAccountSelector: spec?.serviceAccountSelector }),
    groupIds: spec?.securityGroups?.groupIds ?? [],
  }));

const serviceAccount = z.object({ metadata }).transform(({ metadata: { namespace, name, labels, annotations } }): SeenServiceAccount => ({
  namespace,
  name,
  labels,
  ...present({ roleArn: annotations[ROLE_ANNOTATION] }),
}));

const addressed = maybe(
  z.object({ loadBalancer: maybe(z.object({ ingress: listOf(z.object({ hostname: maybe(text), ip: maybe(text) })) })) }),
);

function hostnamesOf(status: z.output<typeof addressed>): readonly string[] {
  return (status?.loadBalancer?.ingress ?? []).flatMap(({ hostname, ip }) => hostname ?? ip ?? []);
}

const service = z
  .object({
    metadata,
    spec: z.object({
      type: maybe(text),
      loadBalancerClass: maybe(text),
      selector: texts,
      clusterIPs: listOf(text),
      clusterIP: maybe(text),
    }),
    status: addressed,
  })
  .transform(({ metadata: { namespace, name, annotations }, spec, status }): SeenService => ({
    namespace,
    name,
    type: spec.type ?? "ClusterIP",
    annotations,
    ...present({ loadBalancerClass: spec.loadBalancerClass }),
    selector: spec.selector,
    clusterIps: spec.clusterIPs.length > 0 ? spec.clusterIPs : spec.clusterIP === undefined ? [] : [spec.clusterIP],
    hostnames: hostnamesOf(status),
  }));

const backend = maybe(z.object({ service: maybe(name) }));
const ingress = z
  .object({
    metadata,
    spec: maybe(
      z.object({
        ingressClassName: maybe(text),
        defaultBackend: backend,
        rules: listOf(z.object({ http: maybe(z.object({ paths: listOf(z.object({ backend })) })) })),
      }),
    ),
    status: addressed,
  })
  .transform(({ metadata: { namespace, name, annotations }, spec, status }): SeenIngress => {
    const backends = [spec?.defaultBackend, ...(spec?.rules ?? []).flatMap(({ http }) => (http?.paths ?? []).map((path) => path.backend))];
    return {
      namespace,
      name,
      annotations,
      ...present({ className: spec?.ingressClassName }),
      services: [...new Set(backends.flatMap((each) => each?.service?.name ?? []))],
      hostnames: hostnamesOf(status),
    };
  });

const ingressClass = z
  .object({
    metadata: z.object({ name: text, annotations: texts }),
    spec: z.object({ controller: maybe(text), parameters: maybe(name) }),
  })
  .transform(({ metadata: { name, annotations }, spec }): SeenIngressClass => ({
    name,
    controller: spec.controller ?? "",
    ...present({ params: spec.parameters?.name }),
    isDefault: annotations["ingressclass.kubernetes.io/is-default-class"] === "true",
  }));

const ingressClassParams = z
  .object({ metadata: name, spec: maybe(z.object({ targetType: maybe(text), group: maybe(z.object({ name: maybe(text) })) })) })
  .transform(({ metadata, spec }): SeenIngressClassParams => ({
    name: metadata.name,
    ...present({ targetType: spec?.targetType, group: spec?.group?.name }),
  }));

/** Both kinds of events: `v1` has `involvedObject`, `message` and `count`, `events.k8s.io/v1` has `regarding`, `note` and a series. */
const about = maybe(z.object({ kind: maybe(text), namespace: maybe(text), name: maybe(text) }));
const savedEvent = z.object({
  metadata: z.object({ name: text, namespace: maybe(text), creationTimestamp: maybe(text) }),
  lastTimestamp: maybe(text),
  eventTime: maybe(text),
  reason: maybe(text),
  message: maybe(text),
  note: maybe(text),
  type: maybe(text),
  count: maybe(count),
  series: maybe(z.object({ count: maybe(count), lastObservedTime: maybe(text) })),
  involvedObject: about,
  regarding: about,
});

type SavedEvent = z.output<typeof savedEvent>;

const event = savedEvent.transform((event): SeenEvent => {
  const { name, namespace } = event.metadata;
  return {
    ...present({ namespace }),
    name,
    reason: event.reason ?? "",
    message: event.message ?? event.note ?? "",
    type: event.type ?? "Normal",
    about: objectOf(event),
    count: event.series?.count ?? event.count ?? 1,
    ...present({ at: lastSeen(event) }),
  };
});

function objectOf({ involvedObject, regarding }: SavedEvent): SeenEvent["about"] {
  const { kind = "", namespace, name = "" } = involvedObject ?? regarding ?? {};
  return { kind, ...present({ namespace }), name };
}

function lastSeen({ series, lastTimestamp, eventTime, metadata }: SavedEvent): string | undefined {
  return series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? metadata.creationTimestamp;
}

/** What a document's `kind` says it is. */
export const KUBERNETES_KINDS: Readonly<Record<string, ItemReader>> = {
  Node: reads("nodes", nodeSchema),
  Pod: reads("pods", podSchema),
  DaemonSet: reads("daemonSets", daemonSet),
  ControllerRevision: reads("revisions", revision),
  ENIConfig: reads("eniConfigs", eniConfig),
  SecurityGroupPolicy: reads("securityGroupPolicies", securityGroupPolicy),
  ServiceAccount: reads("serviceAccounts", serviceAccount),
  Service: reads("services", service),
  Ingress: reads("ingresses", ingress),
  IngressClass: reads("ingressClasses", ingressClass),
  IngressClassParams: reads("ingressClassParams", ingressClassParams),
  Event: reads("events", event),
};
