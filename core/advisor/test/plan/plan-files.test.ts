import { checkClusterFile } from "@slash28/cluster-file";
import { configurationFaults } from "@slash28/eks";
import { limitsOf } from "@slash28/limits";
import { bootNode, NODE_IMAGES, type NodeOs } from "@slash28/node-bootstrap";
import { describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { planCluster, planFiles, type Plan } from "../../src/index.ts";
import { FULL_VPC, needsOf } from "./needs-of.ts";
import { readHcl } from "./read-hcl.ts";

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
};

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

  test("Terraform closes what it opens, and refers only to what it declares", () => {
    const { declared, referred } = readHcl(textOf("terraform/network.tf") + textOf("terraform/cluster.tf"));
    expect(new Set(declared).size).toBe(declared.length);
    expect(referred.filter((name) => !declared.includes(name))).toEqual([]);
    expect(declared.filter((name) => name.startsWith("aws_subnet."))).toHaveLength(plan.vpc.subnets.length);
    const reserved = plan.vpc.subnets.flatMap(({ reservations }) => reservations);
    expect(declared.filter((name) => name.startsWith("aws_ec2_subnet_cidr_reservation."))).toHaveLength(reserved.length);
    for (const { cidr } of plan.vpc.subnets) expect(textOf("terraform/network.tf")).toContain(`cidr_block = "${cidr}"`);
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
    const looked = [...textOf("ids.sh").matchAll(/export (\w+)=/g)].map(([, name]) => name);
    const used = ["eksctl.yaml", "kubernetes/eniconfigs.yaml", "kubernetes/security-group-policy.yaml"]
      .flatMap((path) => [...textOf(path).matchAll(/\$\{(\w+)\}/g)])
      .map(([, name]) => name);
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

test("an overlay has no files", () => {
  const plan = planOf({ nodes: 20, pods: { perNode: 20 }, space: { routable: ["10.9.0.0/24"], pods: ["10.9.1.0/26"] } });
  expect(plan.mode).toBe("overlay");
  expect(planFiles(plan)).toEqual([]);
});

test("the reader of Terraform files notices what does not close", () => {
  expect(() => readHcl('resource "a" "b" {')).toThrow("does not close");
});
