import type { Finding } from "@slash28/advisor";
import type { ClusterFileInput } from "@slash28/cluster-file";
import { afterAll, beforeAll, expect, test } from "vitest";
import { doctored, labUnderTest, webDeployment, workloadsOf } from "../src/index.ts";

const CLUSTER: ClusterFileInput = {
  vpc: {
    subnets: [
      { zone: "us-east-1a", cidr: "10.0.0.0/20" },
      { zone: "us-east-1b", cidr: "10.0.16.0/20" },
    ],
  },
  nodeGroups: [{ name: "main", instanceType: "m5.large", nodes: 2 }],
};
/** Faults of what people apply and tag, not of the agents: nothing of them moves an address, so only the finding and its fix are to be seen. */
const lab = labUnderTest();
const doctor = doctored(lab);
const { apply, gone, running } = workloadsOf(lab);

beforeAll(() => lab.up({ cluster: CLUSTER }), 180_000);
afterAll(async () => {
  await lab.down();
  doctor.end();
}, 90_000);

const proof = ({ evidence }: Finding): string => evidence.map(({ text }) => text).join("\n");
/** Finds it, types its fix as it stands, and sees it go. */
async function mended(id: string): Promise<Finding> {
  const finding = await doctor.found(id);
  expect(finding.effect).toBeDefined();
  await doctor.type(finding);
  await doctor.gone(id);
  return finding;
}

test("Ingresses without a group, with nodes as targets and without tagged subnets are told three times, and mended by annotations and a tag", async () => {
  const ingressOf = (name: string): object => ({
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: { name, namespace: "default", annotations: { "alb.ingress.kubernetes.io/scheme": "internet-facing" } },
    spec: { ingressClassName: "alb", defaultBackend: { service: { name, port: { number: 80 } } } },
  });
  await apply(
    { apiVersion: "networking.k8s.io/v1", kind: "IngressClass", metadata: { name: "alb" }, spec: { controller: "ingress.k8s.aws/alb" } },
    ingressOf("shop"),
    ingressOf("blog"),
  );
  const subnets = (await lab.status()).subnets.map(({ id }) => id);
  await lab.aws(["ec2", "delete-tags", "--resources", ...subnets, "--tags", "Key=kubernetes.io/role/elb"]);
  const untagged = await mended("subnet-role-tags-missing");
  expect(proof(untagged)).toContain("2 load balancers of scheme internet-facing name no subnets");
  const alone = await mended("one-load-balancer-per-ingress");
  expect(alone.objects.map(({ name }) => name).toSorted()).toEqual(["blog", "shop"]);
  const first = await doctor.found("target-type-instance");
  const all = (await doctor.findings()).filter(({ id }) => id === first.id);
  expect(all).toHaveLength(2);
  for (const each of all) await doctor.type(each);
  await doctor.gone(first.id);
}, 120_000);

test("an NLB that shares out by zone before unequal zones is told, and mended by its attribute", async () => {
  const inZone = (zone: string): Readonly<Record<string, string>> => ({ "topology.kubernetes.io/zone": zone });
  const [fuller, emptier] = [webDeployment("api-a", 3, inZone("us-east-1a")), webDeployment("api-b", 1, inZone("us-east-1b"))];
  const labelled = (deployment: object): object => {
    const { spec, ...rest } = deployment as { spec: { template: { metadata: { labels: Record<string, string> } } } };
    const { template } = spec;
    const metadata = { ...template.metadata, labels: { ...template.metadata.labels, tier: "api" } };
    return { ...rest, spec: { ...spec, template: { ...template, metadata } } };
  };
  const annotations = {
    "service.beta.kubernetes.io/aws-load-balancer-type": "external",
    "service.beta.kubernetes.io/aws-load-balancer-nlb-target-type": "ip",
  };
  await apply(labelled(fuller), labelled(emptier), {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "api", namespace: "default", annotations },
    spec: { type: "LoadBalancer", selector: { tier: "api" }, ports: [{ port: 80 }] },
  });
  await running(4, 60_000, "-l", "tier=api");
  const finding = await mended("nlb-without-cross-zone");
  expect(proof(finding)).toContain("us-east-1a: 3 ready pods behind it");
  expect(proof(finding)).toContain("a pod in the emptiest zone gets 3.0 times the requests");
}, 120_000);

