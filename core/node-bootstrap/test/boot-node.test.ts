import { limitsOf } from "@slash28/limits";
import { expect, test } from "vitest";
import { bootNode, encodeBase64Text, NODE_IMAGES, type NodeOs } from "../src/index.ts";

const m5large = limitsOf("m5.large")!;

function boot(os: NodeOs, userData: string, { type = "m5.large", clusterName = "demo" } = {}) {
  const imageId = NODE_IMAGES.find((image) => image.os === os)!.id;
  return bootNode({ imageId, userData, limits: limitsOf(type)!, clusterName });
}

function kubelet(os: NodeOs, userData: string, options?: { readonly type?: string }) {
  const booted = boot(os, userData, options);
  if (!booted.ok) throw new Error(booted.problems.join("; "));
  return booted.value.kubelet;
}

function problems(os: NodeOs, userData: string): string {
  const booted = boot(os, userData);
  return booted.ok ? "" : booted.problems.join("; ");
}

const nodeConfig = (kubelet: string, name = "demo") => `apiVersion: node.eks.aws/v1alpha1
kind: NodeConfig
spec:
  cluster:
    name: ${name}
    apiServerEndpoint: https://example.com
    certificateAuthority: Y2E=
    cidr: 10.100.0.0/16
  kubelet:
${kubelet.replaceAll(/^/gm, "    ")}
`;

const bottlerocket = (more: string) => `[settings.kubernetes]
cluster-name = "demo"
api-server = "https://example.com"
cluster-certificate = "Y2E="
${more}`;

test("AL2: the override idiom gives the number told; without it the type's own holds", () => {
  const idiom = "#!/bin/bash\n/etc/eks/bootstrap.sh demo \\\n--use-max-pods false \\\n--kubelet-extra-args '--max-pods=110'\n";
  expect(kubelet("al2", idiom)).toMatchObject({ maxPods: 110, maxPodsFrom: "kubelet flag" });
  expect(kubelet("al2", "#!/bin/bash\n/etc/eks/bootstrap.sh demo\n")).toMatchObject({ maxPods: 29, maxPodsFrom: "instance type" });
  expect(kubelet("al2", "#!/bin/bash\n/etc/eks/bootstrap.sh demo --use-max-pods false\n")).toMatchObject({
    maxPods: 110,
    maxPodsFrom: "kubelet default",
  });
});

test("AL2: kubelet reserves for the table's number, whatever it is told to run", () => {
  expect(
    kubelet("al2", "#!/bin/sh\n/etc/eks/bootstrap.sh demo --kubelet-extra-args '--max-pods=110'\n", { type: "t3.medium" }).kubeReserved,
  ).toEqual({
    cpu: "70m",
    memory: "442Mi",
    "ephemeral-storage": "1Gi",
  });
});

test("AL2: labels, taints, variables and continued lines come through as the shell would give them", () => {
  const script = [
    "#!/bin/bash",
    "set -ex # bootstrap.sh in a comment counts for nothing",
    'LABELS="team=red,tier=web"',
    'export KUBELET_ARGS="--node-labels=$LABELS --register-with-taints=dedicated=gpu:NoSchedule,old:NoExecute"',
    "cat <<EOF > /tmp/x\n/etc/eks/bootstrap.sh other\nEOF",
    'if [ -f /etc/eks/bootstrap.sh ]; then sudo /etc/eks/bootstrap.sh "demo" --kubelet-extra-args "$KUBELET_ARGS" \\',
    "  --b64-cluster-ca $(aws eks describe-cluster --query x) --dns-cluster-ip 10.100.0.10; fi",
  ].join("\n");
  expect(kubelet("al2", script)).toMatchObject({
    labels: { team: "red", tier: "web" },
    taints: [
      { key: "dedicated", value: "gpu", effect: "NoSchedule" },
      { key: "old", effect: "NoExecute" },
    ],
    clusterDns: ["10.100.0.10"],
  });
});

