import type { SeenPod, Snapshot } from "@slash28/advisor";
import { ipv4 } from "@slash28/address";
import { agentWith, aNode, aPod, changed, sg, withNodes } from "../a-cluster.ts";
import { H, subnets, policy, inPrefixMode, service, withPods, type FindingCase } from "./shapes.ts";

const v6 = (change: Partial<Snapshot> = {}, env = inPrefixMode as Record<string, string>, version = "1.21.1"): Snapshot =>
  changed({
    cluster: { ...H.cluster, ipFamily: "ipv6" },
    daemonSets: [agentWith({ ENABLE_IPv6: "true", ...env }, version)],
    subnets: subnets(() => ({ hasIpv6: true })),
    ...change,
  });
const onFargate = (set: Partial<SeenPod> = {}): SeenPod =>
  aPod("f-1", { isFargate: true, labels: { app: "f" }, serviceAccount: "f", nodeName: "fargate-1", addresses: [ipv4("10.0.3.9")], ...set });

export const IPV6_AND_FARGATE_CASES: readonly FindingCase[] = [
  [
    "dns64-on-pod-subnets",
    { "in an IPv6 cluster": v6({ subnets: subnets(() => ({ hasIpv6: true, hasDns64: true })) }) },
    { "in an IPv4 cluster": changed({ subnets: subnets(() => ({ hasDns64: true })) }), "without DNS64": v6() },
  ],
  [
    "ipv6-limits",
    {
      "a Xen node": v6(withNodes([aNode({ index: 0, type: "t2.large" })])),
      "subnets without IPv6": v6({ subnets: H.subnets }),
      "custom networking": v6({}, { ...inPrefixMode, AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: "true" }),
      "no prefixes": v6({}, {}),
      "an old VPC CNI": v6({ addons: [] }, inPrefixMode, "1.9.3"),
    },
    { "all in order": v6(), "an IPv4 cluster": changed(withNodes([aNode({ index: 0, type: "t2.large" })])) },
  ],
  [
    "fargate-limits",
    {
      "an instance target": changed({ ...withPods(onFargate()), services: [{ ...service, selector: { app: "f" }, annotations: {} }] }),
      "the host's network": changed(withPods(onFargate({ isOnHostNetwork: true, phase: "Pending" }))),
      "a full subnet": changed({
        ...withPods(onFargate({ phase: "Pending", addresses: [] })),
        subnets: subnets(({ id }) => (id === "subnet-cluster" ? { free: 0 } : {})),
      }),
      "six groups": changed({
        ...withPods(onFargate({ labels: { app: "pay" } })),
        securityGroupPolicies: [{ ...policy, groupIds: [1, 2, 3, 4, 5, 6].map((n) => sg(`sg-${n}`)) }],
      }),
    },
    {
      "an ip target": changed({ ...withPods(onFargate()), services: [{ ...service, selector: { app: "f" } }] }),
      "no Fargate": changed({ services: [{ ...service, annotations: {} }] }),
    },
  ],
  [
    "pod-identity-on-fargate",
    {
      "an association": changed({ ...withPods(onFargate()), podIdentities: [{ namespace: "shop", serviceAccount: "f" }] }),
      "the variable": changed(withPods(onFargate({ envNames: ["AWS_CONTAINER_CREDENTIALS_FULL_URI"] }))),
    },
    {
      "on EC2": changed({ ...withPods(aPod("f-2", { serviceAccount: "f" })), podIdentities: [{ namespace: "shop", serviceAccount: "f" }] }),
      "IRSA besides": changed({
        ...withPods(onFargate()),
        podIdentities: [{ namespace: "shop", serviceAccount: "f" }],
        serviceAccounts: [...H.serviceAccounts, { namespace: "shop", name: "f", labels: {}, roleArn: "arn:aws:iam::1:role/f" }],
      }),
    },
  ],
];