test("SecurityGroupPolicies: switched off, without DNS, without the cluster's group, behind a cache on the node in strict mode", async () => {
  const vpc = (await lab.aws(["ec2", "describe-vpcs", "--query", "Vpcs[0].VpcId", "--output", "text"])).trim();
  const made = ["ec2", "create-security-group", "--group-name", "db", "--description", "clients of the database", "--vpc-id", vpc];
  const group = (await lab.aws([...made, "--query", "GroupId", "--output", "text"])).trim();
  const everything = JSON.stringify([{ IpProtocol: "-1", IpRanges: [{ CidrIp: "0.0.0.0/0" }] }]);
  await lab.aws(["ec2", "revoke-security-group-egress", "--group-id", group, "--ip-permissions", everything]);
  const policy = (name: string, labels: Readonly<Record<string, string>>): object => ({
    apiVersion: "vpcresources.k8s.aws/v1beta1",
    kind: "SecurityGroupPolicy",
    metadata: { name, namespace: "default" },
    spec: { podSelector: { matchLabels: labels }, securityGroups: { groupIds: [group] } },
  });
  await apply(policy("clients", { tier: "api" }), policy("nobody", { tier: "gone" }));
  const off = await mended("pod-eni-disabled");
  expect(proof(off)).toContain("ENABLE_POD_ENI is");
  const nobody = await doctor.found("security-group-policy-matches-nothing");
  expect(nobody.objects.map(({ name }) => name)).toEqual(["nobody"]);
  // Which labels were meant only people know: its commands show those that there are, and end in an editor.
  await apply(policy("nobody", { tier: "api" }));
  await doctor.gone(nobody.id);
  await lab.kubectl(["delete", "securitygrouppolicy", "nobody"]);
  const deaf = await mended("security-group-policy-without-dns-egress");
  expect(proof(deaf)).toContain("none of which lets UDP or TCP 53 out to cluster DNS");
  await lab.kubectl(["set", "env", "daemonset", "aws-node", "-n", "kube-system", "POD_SECURITY_GROUP_ENFORCING_MODE=strict"]);
  await apply({
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { name: "node-local-dns", namespace: "kube-system" },
    spec: {
      selector: { matchLabels: { "k8s-app": "node-local-dns" } },
      template: {
        metadata: { labels: { "k8s-app": "node-local-dns" } },
        spec: {
          terminationGracePeriodSeconds: 1,
          containers: [{ name: "node-cache", image: "registry.k8s.io/dns/k8s-dns-node-cache:1.25.0", command: ["sleep", "infinity"] }],
        },
      },
    },
  });
  const strict = await mended("node-local-dns-in-strict-mode");
  expect(strict.fix.commands.join("\n")).toContain("POD_SECURITY_GROUP_ENFORCING_MODE=standard");
  const without = await mended("security-group-policy-without-cluster-group");
  expect(proof(without)).toContain("the cluster's group is sg-");
  await running(4, 60_000, "-l", "tier=api");
  await lab.kubectl(["delete", "daemonset", "node-local-dns", "-n", "kube-system"]);
}, 300_000);

test("cluster subnets that nodes are in, too, are left to the nodes: the control plane gets its own", async () => {
  const finding = await mended("cluster-subnets-shared-with-nodes");
  expect(finding.fix.commands.join("\n")).toContain("update-cluster-config");
}, 120_000);

test("a node group of two types with different numbers of pods is told, and a group of the larger type takes its place", async () => {
  const [cluster = ""] = JSON.parse(await lab.aws(["eks", "list-clusters", "--query", "clusters", "--output", "json"])) as string[];
  const main = [
    "eks",
    "describe-nodegroup",
    "--cluster-name",
    cluster,
    "--nodegroup-name",
    "main",
    "--query",
    "nodegroup",
    "--output",
    "json",
  ];
  const { nodeRole, subnets } = JSON.parse(await lab.aws(main)) as { readonly nodeRole: string; readonly subnets: readonly string[] };
  const named = ["--cluster-name", cluster, "--nodegroup-name", "mixed"];
  const what = [
    "--node-role",
    nodeRole,
    "--instance-types",
    "m5.large",
    "m5.xlarge",
    "--scaling-config",
    "minSize=0,maxSize=2,desiredSize=1",
  ];
  await lab.aws(["eks", "create-nodegroup", ...named, ...what, "--subnets", ...subnets]);
  await lab.aws(["eks", "wait", "nodegroup-active", ...named], { timeoutMs: 90_000 });
  const finding = await doctor.found("mixed-instance-types", ({ effect }) => effect?.basis === "simulated");
  expect(proof(finding)).toContain("m5.large can run 29 pods\nm5.xlarge can run 58 pods");
  expect(finding.fix.needsNodeReplacement).toBe(true);
  await doctor.type(finding);
  await doctor.gone(finding.id);
}, 300_000);

test("a controller without a role, behind a metadata service of one hop, is told; with two hops it is not", async () => {
  const described = ["ec2", "describe-instances", "--query", "Reservations[].Instances[].InstanceId", "--output", "text"];
  const instances = (await lab.aws(described)).trim().split(/\s+/);
  for (const id of instances)
    await lab.aws(["ec2", "modify-instance-metadata-options", "--instance-id", id, "--http-put-response-hop-limit", "1"]);
  await apply({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "controller", namespace: "default" },
    spec: {
      containers: [{ name: "controller", image: "registry.k8s.io/autoscaling/cluster-autoscaler:v1.33.0", command: ["sleep", "600"] }],
    },
  });
  const finding = await mended("imds-hop-limit");
  expect(finding.objects).toEqual([{ kind: "Pod", namespace: "default", name: "controller" }]);
  expect(proof(finding)).toContain("HttpPutResponseHopLimit is 1 on");
  await lab.kubectl(["delete", "pod", "controller", "--grace-period=1"]);
}, 120_000);

test("a zone whose subnet is full while all pods are in the other one is told, and has room again by a new subnet", async () => {
  await lab.kubectl(["scale", "deployment", "coredns", "-n", "kube-system", "--replicas=0"]);
  await lab.kubectl(["delete", "deployment", "api-b", "--ignore-not-found"]);
  await apply(webDeployment("one-sided", 1, { "topology.kubernetes.io/zone": "us-east-1a" }));
  await gone(60_000, "-n", "kube-system", "-l", "k8s-app in (kube-dns, node-local-dns)");
  await gone(60_000, "-l", "app=api-b");
  await running(1, 60_000, "-l", "app=one-sided");
  const full = (await lab.status()).subnets.find(({ zone }) => zone === "us-east-1b");
  await doctor.fault("fill-subnet", full?.id ?? "", "--for", "10m");
  const finding = await mended("pods-in-one-zone");
  expect(finding.objects).toEqual([{ kind: "Zone", name: "us-east-1b" }]);
  expect(proof(finding)).toContain("no pod with an address, 0 waiting, 0 addresses free for pods");
  expect(finding.effect?.basis).toBe("simulated");
  await doctor.fault("clear");
}, 200_000);
