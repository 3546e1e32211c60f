import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AwsAnswer, AwsRead, AwsReader } from "@slash28/aws/reads";
import { Fault, type KubeObject } from "@slash28/ports";
import { createManualClock, createMemoryKube } from "@slash28/testkit";
import { afterAll, describe, expect, test } from "vitest";
import { collectAws } from "../src/snapshot/collect-aws.ts";
import { collectKubernetes } from "../src/snapshot/collect-kubernetes.ts";
import { KUBERNETES_READS } from "../src/snapshot/kubernetes-reads.ts";
import { AWS_READS } from "../src/snapshot/aws-reads.ts";
import { permissions } from "../src/snapshot/permissions.ts";
import { runCommand } from "./run-command.ts";

const quiet = (): void => undefined;
const folder = mkdtempSync(join(tmpdir(), "slash28-snapshot-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const NODE: KubeObject = {
  apiVersion: "v1",
  kind: "Node",
  metadata: {
    name: "n1",
    labels: { "topology.kubernetes.io/region": "eu-west-1", "node.kubernetes.io/instance-type": "m5.large" },
    managedFields: [{ manager: "kubelet" }],
  },
  spec: { providerID: "aws:///eu-west-1a/i-0a" },
};
const SECRET = "hunter2";
const POD: KubeObject = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: {
    name: "web",
    namespace: "default",
    annotations: { "kubectl.kubernetes.io/last-applied-configuration": `{"password":"${SECRET}"}`, kept: "yes" },
  },
  spec: { containers: [{ name: "web", args: [`--password=${SECRET}`], command: [SECRET], env: [{ name: "PASSWORD", value: SECRET }] }] },
};
const daemonSet = (name: string, value: string): KubeObject => ({
  apiVersion: "apps/v1",
  kind: "DaemonSet",
  metadata: { name, namespace: "kube-system" },
  spec: { template: { spec: { containers: [{ name, env: [{ name: "WARM_IP_TARGET", value }] }] } } },
});

describe("what is read of Kubernetes", () => {
  const filled = async (): Promise<ReturnType<typeof createMemoryKube>> => {
    const kube = createMemoryKube({ clock: createManualClock() });
    const core = { group: "", version: "v1" };
    await kube.create({ ...core, plural: "nodes" }, NODE);
    await kube.create({ ...core, plural: "pods" }, POD);
    await kube.create(
      { ...core, plural: "secrets" },
      { apiVersion: "v1", kind: "Secret", metadata: { name: "s", namespace: "default" }, data: { a: SECRET } },
    );
    for (const [name, value] of [
      ["aws-node", "2"],
      ["monitor", SECRET],
    ] as const)
      await kube.create({ group: "apps", version: "v1", plural: "daemonsets" }, daemonSet(name, value));
    return kube;
  };

  test("is a list of each kind as the API has it, and no secret is among it", async () => {
    const kube = await filled();
    const { documents, unread } = await collectKubernetes(kube, quiet);
    expect(unread).toEqual([]);
    expect(documents.map(({ file }) => file)).toEqual(KUBERNETES_READS.map(({ file }) => file));
    expect(JSON.stringify(documents)).not.toContain(SECRET);
    expect(kube.calls.filter((call) => !call.startsWith("create")).join()).not.toContain("secrets");
    const byFile = Object.fromEntries(documents.map(({ file, json }) => [file, json]));
    expect(byFile["eniconfigs.json"]).toEqual({ apiVersion: "crd.k8s.amazonaws.com/v1alpha1", kind: "ENIConfigList", items: [] });
    expect(JSON.stringify(byFile["nodes.json"])).not.toContain("managedFields");
    expect(byFile["pods.json"]).toMatchObject({
      items: [{ metadata: { annotations: { kept: "yes" } }, spec: { containers: [{ env: [{ name: "PASSWORD" }] }] } }],
    });
    expect(JSON.stringify(byFile["daemonsets.json"])).toContain('{"name":"WARM_IP_TARGET","value":"2"}');
  });

  test("goes on past a refusal, and tells which permission was missing", async () => {
    const kube = await filled();
    kube.failWith((_, { plural }) =>
      plural === "events"
        ? new Fault("KUBE_REFUSED", { verb: "list", object: "events", status: 403, reason: "Forbidden", detail: "no" })
        : undefined,
    );
    const { documents, unread } = await collectKubernetes(kube, quiet);
    expect(unread).toEqual([{ from: "kubectl get events -A -o json", code: "Forbidden", message: "no", needs: "list events" }]);
    expect(documents).toHaveLength(KUBERNETES_READS.length - 1);
  });

  test("a server that does not answer is asked once", async () => {
    const kube = createMemoryKube({ clock: createManualClock() });
    kube.failWith(() => new Fault("KUBE_UNREACHABLE", { detail: "refused" }));
    const { documents, unread } = await collectKubernetes(kube, quiet);
    expect([documents.length, unread.length, kube.calls.length]).toEqual([0, KUBERNETES_READS.length, 1]);
  });
});

