import type { HealthIssue } from "@slash28/eks";
import type { Kube, KubeObject } from "@slash28/ports";
import type { Placed } from "../custom-resources.ts";

const MISSING: HealthIssue = {
  code: "InsufficientNumberOfReplicas",
  message: "The add-on is unhealthy because it doesn't have the desired number of replicas.",
  resourceIds: [],
};

/** What is wrong with an add-on's workloads: empty when each has the pods it should have, of the version it should have. */
export async function addonHealth(kube: Pick<Kube, "get">, objects: readonly Placed[]): Promise<readonly HealthIssue[]> {
  for (const { resource, object } of objects) {
    if (object.kind !== "DaemonSet" && object.kind !== "Deployment") continue;
    const live = await kube.get(resource, object.metadata.name, object.metadata.namespace);
    if (live === undefined) {
      return [{ code: "K8sResourceNotFound", message: `${object.kind} ${object.metadata.name} is not there.`, resourceIds: [] }];
    }
    if (!(object.kind === "DaemonSet" ? daemonSetIsWhole(live) : deploymentIsWhole(live))) return [MISSING];
  }
  return [];
}

type Numbers = Readonly<Record<string, number | undefined>>;

function isObserved(object: KubeObject, status: Numbers): boolean {
  return (status["observedGeneration"] ?? 0) >= (object.metadata.generation ?? 0);
}

function daemonSetIsWhole(object: KubeObject): boolean {
  const status = (object["status"] ?? {}) as Numbers;
  const wanted = status["desiredNumberScheduled"] ?? 0;
  return isObserved(object, status) && (status["updatedNumberScheduled"] ?? 0) >= wanted && (status["numberAvailable"] ?? 0) >= wanted;
}

function deploymentIsWhole(object: KubeObject): boolean {
  const status = (object["status"] ?? {}) as Numbers;
  const wanted = ((object["spec"] ?? {}) as Numbers)["replicas"] ?? 1;
  return isObserved(object, status) && (status["updatedReplicas"] ?? 0) >= wanted && (status["availableReplicas"] ?? 0) >= wanted;
}
