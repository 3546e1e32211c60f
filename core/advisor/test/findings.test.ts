import { CHECKS, checkNamed, diagnose, missing, PARTS, type Finding, type SeenPod, type Snapshot } from "@slash28/advisor";
import { asId, cidr4, ipv4, type EniId } from "@slash28/address";
import { readPolicy } from "@slash28/iam";
import { describe, expect, test } from "vitest";
import {
  agentImage,
  agentWith,
  aNode,
  aPod,
  aSubnet,
  branchPod,
  changed,
  CLUSTER_GROUP,
  ENV,
  healthy,
  POD_GROUP,
  ruleFor,
  sg,
  SUBNET_A,
  SUBNET_B,
  subnetId,
  withEnv,
  withNodes,
} from "./a-cluster.ts";

const H = healthy();

function found(snapshot: Snapshot, id: string): readonly Finding[] {
  return diagnose(snapshot).findings.filter((finding) => finding.id === id);
}

function subnets(change: (subnet: Required<Snapshot>["subnets"][number]) => object): Required<Snapshot>["subnets"] {
  return H.subnets.map((subnet) => ({ ...subnet, ...change(subnet) }));
}

/** Every node's ENIs hold one address each at the given offset of every /28 of its subnet: nothing whole is left. */
function scattered(all: boolean): Required<Snapshot>["enis"] {
  const blocks = Array.from({ length: 16 }, (_, block) => block).filter((block) => all || block !== 8);
  const strangers = blocks.map((block) => ({
    ...H.enis[0]!,
    id: asId<EniId>(`eni-x-${block}`),
    instanceId: undefined as never,
    subnetId: SUBNET_A,
    primaryAddress: ipv4(`10.0.1.${block * 16 + 6}`),
    addresses: [],
  }));
  return [...H.enis, ...strangers.filter(({ primaryAddress }) => !H.enis.some((eni) => eni.primaryAddress === primaryAddress))];
}

const crowdedOn = (type: string, pods: number, waiting: number): Partial<Snapshot> =>
  withNodes([aNode({ index: 0, type, pods, spare: 0, waiting, maxPods: 110 }), aNode({ index: 2, zone: "b" })]);

const zoned = (waitingInB: number, freeInB: number, runningInB = 0): Partial<Snapshot> => ({
  ...withNodes([aNode({ index: 0, pods: 5 }), aNode({ index: 2, zone: "b", pods: runningInB, waiting: waitingInB })]),
  securityGroupPolicies: [],
  subnets: subnets(({ id }) => (id === SUBNET_B ? { free: freeInB } : {})),
});

const controller = (set: Partial<SeenPod> = {}): SeenPod =>
  aPod("lbc", {
    namespace: "kube-system",
    serviceAccount: "lbc",
    nodeName: "node-0",
    images: ["x/aws-load-balancer-controller:v3"],
    addresses: [ipv4("10.0.1.14")],
    ...set,
  });
const hops = (hopLimit: number): Required<Snapshot>["instances"] =>
  H.instances.map((instance) => ({ ...instance, metadata: { isOn: true, isTokenRequired: true, hopLimit } }));

const policy = H.securityGroupPolicies[0]!;
const inPrefixMode = { ENABLE_PREFIX_DELEGATION: "true" };
const custom = { AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: "true", ENI_CONFIG_LABEL_DEF: "topology.kubernetes.io/zone" };
const podSubnets = [
  ...H.subnets,
  aSubnet({ id: subnetId("subnet-pods-a"), cidr: cidr4("100.64.0.0/19"), free: 8000 }),
  aSubnet({ id: subnetId("subnet-pods-b"), zone: "us-east-1b", cidr: cidr4("100.64.32.0/19"), free: 8000 }),
];
const eniConfigs = (a: string, b: string): Required<Snapshot>["eniConfigs"] => [
  { name: "us-east-1a", subnetId: subnetId(a), groupIds: [] },
  { name: "us-east-1b", subnetId: subnetId(b), groupIds: [] },
];
const noPodEnis: Partial<Snapshot> = { enis: H.enis.map((eni) => ({ ...eni, addresses: [] })), pods: [] };
const hoarding = (nodes: number, spare: number): Partial<Snapshot> =>
  withNodes(Array.from({ length: nodes }, (_, index) => aNode({ index, type: "m5.xlarge", pods: 2, spare })));