test("AL2: of several calls the last one decides, also across the parts of a MIME message", () => {
  const mime = `MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="=="

--==
Content-Type: text/x-shellscript; charset="us-ascii"

#!/bin/bash
/etc/eks/bootstrap.sh demo --kubelet-extra-args '--max-pods=7'
--==
Content-Type: text/x-shellscript
Content-Transfer-Encoding: base64

${encodeBase64Text("#!/bin/bash\n/etc/eks/bootstrap.sh demo --kubelet-extra-args '--max-pods=9'\n")}
--==--
`;
  expect(kubelet("al2", mime).maxPods).toBe(9);
  expect(kubelet("al2", mime.replaceAll("\n", "\r\n")).maxPods).toBe(9);
});

test.each([
  ["echo hello", "no script"],
  ["#!/bin/bash\necho hello", "never calls"],
  ["#!/bin/bash\n/etc/eks/bootstrap.sh", "no cluster name"],
  ["#!/bin/bash\n/etc/eks/bootstrap.sh other", '"other"'],
  ["#!/bin/bash\n/etc/eks/bootstrap.sh demo --kubelet-extra-args", "needs a value"],
  ["#!/bin/bash\n/etc/eks/bootstrap.sh demo --kubelet-extra-args '--max-pods=110", "is not closed"],
  ["#!/bin/bash\n/etc/eks/bootstrap.sh demo --kubelet-extra-args '--max-pods=many'", "whole number"],
  [
    "#!/bin/bash\n/etc/eks/bootstrap.sh demo --kubelet-extra-args '--node-labels=node-role.kubernetes.io/web=true'",
    "may not set the label",
  ],
  ["#!/bin/bash\n/etc/eks/bootstrap.sh demo --kubelet-extra-args '--register-with-taints=a=b:Never'", "effect"],
  ['#!/bin/bash\n/etc/eks/bootstrap.sh demo --kubelet-extra-args "--max-pods=$(calc)"', "running shell"],
  ["#!/bin/bash\n/etc/eks/bootstrap.sh demo --container-runtime dockerd", "containerd"],
])("AL2: a node with %j does not join", (userData, why) => {
  expect(problems("al2", userData)).toContain(why);
});

test("AL2023: flag over configuration over expression over the type's own", () => {
  expect(kubelet("al2023", nodeConfig("maxPodsExpression: nonsense(")).maxPods).toBe(29);
  expect(kubelet("al2023", nodeConfig("maxPodsExpression: (default_enis * (ips_per_eni - 1) * 16) + 2"))).toMatchObject({
    maxPods: 434,
    maxPodsFrom: "maxPodsExpression",
    kubeReserved: { memory: `${11 * 434 + 255}Mi` },
  });
  expect(kubelet("al2023", nodeConfig("maxPodsExpression: 'max_pods > 20 ? 20 : max_pods'\nconfig: {maxPods: 110}"))).toMatchObject({
    maxPods: 110,
    maxPodsFrom: "kubelet configuration",
    kubeReserved: { memory: `${11 * 20 + 255}Mi` },
  });
  expect(kubelet("al2023", nodeConfig("config: {maxPods: 110}\nflags: [--max-pods=50]")).maxPods).toBe(50);
});

test.each([
  ["t3.medium", "max_pods", 17],
  ["t3.medium", "(default_enis * (ips_per_eni - 1) * 16) + 2", 242],
  ["t3.medium", "((default_enis - 1) * (ips_per_eni - 1)) + 2", 12],
  ["t3.medium", '"417"', 417],
  ["t3.medium", "true", 17],
  ["t3.medium", "0", 17],
  ["t3.medium", "-5", 17],
  ["t3.medium", "2147483648", 17],
])("AL2023: on a %s the expression %s makes %i pods", (type, expression, maxPods) => {
  expect(kubelet("al2023", nodeConfig(`maxPodsExpression: ${JSON.stringify(expression)}`), { type }).maxPods).toBe(maxPods);
});

