import { checkClusterFile } from "@slash28/cluster-file";
import { configurationFaults } from "@slash28/eks";
import { limitsOf } from "@slash28/limits";
import { bootNode, NODE_IMAGES, type NodeOs } from "@slash28/node-bootstrap";
import { describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { planCluster, planFiles, type Plan } from "../../src/index.ts";
import { FULL_VPC, needsOf } from "./needs-of.ts";
import { EKSCTL_FIELDS, fieldsIn, TERRAFORM_ARGUMENTS } from "./known-fields.ts";
import { readTerraform } from "./read-terraform.ts";

function planOf(document: Readonly<Record<string, unknown>>): Plan {
  const planned = planCluster(needsOf(document));
  if (!planned.ok) throw new Error(planned.refusal.reason);
  return planned.plan;
}

const PLANS = {
  prefixes: planOf({ name: "demo", nodes: 20, pods: { perNode: 30 } }),
  "custom networking": planOf(FULL_VPC),
  "single addresses, two types": planOf({ name: "old", nodes: 20, pods: { perNode: 20 }, instanceTypes: ["m4.xlarge", "m4.2xlarge"] }),
  IPv6: planOf({ name: "six", nodes: 100, pods: { perNode: 50 }, ipv6Ready: true }),
  "no way to the internet": planOf({ name: "closed", nodes: 20, pods: { perNode: 30 }, internet: "none" }),
  "nodes with public addresses": planOf({ name: "open", nodes: 20, pods: { perNode: 30 }, internet: "public" }),
};
const OVERLAY = planOf({ name: "over", nodes: 20, pods: { perNode: 20 }, space: { routable: ["10.9.0.0/24"], pods: ["10.9.1.0/26"] } });

/** As `envsubst` or `templatefile` would fill it in. */
const filled = (text: string) =>
  text
    .replaceAll("${api_server_endpoint}", "https://ABC.gr7.us-east-1.eks.amazonaws.com")
    .replaceAll("${certificate_authority}", "Y2VydGlmaWNhdGU=")
    .replaceAll("${service_cidr}", "fd12:3456::/108");

describe.each(Object.entries(PLANS))("files of a plan with %s", (_name, plan) => {
  const files = new Map(planFiles(plan).map(({ path, text }) => [path, text]));
  const textOf = (path: string) => files.get(path) ?? "";

  test("cluster.yaml passes the check of the commands that read it", () => {
    expect(textOf("cluster.yaml").includes("A lab refuses it")).toBe(plan.mode === "ipv6");
    const checked = checkClusterFile(parse(textOf("cluster.yaml")));
    expect(checked).toMatchObject({ ok: true, file: { name: plan.name, vpc: { cidrs: plan.vpc.cidrs } } });
  });

  test.each(["al2", "al2023", "bottlerocket"] as const)("user data for %s gives kubelet the plan's max pods", (os: NodeOs) => {
    for (const group of plan.nodeGroups) {
      const limits = limitsOf(group.instanceType);
      const image = NODE_IMAGES.find((one) => one.os === os && one.architecture === "x86_64");
      const userData = filled(textOf(`user-data/${group.name}.${os}.txt`));
      const booted = bootNode({ imageId: image!.id, userData, limits: limits!, clusterName: plan.name });
      expect(booted).toMatchObject({ ok: true, value: { os, kubelet: { maxPods: group.maxPods } } });
    }
  });

  test("Terraform's parser reads it; it refers only to what it declares, by arguments that its resources have", async () => {
    const read = await readTerraform({
      "network.tf": textOf("terraform/network.tf"),
      "cluster.tf": textOf("terraform/cluster.tf"),
    });
    const { declared, referred, resources } = read;
    expect(new Set(declared).size).toBe(declared.length);
    const bodies = Object.values(resources).flatMap((byName) => Object.values(byName));
    expect(bodies.every((each) => each.length === 1)).toBe(true);
    expect(referred.length).toBeGreaterThan(10);
    expect(referred.filter((name) => !declared.includes(name))).toEqual([]);
    expect(read.arguments.filter((name) => !TERRAFORM_ARGUMENTS.has(name))).toEqual([]);
    const cidrs = Object.values(resources["aws_subnet"] ?? {}).map(([body]) => body?.["cidr_block"]);
    expect(cidrs).toEqual(expect.arrayContaining(plan.vpc.subnets.map(({ cidr }) => cidr)));
    expect(cidrs).toHaveLength(plan.vpc.subnets.length);
    const reserved = Object.values(resources["aws_ec2_subnet_cidr_reservation"] ?? {}).map(([body]) => String(body?.["cidr_block"]));
    expect(reserved.toSorted()).toEqual(plan.vpc.subnets.flatMap(({ reservations }) => reservations).toSorted());
    // Every subnet has a route table.
    expect(Object.keys(resources["aws_route_table_association"] ?? {})).toHaveLength(plan.vpc.subnets.length);
  });

  test("eksctl's file has no field that its schema has not", () => {
    expect(fieldsIn(parse(textOf("eksctl.yaml"))).filter((path) => !EKSCTL_FIELDS.has(path))).toEqual([]);
  });

  test("eksctl's add-on settings are those that EKS takes, and its ids are those that ids.sh looks up", () => {
    const config = parse(textOf("eksctl.yaml")) as {
      addons: { name: string; configurationValues?: string }[];
      managedNodeGroups: object[];
    };
    const values: unknown = JSON.parse(config.addons[0]?.configurationValues ?? "");
    expect(configurationFaults("vpc-cni", values)).toEqual([]);
    expect(values).toMatchObject({ env: plan.env });
    expect(config.managedNodeGroups).toMatchObject(plan.nodeGroups.map(({ name, maxPods }) => ({ name, maxPodsPerNode: maxPods })));
    const looked = [...textOf("ids.sh").matchAll(/^ *(?:\S+\) )?export ([\w ]+?)(?:=.*)?$/gm)].flatMap(([, names = ""]) =>
      names.split(" "),
    );
    expect(looked).toEqual(expect.arrayContaining(["vpc_id", "cluster_security_group", "certificate_authority"]));
    const used = ["eksctl.yaml", "kubernetes/eniconfigs.yaml", "kubernetes/security-group-policy.yaml"]
      .flatMap((path) => [...textOf(path).matchAll(/\$\{(\w+)\}/g)])
      .map(([, name = ""]) => name);
    expect(used.filter((name) => !looked.includes(name))).toEqual([]);
  });
});