const byDefault = { WARM_ENI_TARGET: "1", WARM_IP_TARGET: undefined, MINIMUM_IP_TARGET: undefined };
const ingress = H.ingresses[0]!;
const ingressWith = (name: string, annotations: Readonly<Record<string, string>>) => ({
  ...ingress,
  name,
  annotations: { ...ingress.annotations, ...annotations },
});
const service = H.services[0]!;
const serviceWith = (annotations: Readonly<Record<string, string>>) => [
  { ...service, annotations: { ...service.annotations, ...annotations } },
];
const uneven = [...H.pods, aPod("web-2", { labels: { app: "web" }, nodeName: "node-0", addresses: [ipv4("10.0.1.14")] })];
const group = H.nodeGroups[0]!;
const NLB = "service.beta.kubernetes.io/aws-load-balancer-";
const ALB = "alb.ingress.kubernetes.io/";
const v6 = (change: Partial<Snapshot> = {}, env = inPrefixMode as Record<string, string>, version = "1.21.1"): Snapshot =>
  changed({
    cluster: { ...H.cluster, ipFamily: "ipv6" },
    daemonSets: [agentWith({ ENABLE_IPv6: "true", ...env }, version)],
    subnets: subnets(() => ({ hasIpv6: true })),
    ...change,
  });
const onFargate = (set: Partial<SeenPod> = {}): SeenPod =>
  aPod("f-1", { isFargate: true, labels: { app: "f" }, serviceAccount: "f", nodeName: "fargate-1", addresses: [ipv4("10.0.3.9")], ...set });
const withPods = (...pods: readonly SeenPod[]): Partial<Snapshot> => ({ pods: [...H.pods, ...pods] });
const denying = readPolicy(
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Deny", Action: "ec2:AssignPrivateIpAddresses", Resource: "*" }] }),
  "identity",
);
const event = (reason: string, message: string) => ({
  name: "e",
  reason,
  message,
  type: "Warning",
  about: { kind: "Pod", name: "aws-node-1" },
  count: 3,
});

