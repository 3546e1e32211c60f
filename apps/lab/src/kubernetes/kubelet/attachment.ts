import { parseQuantity } from "@slash28/kube-store";
import type { Attachment } from "./cni-runtime/index.ts";
import type { Pod } from "./pod.ts";
import type { ClusterAccess } from "./kubelet-options.ts";

const IF_NAME = "eth0";
/** What containerd gives as burst: as much as the field holds. */
const BURST_BITS = 2 ** 32 - 1;

/** A pod's sandbox as CNI plugins are told of it, the way containerd does. */
export function podAttachment(
  pod: Pod,
  sandbox: { readonly id: string; readonly netns: string },
  cluster: Pick<ClusterAccess, "dnsAddress" | "domain">,
): Attachment {
  const { name, namespace = "default", uid = "", annotations = {} } = pod.metadata;
  const mappings = portMappings(pod);
  const bandwidth = bandwidthOf(annotations);
  return {
    containerId: sandbox.id,
    netns: sandbox.netns,
    ifName: IF_NAME,
    args: {
      IgnoreUnknown: "1",
      K8S_POD_NAMESPACE: namespace,
      K8S_POD_NAME: name,
      K8S_POD_INFRA_CONTAINER_ID: sandbox.id,
      K8S_POD_UID: uid,
    },
    capabilities: {
      ...(mappings.length === 0 ? {} : { portMappings: mappings }),
      ...(bandwidth === undefined ? {} : { bandwidth }),
      ...(cluster.dnsAddress === undefined
        ? {}
        : {
            dns: {
              servers: [cluster.dnsAddress],
              searches: [`${namespace}.svc.${cluster.domain}`, `svc.${cluster.domain}`, cluster.domain],
              options: ["ndots:5"],
            },
          }),
      "io.kubernetes.cri.pod-annotations": annotations,
    },
  };
}

function portMappings(pod: Pod): readonly unknown[] {
  return pod.spec.containers.flatMap(({ ports }) =>
    (ports ?? [])
      .filter(({ hostPort }) => hostPort !== undefined && hostPort > 0)
      .map(({ hostPort, containerPort, protocol, hostIP }) => ({
        hostPort,
        containerPort,
        protocol: (protocol ?? "TCP").toLowerCase(),
        hostIP: hostIP ?? "",
      })),
  );
}

function bandwidthOf(annotations: Readonly<Record<string, string>>): unknown {
  const rate = (direction: string): number | undefined => {
    const text = annotations[`kubernetes.io/${direction}-bandwidth`];
    return text === undefined ? undefined : parseQuantity(text);
  };
  const ingress = rate("ingress");
  const egress = rate("egress");
  if (ingress === undefined && egress === undefined) return undefined;
  return {
    ...(ingress === undefined ? {} : { ingressRate: ingress, ingressBurst: BURST_BITS }),
    ...(egress === undefined ? {} : { egressRate: egress, egressBurst: BURST_BITS }),
  };
}