/** An account that answers as told; everything else is refused. */
function account(answers: Readonly<Record<string, (read: AwsRead) => unknown>>): AwsReader & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    read: (read): Promise<AwsAnswer> => {
      asked.push(`${read.service} ${read.operation} ${JSON.stringify(read.params)}`);
      const answer = answers[read.operation]?.(read);
      return Promise.resolve(
        answer === undefined
          ? { ok: false, code: "AccessDenied", message: `not ${read.operation}` }
          : { ok: true, answer: answer as Record<string, unknown> },
      );
    },
  };
}

const ANSWERS: Parameters<typeof account>[0] = {
  DescribeInstances: () => ({
    Reservations: [
      {
        Instances: [
          {
            InstanceId: "i-0a",
            VpcId: "vpc-1",
            IamInstanceProfile: { Arn: "arn:aws:iam::1:instance-profile/p/nodes" },
            Tags: [{ Key: "kubernetes.io/cluster/prod", Value: "owned" }],
          },
        ],
      },
    ],
  }),
  DescribeSubnets: () => ({ Subnets: [{ SubnetId: "subnet-1" }, { SubnetId: "subnet-2" }] }),
  GetSubnetCidrReservations: ({ params }) => ({ SubnetIpv4CidrReservations: [{ SubnetId: params?.["SubnetId"] }] }),
  ListNodegroups: () => ({ nodegroups: ["blue"] }),
  DescribeNodegroup: () => ({
    nodegroup: { nodegroupName: "blue", nodeRole: "arn:aws:iam::1:role/x/blue-nodes", launchTemplate: { id: "lt-1", version: "3" } },
  }),
  DescribeLaunchTemplateVersions: () => ({
    LaunchTemplateVersions: [{ LaunchTemplateId: "lt-1", LaunchTemplateData: { InstanceType: "m5.large", UserData: "aHVudGVyMg==" } }],
  }),
  GetInstanceProfile: () => ({ InstanceProfile: { Roles: [{ RoleName: "nodes" }] } }),
  ListAttachedRolePolicies: () => ({
    AttachedPolicies: [
      { PolicyName: "own", PolicyArn: "arn:aws:iam::1:policy/own" },
      { PolicyName: "AmazonEKS_CNI_Policy", PolicyArn: "arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy" },
    ],
  }),
  GetPolicy: () => ({ Policy: { PolicyName: "own", Arn: "arn:aws:iam::1:policy/own", DefaultVersionId: "v4" } }),
  GetPolicyVersion: () => ({ PolicyVersion: { VersionId: "v4", Document: { Statement: [] } } }),
};

describe("what is read of AWS", () => {
  const known = [{ file: "nodes.json", from: "", json: { kind: "NodeList", items: [NODE] } }];

  test("follows from the nodes: instances, their VPC, the cluster of their tags, its node groups, their roles and templates", async () => {
    const aws = account(ANSWERS);
    const { documents, unread } = await collectAws(aws, { known, progress: quiet });
    const byFile = Object.fromEntries(documents.map(({ file, json }) => [file, json]));
    expect(aws.asked).toContain('ec2 DescribeInstances {"Filter":[{"Name":"instance-id","Value":["i-0a"]}],"MaxResults":1000}');
    expect(aws.asked).toContain('eks DescribeCluster {"name":"prod"}');
    expect(aws.asked).toContain('ec2 DescribeLaunchTemplateVersions {"LaunchTemplateId":"lt-1","LaunchTemplateVersion":["3"]}');
    expect(byFile["ec2-get-subnet-cidr-reservations.json"]).toEqual({
      SubnetIpv4CidrReservations: [{ SubnetId: "subnet-1" }, { SubnetId: "subnet-2" }],
    });
    for (const role of ["blue-nodes", "nodes"]) {
      expect(byFile[`iam-list-attached-role-policies.${role}.json`]).toMatchObject({ RoleName: role });
      expect(byFile[`iam-get-policy-version.${role}.own.json`]).toMatchObject({
        RoleName: role,
        PolicyName: "own",
        PolicyDocument: { Statement: [] },
      });
    }
    expect(JSON.stringify(documents)).not.toContain("UserData");
    // What only leads to other reads is not kept.
    expect(Object.keys(byFile).filter((file) => /list-nodegroups|get-policy\.|instance-profile/.test(file))).toEqual([]);
    expect(unread).toContainEqual({
      from: "aws ec2 describe-network-interfaces --filters Name=vpc-id,Values=vpc-1 --output json",
      code: "AccessDenied",
      message: "not DescribeNetworkInterfaces",
      needs: "ec2:DescribeNetworkInterfaces",
    });
  });

  test("a service that does not answer is asked once", async () => {
    const asked: string[] = [];
    const aws: AwsReader = {
      read: ({ service }) => {
        asked.push(service);
        return Promise.resolve({ ok: false, code: "Unreachable", message: "refused" });
      },
    };
    const { unread } = await collectAws(aws, { known, cluster: "prod", progress: quiet });
    expect(asked.filter((service) => service === "eks")).toHaveLength(1);
    expect(unread.filter(({ needs }) => needs.startsWith("eks:")).length).toBeGreaterThan(1);
  });
});