/** Per finding: snapshots that have it, and some that nearly do. */
const CASES: readonly (readonly [id: string, has: Readonly<Record<string, Snapshot>>, misses: Readonly<Record<string, Snapshot>>])[] = [
  [
    "subnet-full",
    {
      "none free": changed({ subnets: subnets(({ id }) => (id === SUBNET_A ? { free: 0 } : {})) }),
      "a few": changed({ subnets: subnets(({ id }) => (id === SUBNET_A ? { free: 12 } : {})) }),
    },
    {
      "a few more": changed({ subnets: subnets(({ id }) => (id === SUBNET_A ? { free: 13 } : {})) }),
      "one that nobody uses": changed({ subnets: subnets(({ id }) => (id === "subnet-public" ? { free: 0 } : {})) }),
    },
  ],
  [
    "subnet-fragmented",
    {
      "an address in every /28": withEnv(inPrefixMode, {
        enis: scattered(true),
        nodes: H.nodes.map((node) => ({ ...node, maxPods: 110 })),
      }),
    },
    {
      "one /28 whole": withEnv(inPrefixMode, { enis: scattered(false) }),
      "single addresses wanted": changed({ enis: scattered(true) }),
      "full rather": withEnv(inPrefixMode, { enis: scattered(true), subnets: subnets(() => ({ free: 15 })) }),
    },
  ],
  [
    "instance-address-limit",
    { "more pods than slots": withEnv({}, crowdedOn("m5.large", 27, 1)) },
    { "one pod less": withEnv({}, crowdedOn("m5.large", 26, 1)), "a larger type": withEnv({}, crowdedOn("m5.xlarge", 27, 1)) },
  ],
  [
    "account-eni-quota",
    {
      "at the quota": changed({ quotas: [{ code: "L-DF5E4CA3", name: "q", value: 4 }] }),
      "close to it": changed({ quotas: [{ code: "L-DF5E4CA3", name: "q", value: H.enis.length + 0 }] }),
    },
    {
      "room left": changed({ quotas: [{ code: "L-DF5E4CA3", name: "q", value: H.enis.length * 2 }] }),
      "another quota": changed({ quotas: [{ code: "L-0263D0A3", name: "q", value: 1 }] }),
    },
  ],
  [
    "pods-in-one-zone",
    { "the other zone's subnet is full": changed(zoned(0, 0)), "pods wait in the other": changed(zoned(3, 5)) },
    { "the other is only empty": changed(zoned(0, 100)), "pods run in both": changed(zoned(1, 0, 1)) },
  ],
  [
    "missing-ec2-permissions",
    {
      "an event says so": changed({ events: [event("MissingIAMPermissions", "ec2:AssignPrivateIpAddresses")] }),
      "the log says so": changed({ roles: [], logSigns: [{ source: "ipamd.log", sign: "UnauthorizedOperation", lines: 2, example: "x" }] }),
      "the role has other policies": changed({ roles: [{ name: "cni", attached: ["AmazonEKSWorkerNodePolicy"], documents: [] }] }),
      "a policy denies": changed({
        roles: [
          { name: "cni", attached: ["AmazonEKS_CNI_Policy"], documents: denying.ok ? [{ name: "no", document: denying.value }] : [] },
        ],
      }),
    },
    {
      "the event is over": changed({
        events: [
          { ...event("MissingIAMPermissions", "x"), at: "2026-01-01T00:00:00Z" },
          { ...event("MissingIAMPermissionsResolved", "x"), at: "2026-01-01T00:05:00Z" },
        ],
      }),
      "the log is from before the role was mended": changed({
        logSigns: [{ source: "ipamd.log", sign: "UnauthorizedOperation", lines: 2, example: "x" }],
      }),
      "another event": changed({ events: [event("InsufficientCidrBlocks", "no /28")] }),
      "a policy that nobody knows": changed({ roles: [{ name: "cni", attached: ["our-own"], documents: [] }] }),
    },
  ],
  [
    "imds-hop-limit",
    {
      "a controller without a role": changed({ instances: hops(1), ...withPods(controller()) }),
      "the service is off": changed({
        instances: H.instances.map((instance) => ({ ...instance, metadata: { isOn: false, isTokenRequired: true, hopLimit: 2 } })),
      }),
    },
    {
      "two hops": changed({ instances: hops(2), ...withPods(controller()) }),
      "no pod needs it": changed({ instances: hops(1) }),
      "on the host's network": changed({ instances: hops(1), ...withPods(controller({ isOnHostNetwork: true })) }),
      "a role by Pod Identity": changed({
        instances: hops(1),
        ...withPods(controller()),
        podIdentities: [{ namespace: "kube-system", serviceAccount: "lbc" }],
      }),
    },
  ],
  [
    "security-group-policy-matches-nothing",
    {
      "another label": changed({ securityGroupPolicies: [{ ...policy, podSelector: [{ key: "app", operator: "in", values: ["pai"] }] }] }),
      "another namespace": changed({ securityGroupPolicies: [{ ...policy, namespace: "other" }] }),
      "no selector": changed({ securityGroupPolicies: [{ namespace: "shop", name: "pay", groupIds: [POD_GROUP] }] }),
    },
    { "it matches": H },
  ],
  [
    "security-group-policy-on-non-nitro",
    {
      "all nodes are t2": changed({
        ...withNodes([aNode({ index: 0, type: "t2.large" })]),
        pods: [{ ...branchPod, nodeName: "node-0" }],
      }),
    },
    {
      "others can trunk": changed({ ...withNodes([aNode({ index: 0 }), aNode({ index: 1, type: "t2.large" })]), pods: [branchPod] }),
    },
  ],
  [
    "security-group-policy-without-cluster-group",
    { "it is left out": changed({ securityGroupPolicies: [{ ...policy, groupIds: [POD_GROUP] }] }) },
    {
      "rules of their own do": changed({
        securityGroupPolicies: [{ ...policy, groupIds: [POD_GROUP] }],
        securityGroups: [
          { id: CLUSTER_GROUP, name: "c", ingress: [ruleFor({ protocol: "udp", port: 53, group: POD_GROUP })], egress: [] },
          {
            id: POD_GROUP,
            name: "p",
            ingress: [ruleFor({ group: CLUSTER_GROUP })],
            egress: [ruleFor({ cidr: "0.0.0.0/0" }), ruleFor({ group: CLUSTER_GROUP })],
          },
        ],
      }),
      "no pod has it": changed({ securityGroupPolicies: [{ ...policy, namespace: "other", groupIds: [POD_GROUP] }] }),
    },
  ],
  [
    "security-group-policy-without-dns-egress",
    {
      "nothing goes out": changed({ securityGroupPolicies: [{ ...policy, groupIds: [POD_GROUP] }] }),
      "only HTTPS": changed({
        securityGroupPolicies: [{ ...policy, groupIds: [sg("sg-https")] }],
        securityGroups: [
          { id: sg("sg-https"), name: "h", ingress: [], egress: [ruleFor({ protocol: "tcp", port: 443, cidr: "0.0.0.0/0" })] },
        ],
      }),
      "DNS elsewhere": changed({
        securityGroupPolicies: [{ ...policy, groupIds: [sg("sg-dns")] }],
        securityGroups: [
          {
            id: sg("sg-dns"),
            name: "h",
            ingress: [],
            egress: [
              ruleFor({ protocol: "udp", port: 53, cidr: "10.100.0.10/32" }),
              ruleFor({ protocol: "tcp", port: 53, cidr: "10.100.0.10/32" }),
            ],
          },
        ],
      }),
    },
    {
      "UDP and TCP 53 into the VPC": changed({
        securityGroupPolicies: [{ ...policy, groupIds: [sg("sg-dns")] }],
        securityGroups: [
          {
            id: sg("sg-dns"),
            name: "h",
            ingress: [],
            egress: [
              ruleFor({ protocol: "udp", port: 53, cidr: "10.0.0.0/16" }),
              ruleFor({ protocol: "tcp", port: 53, cidr: "10.0.0.0/16" }),
            ],
          },
        ],
      }),
      "its groups are not known": changed({ securityGroupPolicies: [{ ...policy, groupIds: [sg("sg-unknown")] }] }),
    },
  ],
  [
    "pod-eni-disabled",
    { "not set": withEnv({ ENABLE_POD_ENI: undefined }) },
    { "no policies": withEnv({ ENABLE_POD_ENI: undefined }, { securityGroupPolicies: [] }) },
  ],
  [
    "max-pods-left-old",
    { "29 on an m5.large": withEnv(inPrefixMode) },
    {
      "somebody's own number": withEnv(inPrefixMode, { nodes: H.nodes.map((node) => ({ ...node, maxPods: 60 })) }),
      "110": withEnv(inPrefixMode, { nodes: H.nodes.map((node) => ({ ...node, maxPods: 110 })) }),
      "single addresses": H,
    },
  ],
  [
    "warm-enis-hoarding",
    { "four nodes with a spare ENI each": withEnv(byDefault, hoarding(4, 26)) },
    { "address targets": withEnv({}, hoarding(4, 26)), "two nodes of 251 addresses": withEnv(byDefault, hoarding(1, 26)) },
  ],
  [
    "conflicting-warm-settings",
    {
      "two models": withEnv({ ...inPrefixMode, WARM_PREFIX_TARGET: "2" }),
      "a minimum alone": withEnv({ WARM_IP_TARGET: undefined }),
      "no number": withEnv({ WARM_IP_TARGET: "many" }),
    },
    {
      "what the manifest writes": withEnv({ ...inPrefixMode, WARM_PREFIX_TARGET: "1", WARM_ENI_TARGET: "1" }),
      "0": withEnv({ WARM_ENI_TARGET: "0" }),
    },
  ],
  [
    "custom-networking-on-old-nodes",
    { "pods in the nodes' subnet": withEnv(custom, { subnets: podSubnets, eniConfigs: eniConfigs("subnet-pods-a", "subnet-pods-b") }) },
    {
      "only primary ENIs there": withEnv(custom, {
        subnets: podSubnets,
        eniConfigs: eniConfigs("subnet-pods-a", "subnet-pods-b"),
        ...noPodEnis,
      }),
      "the ENIConfig names it": withEnv(custom, { eniConfigs: eniConfigs(SUBNET_A, SUBNET_B) }),
      "custom networking is off": withEnv({}, { subnets: podSubnets, eniConfigs: eniConfigs("subnet-pods-a", "subnet-pods-b") }),
    },
  ],
  [
    "eni-config-missing-for-zone",
    {
      "one for zone a alone": withEnv(custom, {
        subnets: podSubnets,
        eniConfigs: eniConfigs("subnet-pods-a", "x").slice(0, 1),
        ...noPodEnis,
      }),
    },
    {
      "one for each": withEnv(custom, { subnets: podSubnets, eniConfigs: eniConfigs("subnet-pods-a", "subnet-pods-b"), ...noPodEnis }),
      "a default for nodes without the label": withEnv(
        { AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: "true" },
        { subnets: podSubnets, eniConfigs: [{ name: "default", subnetId: subnetId("subnet-pods-a"), groupIds: [] }], ...noPodEnis },
      ),
    },
  ],
  [
    "eni-config-in-wrong-zone",
    {
      crossed: withEnv(custom, { subnets: podSubnets, eniConfigs: eniConfigs("subnet-pods-b", "subnet-pods-a"), ...noPodEnis }),
      "a subnet that is not there": withEnv(custom, {
        subnets: podSubnets,
        eniConfigs: eniConfigs("subnet-pods-a", "subnet-gone"),
        ...noPodEnis,
      }),
    },
    { "each in its own": withEnv(custom, { subnets: podSubnets, eniConfigs: eniConfigs("subnet-pods-a", "subnet-pods-b"), ...noPodEnis }) },
  ],
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
    "mixed-instance-types",
    { "m5.large and m5.xlarge": changed({ nodeGroups: [{ ...group, instanceTypes: ["m5.large", "m5.xlarge"] }] }) },
    { "m5.large and c5.large": changed({ nodeGroups: [{ ...group, instanceTypes: ["m5.large", "c5.large"] }] }) },
  ],
  [
    "cni-role-on-node-role",
    { "no role of its own": changed({ serviceAccounts: [{ namespace: "kube-system", name: "aws-node", labels: {} }], roles: [] }) },
    {
      "by Pod Identity": changed({
        serviceAccounts: [{ namespace: "kube-system", name: "aws-node", labels: {} }],
        podIdentities: [{ namespace: "kube-system", serviceAccount: "aws-node", roleArn: "arn:aws:iam::1:role/cni" }],
      }),
      "the add-on has one": changed({
        serviceAccounts: [{ namespace: "kube-system", name: "aws-node", labels: {} }],
        addons: [{ ...H.addons[0]!, roleArn: "arn:aws:iam::1:role/cni" }],
      }),
    },
  ],
  [
    "skipped-cni-minor-versions",
    {
      "from 1.18 to 1.21": changed({ revisions: [{ ...H.revisions[0]!, images: [agentImage("1.18.0")] }, H.revisions[1]!] }),
      "in the midst of a rollout": changed({
        revisions: [],
        ...withPods(
          aPod("aws-node-x", {
            namespace: "kube-system",
            labels: { "k8s-app": "aws-node" },
            isOnHostNetwork: true,
            images: [agentImage("1.19.0")],
          }),
        ),
      }),
    },
    { "one after the other": H, "a patch only": changed({ revisions: [{ ...H.revisions[0]!, images: [agentImage("1.21.0")] }] }) },
  ],
  ["forward-policy-drop", { drop: changed({ firewalls: [{ source: "node-0", forwardPolicy: "drop" }] }) }, { accept: H }],
  [
    "dns64-on-pod-subnets",
    { "in an IPv6 cluster": v6({ subnets: subnets(() => ({ hasIpv6: true, hasDns64: true })) }) },
    { "in an IPv4 cluster": changed({ subnets: subnets(() => ({ hasDns64: true })) }), "without DNS64": v6() },
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
  [
    "cluster-subnets-shared-with-nodes",
    { "the nodes' subnet": changed({ cluster: { ...H.cluster, subnetIds: [SUBNET_A] } }) },
    { "subnets of their own": H },
  ],
  [
    "node-local-dns-in-strict-mode",
    {
      strict: changed({
        daemonSets: [
          agentWith({ ...ENV, POD_SECURITY_GROUP_ENFORCING_MODE: "strict" }),
          { namespace: "kube-system", name: "node-local-dns", containers: [], initContainers: [] },
        ],
      }),
    },
    {
      standard: changed({
        daemonSets: [agentWith(ENV), { namespace: "kube-system", name: "node-local-dns", containers: [], initContainers: [] }],
      }),
      "no cache": changed({ daemonSets: [agentWith({ ...ENV, POD_SECURITY_GROUP_ENFORCING_MODE: "strict" })] }),
    },
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

describe.each(CASES)("%s", (id, has, misses) => {
  test.each(Object.entries(has))("is found: %s", (_, snapshot) => {
    const findings = found(snapshot, id);
    expect(findings.length).toBeGreaterThan(0);
    for (const finding of findings) {
      expect(finding.objects.length).toBeGreaterThan(0);
      expect(finding.evidence.length).toBeGreaterThan(0);
      expect(finding.fix.commands.length).toBeGreaterThan(0);
      expect(finding.cause).toMatch(/^[^.]+(?:\.[^ ][^.]*)*\. .+\.$/);
      expect(JSON.stringify(finding)).not.toMatch(/undefined|NaN/);
    }
  });

  test.each(Object.entries(misses))("is not found: %s", (_, snapshot) => {
    expect(found(snapshot, id)).toEqual([]);
  });
});

test("a healthy cluster has no finding, and nothing of its snapshot is missing", () => {
  expect(diagnose(H)).toEqual({ findings: [], missing: [], notices: [] });
});

test("every check has cases, a kebab-case id of its own, and parts that exist", () => {
  expect(CHECKS.map(({ id }) => id).toSorted()).toEqual(CASES.map(([id]) => id).toSorted());
  for (const { id, explain, needs, uses } of CHECKS) {
    expect(id).toMatch(/^[a-z0-9]+(?:-[a-z0-9]+)+$/);
    expect(explain.length).toBeGreaterThan(100);
    for (const part of [...needs, ...uses]) expect(Object.keys(PARTS)).toContain(part);
    expect(checkNamed(id)?.id).toBe(id);
  }
});

test("findings are in order of severity", () => {
  const { findings } = diagnose(
    changed({ firewalls: [{ source: "n", forwardPolicy: "drop" }], cluster: { ...H.cluster, subnetIds: [SUBNET_A] }, pods: uneven }),
  );
  expect(findings.map(({ severity }) => severity)).toEqual(["critical", "warning", "info"]);
});

test("a part that is missing hides what needs it, and no more", () => {
  const { firewalls: _, ...without } = changed({ firewalls: [{ source: "n", forwardPolicy: "drop" }], pods: uneven });
  expect(diagnose(without).findings.map(({ id }) => id)).toEqual(["nlb-without-cross-zone"]);
  expect(missing(without)).toEqual([
    { part: "firewalls", title: "firewalls of nodes", hides: ["forward-policy-drop"], weakens: [], command: "iptables-save   # on a node" },
  ]);
});

test.each(Object.keys(H))("without %s nothing is found in a healthy cluster, and nothing throws", (part) => {
  const { [part as keyof Snapshot]: _, ...without } = H;
  expect(diagnose(without).findings).toEqual([]);
});

test("the numbers of a hoarding fleet prove it: seed 002's 50 × m5.xlarge", () => {
  const fleet = withNodes(Array.from({ length: 50 }, (_, index) => aNode({ index, type: "m5.xlarge", pods: 2, spare: 26 })));
  const big = withEnv(byDefault, { ...fleet, subnets: [aSubnet({ cidr: cidr4("10.0.0.0/19"), free: 6000 })] });
  const [finding] = found(big, "warm-enis-hoarding");
  expect(finding?.evidence.map(({ value }) => value)).toEqual([1400, 1300, 1, 1200, 6000]);
  expect(finding?.fix.commands[0]).toBe(
    "kubectl set env daemonset aws-node -n kube-system WARM_ENI_TARGET=0 WARM_IP_TARGET=2 MINIMUM_IP_TARGET=4",
  );
});