test("an ENIConfig per zone, named as the zone; a SecurityGroupPolicy that keeps the cluster's group", () => {
  const files = new Map(planFiles(PLANS["custom networking"]).map(({ path, text }) => [path, text]));
  const configs = parseAllDocuments(files.get("kubernetes/eniconfigs.yaml") ?? "").map((document) => document.toJS() as unknown);
  expect(configs).toMatchObject(
    ["a", "b", "c"].map((letter) => ({
      apiVersion: "crd.k8s.amazonaws.com/v1alpha1",
      kind: "ENIConfig",
      metadata: { name: `us-east-1${letter}` },
      spec: { subnet: `\${subnet_pods_us_east_1${letter}}`, securityGroups: ["${cluster_security_group}"] },
    })),
  );
  expect(parse(files.get("kubernetes/security-group-policy.yaml") ?? "")).toMatchObject({
    kind: "SecurityGroupPolicy",
    spec: { securityGroups: { groupIds: ["${cluster_security_group}", "${isolated_security_group}"] } },
  });
  expect(planFiles(PLANS.prefixes).some(({ path }) => path.startsWith("kubernetes/"))).toBe(false);
});

describe("the way to the internet", () => {
  const networkOf = (plan: Plan) => {
    const files = new Map(planFiles(plan).map(({ path, text }) => [path, text]));
    return readTerraform({ "network.tf": files.get("terraform/network.tf") ?? "" });
  };
  const kinds = async (plan: Plan): Promise<readonly string[]> =>
    Object.keys((await networkOf(plan)).resources)
      .filter((type) => /gateway|eip|endpoint/.test(type))
      .toSorted();

  test("NAT gateways in public subnets, unless asked otherwise", async () => {
    expect(await kinds(PLANS.prefixes)).toEqual(["aws_eip", "aws_internet_gateway", "aws_nat_gateway"]);
    expect(PLANS.prefixes.vpc.internet).toBe("nat");
  });

  test("public nodes need no NAT gateway, and have addresses of their own", async () => {
    const plan = PLANS["nodes with public addresses"];
    expect(await kinds(plan)).toEqual(["aws_internet_gateway"]);
    const { resources } = await networkOf(plan);
    const open = Object.entries(resources["aws_subnet"] ?? {}).filter(([, [body]]) => body?.["map_public_ip_on_launch"] === true);
    expect(open.map(([name]) => name.split("_")[1])).toEqual(["nodes", "nodes", "nodes", "public", "public", "public"]);
    expect(plan.notes.join()).toContain("nodes have public addresses");
  });

  test("none at all: no gateway and no public subnet, AWS through endpoints, whose addresses are counted", async () => {
    const plan = PLANS["no way to the internet"];
    expect(await kinds(plan)).toEqual(["aws_vpc_endpoint"]);
    expect(plan.vpc.subnets.some(({ role }) => role === "public")).toBe(false);
    const { resources } = await networkOf(plan);
    expect(Object.keys(resources["aws_vpc_endpoint"] ?? {})).toHaveLength(1 + 8);
    expect(plan.vpc.subnets.find(({ role }) => role === "nodes")?.arithmetic).toContain("+ 8 VPC endpoints");
    const eksctl = parse(planFiles(plan).find(({ path }) => path === "eksctl.yaml")?.text ?? "") as {
      privateCluster?: object;
      vpc: object;
    };
    expect(eksctl.privateCluster).toEqual({ enabled: true, skipEndpointCreation: true });
    expect(Object.keys(eksctl.vpc)).not.toContain("clusterEndpoints");
  });
});