test("AL2023: parts merge in their order, and flags add up", () => {
  const first = nodeConfig("config: {maxPods: 20, kubeReserved: {cpu: 100m}}\nflags: [--node-labels=a=1]");
  const second =
    "---\napiVersion: node.eks.aws/v1alpha1\nkind: NodeConfig\nspec:\n  kubelet:\n    config:\n      maxPods: 110\n    flags: [--node-labels=b=2]\n";
  const part = (body: string) => `--B\nContent-Type: application/node.eks.aws\n\n${body}\n`;
  const message = `Content-Type: multipart/mixed; boundary=B\n\n${part(first)}${part(second)}--B\nContent-Type: text/x-shellscript\n\n#!/bin/sh\necho hello\n--B--\n`;
  expect(kubelet("al2023", message)).toMatchObject({ maxPods: 110, kubeReserved: { cpu: "100m" }, labels: { a: "1", b: "2" } });
});

test("AL2023: taints and the longest back-off come from kubelet's configuration", () => {
  const config =
    "config:\n  registerWithTaints: [{key: dedicated, value: gpu, effect: NoSchedule}]\n  crashLoopBackOff: {maxContainerRestartPeriod: 2s}";
  expect(kubelet("al2023", nodeConfig(config))).toMatchObject({
    taints: [{ key: "dedicated", value: "gpu", effect: "NoSchedule" }],
    crashLoopBackOffMaxSeconds: 2,
  });
});

test.each([
  [nodeConfig("config: {maxPods: -1}"), "maxPods"],
  [nodeConfig("config: {}", "other"), '"other"'],
  ["apiVersion: node.eks.aws/v1alpha1\nkind: NodeConfig\nspec: {cluster: {name: demo}}\n", "apiServerEndpoint"],
  ["apiVersion: v1\nkind: NodeConfig\n", "nodeadm reads"],
  ["apiVersion: node.eks.aws/v1alpha1\nkind: NodeConfig\nspec: [\n", "not YAML"],
  ["#!/bin/bash\n/etc/eks/bootstrap.sh demo\n", "written for Amazon Linux 2,"],
  ["Content-Type: multipart/mixed; boundary=B\n\n--B\nContent-Type: text/x-shellscript\n\n#!/bin/sh\n--B--\n", "no part of the type"],
])("AL2023: a node with %j does not join", (userData, why) => {
  expect(problems("al2023", userData)).toContain(why);
});

test("Bottlerocket: settings, and a reservation for the number that holds", () => {
  const toml = bottlerocket(
    'max-pods = 110\n[settings.kubernetes.node-labels]\n"team" = "red"\n[settings.kubernetes.node-taints]\n"dedicated" = ["gpu:NoSchedule", "x:NoExecute"]\n',
  );
  expect(kubelet("bottlerocket", toml)).toMatchObject({
    maxPods: 110,
    labels: { team: "red" },
    taints: [
      { key: "dedicated", value: "gpu", effect: "NoSchedule" },
      { key: "dedicated", value: "x", effect: "NoExecute" },
    ],
    kubeReserved: { memory: "1465Mi" },
  });
  expect(kubelet("bottlerocket", bottlerocket("")).maxPods).toBe(29);
});

test.each([
  ["[settings.kubernetes\n", "not TOML"],
  ["[settings.host]\n", "[settings.kubernetes]"],
  ['[settings.kubernetes]\ncluster-name = "demo"\n', "api-server, cluster-certificate"],
  [bottlerocket('max-pods = "a lot"\n'), "max-pods"],
  [bottlerocket('node-taints = "x"\n'), "node-taints"],
])("Bottlerocket: a node with %j does not join", (userData, why) => {
  expect(problems("bottlerocket", userData)).toContain(why);
});

test("an image of one's own is taken for what its user data is written for", () => {
  const start = (userData: string) => bootNode({ imageId: "ami-0123456789abcdef0", userData, limits: m5large, clusterName: "demo" });
  expect(start("#!/bin/sh\n/etc/eks/bootstrap.sh demo\n")).toMatchObject({ ok: true, value: { os: "al2" } });
  expect(start(nodeConfig("config: {}"))).toMatchObject({ ok: true, value: { os: "al2023" } });
  expect(start(bottlerocket(""))).toMatchObject({ ok: true, value: { os: "bottlerocket" } });
  expect(start("")).toMatchObject({ ok: false });
});
