import type { SeenPod, Snapshot } from "@slash28/advisor";
import { ipv4 } from "@slash28/address";
import { readPolicy } from "@slash28/iam";
import { agentImage, agentWith, ENV, aPod, changed, withEnv } from "../a-cluster.ts";
import { H, inPrefixMode, group, withPods, type FindingCase } from "./shapes.ts";

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

const agentPod = (name: string, createdAt: string): SeenPod =>
  aPod(name, { namespace: "kube-system", labels: { "k8s-app": "aws-node" }, isOnHostNetwork: true, nodeName: "node-0", createdAt });

export const AGENT_CASES: readonly FindingCase[] = [
  [
    "missing-ec2-permissions",
    {
      "an event says so": changed({ events: [event("MissingIAMPermissions", "ec2:AssignPrivateIpAddresses")] }),
      "the agent that is there says so": changed({
        events: [event("MissingIAMPermissions", "x")],
        ...withPods(agentPod("aws-node-1", "2026-01-01T00:04:00Z")),
      }),
      "its node's event is of this agent": changed({
        events: [{ ...event("MissingIAMPermissions", "x"), about: { kind: "Node", name: "node-0" }, at: "2026-01-01T00:05:00Z" }],
        ...withPods(agentPod("aws-node-1", "2026-01-01T00:04:00Z")),
      }),
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
      "the agent that said so has gone": changed({
        events: [event("MissingIAMPermissions", "x")],
        ...withPods(agentPod("aws-node-2", "2026-01-01T00:06:00Z")),
      }),
      "a later agent of the node says nothing": changed({
        events: [{ ...event("MissingIAMPermissions", "x"), about: { kind: "Node", name: "node-0" }, at: "2026-01-01T00:05:00Z" }],
        ...withPods(agentPod("aws-node-2", "2026-01-01T00:06:00Z")),
      }),
      "the node has gone": changed({ events: [{ ...event("MissingIAMPermissions", "x"), about: { kind: "Node", name: "node-9" } }] }),
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
    "max-pods-left-old",
    { "29 on an m5.large": withEnv(inPrefixMode) },
    {
      "somebody's own number": withEnv(inPrefixMode, { nodes: H.nodes.map((node) => ({ ...node, maxPods: 60 })) }),
      "110": withEnv(inPrefixMode, { nodes: H.nodes.map((node) => ({ ...node, maxPods: 110 })) }),
      "single addresses": H,
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
    {
      "what was skipped has run since": changed({
        revisions: ["1.18.0", "1.20.1", "1.19.6", "1.20.5"].map((version, at) => ({
          ...H.revisions[0]!,
          name: `aws-node-${at}`,
          revision: at,
          images: [agentImage(version)],
        })),
        daemonSets: [agentWith(ENV, "1.20.5")],
      }),
      "one after the other": H,
      "a patch only": changed({ revisions: [{ ...H.revisions[0]!, images: [agentImage("1.21.0")] }] }),
    },
  ],
  ["forward-policy-drop", { drop: changed({ firewalls: [{ source: "node-0", forwardPolicy: "drop" }] }) }, { accept: H }],
];