describe("an overlay", () => {
  const files = new Map(planFiles(OVERLAY).map(({ path, text }) => [path, text]));

  test("has network, cluster and nodes, and a guide to what its CNI's own tools do between them", async () => {
    expect(OVERLAY.mode).toBe("overlay");
    expect([...files.keys()].filter((path) => !path.startsWith("user-data/"))).toEqual([
      "overlay.md",
      "ids.sh",
      "eksctl.yaml",
      "terraform/network.tf",
    ]);
    const guide = files.get("overlay.md") ?? "";
    for (const said of ["Cilium", "pods' range 100.64.0.0/10", "--without-nodegroup", "Nothing of this was simulated"])
      expect(guide).toContain(said);
    for (const { title } of OVERLAY.alternatives) expect(guide).toContain(title);
    const { declared, referred } = await readTerraform({ "network.tf": files.get("terraform/network.tf") ?? "" });
    expect(referred.filter((name) => !declared.includes(name))).toEqual([]);
  });

  test("leaves vpc-cni out of the cluster, by fields that eksctl has", () => {
    const config: unknown = parse(files.get("eksctl.yaml") ?? "");
    expect(fieldsIn(config).filter((path) => !EKSCTL_FIELDS.has(path))).toEqual([]);
    expect(config).toMatchObject({ addonsConfig: { disableDefaultAddons: true }, addons: [{ name: "coredns" }, { name: "kube-proxy" }] });
  });
});

test("the reader of Terraform files notices what does not close, and what is not declared", async () => {
  await expect(readTerraform({ "a.tf": 'resource "a" "b" {' })).rejects.toThrow();
  const { referred, arguments: given } = await readTerraform({
    "a.tf": 'resource "aws_eip" "x" {\n  domain = "vpc"\n  tags = { Name = "$${aws_no.no} ${aws_vpc.this.id}" }\n}\n',
  });
  expect([referred, given]).toEqual([["aws_vpc.this"], ["aws_eip.domain", "aws_eip.tags"]]);
});