test("the permissions are those of the tables, and none of them writes", () => {
  const { iamPolicy, rbac } = permissions();
  const actions = iamPolicy.Statement[0].Action;
  expect(new Set(actions)).toEqual(new Set(AWS_READS.map(({ permission }) => permission)));
  expect(actions.filter((action) => !/:(?:Describe|Get|List)/.test(action))).toEqual([]);
  expect(
    rbac
      .flatMap(({ rules }) => rules)
      .flatMap(({ verbs }) => verbs)
      .filter((verb) => verb !== "list" && verb !== "get"),
  ).toEqual([]);
  const [cluster, system] = rbac;
  expect(cluster.rules[0]).toEqual({
    apiGroups: [""],
    resources: ["nodes", "pods", "events", "services", "serviceaccounts"],
    verbs: ["list"],
  });
  expect(system).toMatchObject({
    metadata: { namespace: "kube-system" },
    rules: [
      { resources: ["daemonsets", "controllerrevisions"] },
      { resources: ["configmaps"], verbs: ["get"], resourceNames: ["amazon-vpc-cni", "aws-auth"] },
    ],
  });
  expect(JSON.stringify(rbac)).not.toContain("secrets");
});

/** A Kubernetes API of one node whose token a program prints, and no AWS. */
async function serveNode(): Promise<Server> {
  const server = createServer((request, response) => {
    const known = request.headers.authorization === "Bearer printed";
    const path = new URL(request.url ?? "/", "http://x").pathname;
    const items = path === "/api/v1/nodes" ? [NODE] : [];
    response
      .writeHead(known ? 200 : 401, { "content-type": "application/json" })
      .end(JSON.stringify({ apiVersion: "v1", kind: "List", metadata: {}, items }));
  });
  await new Promise<void>((done) => void server.listen(0, "127.0.0.1", done));
  return server;
}

describe("slash28 snapshot", () => {
  test("writes the files, only for their owner, with a manifest that tells what failed; the kubeconfig's program is run for its token", async () => {
    const server = await serveNode();
    const { port } = server.address() as AddressInfo;
    const kubeconfig = join(folder, "kubeconfig");
    const exec = {
      apiVersion: "client.authentication.k8s.io/v1beta1",
      command: "sh",
      args: ["-c", 'echo "{\\"status\\":{\\"token\\":\\"$TOKEN\\"}}"'],
      env: [{ name: "TOKEN", value: "printed" }],
    };
    writeFileSync(
      kubeconfig,
      JSON.stringify({
        "current-context": "c",
        clusters: [{ name: "k", cluster: { server: `http://127.0.0.1:${port}` } }],
        users: [{ name: "u", user: { exec } }],
        contexts: [{ name: "c", context: { cluster: "k", user: "u" } }],
      }),
    );
    const out = join(folder, "out");
    const env = { PATH: process.env["PATH"], AWS_ENDPOINT_URL: "http://127.0.0.1:1", AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b" };
    const ran = await runCommand(["snapshot", "--out", out, "--kubeconfig", kubeconfig], undefined, env);
    server.close();
    expect(ran.err).toMatch(/warning: not read: aws ec2 describe-instances .*Unreachable/);
    expect(ran.code).toBe(0);
    const manifest = JSON.parse(readFileSync(join(out, "snapshot.json"), "utf8")) as { documents: { file: string }[]; unread: unknown[] };
    expect(manifest).toMatchObject({ kind: "Slash28Snapshot", format: 1, region: "eu-west-1", isRedacted: false });
    expect(manifest.unread.length).toBeGreaterThan(0);
    expect(readdirSync(out).toSorted()).toEqual([...manifest.documents.map(({ file }) => file), "snapshot.json"].toSorted());
    expect(statSync(join(out, "pods.json")).mode & 0o77).toBe(0);
  });

  test.each([
    [["--kubeconfig", "/nonexistent/k"], "name a folder with --out"],
    [["--out", join(folder, "full")], "is there already and not empty"],
    [["--out", join(folder, "new"), "--kubeconfig", "/nonexistent/k"], "cannot read the kubeconfig"],
  ])("%j is a usage mistake", async (args, said) => {
    mkdirSync(join(folder, "full/x"), { recursive: true });
    const { code, err } = await runCommand(["snapshot", ...args]);
    expect([code, err]).toEqual([2, expect.stringContaining(said)]);
  });

  test("--show-permissions reads nothing and prints what to apply", async () => {
    const { code, out } = await runCommand(["snapshot", "--show-permissions"]);
    expect(code).toBe(0);
    expect(out).toContain('"ec2:DescribeSubnets"');
    expect(out).toContain("kind: ClusterRole");
  });
});
