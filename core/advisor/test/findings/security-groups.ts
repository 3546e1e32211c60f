import { agentWith, aNode, branchPod, changed, CLUSTER_GROUP, ENV, POD_GROUP, ruleFor, sg, withEnv, withNodes } from "../a-cluster.ts";
import { H, policy, type FindingCase } from "./shapes.ts";

export const SECURITY_GROUPS_CASES: readonly FindingCase[] = [
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
];
