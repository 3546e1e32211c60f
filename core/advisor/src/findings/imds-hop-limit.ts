import type { ClusterView, ViewNode } from "../snapshot/cluster-view.ts";
import type { SeenPod } from "../snapshot/kubernetes-objects.ts";
import { counted, fact, named, objectOf, type Check, type Found } from "./check.ts";
import { NOTHING_MOVES } from "../effect/planned-effect.ts";
import { setEnvChange } from "./fleet-fixes.ts";

/** Controllers that call AWS, by what their images are called. */
const CALLS_AWS =
  /aws-load-balancer-controller|aws-ebs-csi-driver|aws-efs-csi-driver|cluster-autoscaler|external-dns|amazon-k8s-cni|karpenter/;
/** kubelet starts a container that ends again and again after five minutes at most. */
const CRASH_LOOP_MS = 300_000;
/** A pod off the host's network is one hop further away from the metadata service. */
const HOPS_OF_PODS = 2;

export const imdsHopLimit: Check = {
  id: "imds-hop-limit",
  title: "Pods that need the instance metadata service cannot reach it",
  severity: "warning",
  explain:
    "Replies of the metadata service travel as many hops as the instance's HttpPutResponseHopLimit says. With 1 they reach processes of the host and pods on its network, not other pods: their AWS calls fail now and then, or always. That is what many want, provided that every pod that calls AWS has a role of its own. It is found where a controller that calls AWS has none, or where the service is switched off altogether.",
  needs: ["instances", "nodes", "pods"],
  uses: ["serviceAccounts", "podIdentities", "logSigns"],
  find: (view) => [...whereOff(view), ...whereTooFar(view)],
  effect: (view, { objects }) =>
    objects.some(({ kind }) => kind === "Pod")
      ? NOTHING_MOVES
      : { kind: "simulate", changes: [setEnvChange(view, {})], stalledMs: CRASH_LOOP_MS },
};

function instancesOf(nodes: readonly ViewNode[]): readonly string[] {
  return nodes.flatMap(({ instance }) => instance?.id ?? []);
}

function whereOff(view: ClusterView): readonly Found[] {
  const off = view.nodes.filter(({ instance }) => instance?.metadata?.isOn === false);
  if (off.length === 0) return [];
  return [
    {
      severity: "critical",
      objects: off.map(({ name }) => objectOf("Node", { name })),
      evidence: [fact(`the metadata service is disabled on ${named(instancesOf(off))}`, off.length)],
      cause:
        "aws-node, which gives pods their addresses, learns its instance, its subnet and its network interfaces from the metadata service. With HttpEndpoint disabled it cannot start, and no new pod on the node gets an address.",
      fix: {
        commands: instancesOf(off).map(
          (id) => `aws ec2 modify-instance-metadata-options --instance-id ${id} --http-endpoint enabled --http-tokens required`,
        ),
        risk: "None for running pods. Put it into the launch template, too, or the next node is as this one.",
        needsNodeReplacement: false,
      },
    },
  ];
}

function whereTooFar(view: ClusterView): readonly Found[] {
  const near = view.nodes.filter(({ instance }) => instance?.metadata?.isOn === true && instance.metadata.hopLimit < HOPS_OF_PODS);
  const needy = near.flatMap(({ pods }) => pods.filter((pod) => needsMetadata(view, pod)));
  if (needy.length === 0) return [];
  const logged = (view.snapshot.logSigns ?? []).filter(({ sign }) => sign === "metadata-unreachable");
  return [
    {
      objects: needy.map((pod) => objectOf("Pod", pod)),
      evidence: [
        fact(`HttpPutResponseHopLimit is 1 on ${counted(near.length, "instance")}: ${named(instancesOf(near))}`, 1),
        fact(
          `${counted(needy.length, "pod there calls", "pods there call")} AWS, not on the host's network and without a role of ${needy.length === 1 ? "its" : "their"} own`,
          needy.length,
        ),
        ...logged.map(({ source, lines, example }) => fact(`${source}, ${counted(lines, "line")}: ${example}`, lines)),
      ],
      cause:
        "A reply with a hop limit of 1 ends at the node and never reaches a pod behind it. These pods have no other place to get credentials or their instance's facts from.",
      fix: {
        commands: instancesOf(near).map(
          (id) => `aws ec2 modify-instance-metadata-options --instance-id ${id} --http-put-response-hop-limit 2 --http-tokens required`,
        ),
        risk: "Every pod of these nodes can then act as the node's role. Better give each such pod a role by IRSA or Pod Identity and leave the limit at 1.",
        needsNodeReplacement: false,
      },
    },
  ];
}

function needsMetadata(view: ClusterView, { namespace, serviceAccount, isOnHostNetwork, images }: SeenPod): boolean {
  if (isOnHostNetwork || !images.some((image) => CALLS_AWS.test(image))) return false;
  const hasRole = view.snapshot.serviceAccounts?.some(
    (account) => account.namespace === namespace && account.name === serviceAccount && account.roleArn !== undefined,
  );
  const isAssociated = view.snapshot.podIdentities?.some((each) => each.namespace === namespace && each.serviceAccount === serviceAccount);
  return hasRole !== true && isAssociated !== true;
}
