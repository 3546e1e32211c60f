import {
  CreateNodegroupCommand,
  DeleteNodegroupCommand,
  DescribeNodegroupCommand,
  EKSServiceException,
  ListNodegroupsCommand,
  UpdateNodegroupConfigCommand,
  UpdateNodegroupVersionCommand,
  type CreateNodegroupRequest,
  type Nodegroup,
} from "@aws-sdk/client-eks";
import type { LaunchTemplateId } from "@slash28/vpc";
import { RESOURCES } from "@slash28/kube";
import type { KubeObject } from "@slash28/ports";
import { eventually } from "@slash28/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startWorkingGroups, type WorkingGroups } from "./working-groups.ts";

let lab: WorkingGroups;
beforeAll(async () => {
  lab = await startWorkingGroups();
});
afterAll(() => lab.close());

interface Node extends KubeObject {
  readonly spec: { readonly unschedulable?: boolean; readonly taints?: readonly { readonly key: string }[] };
  readonly status: { readonly capacity: { readonly pods: string } };
}

const cluster = { clusterName: "demo" };
const create = (nodegroupName: string, more: Partial<CreateNodegroupRequest> = {}) =>
  lab.eks.send(
    new CreateNodegroupCommand({
      ...cluster,
      nodegroupName,
      nodeRole: lab.nodeRole,
      subnets: lab.network.subnets.map(({ id }) => id),
      instanceTypes: ["m5.large"],
      scalingConfig: { minSize: 0, maxSize: 5, desiredSize: 2 },
      ...more,
    }),
  );
const describeGroup = async (nodegroupName: string): Promise<Nodegroup> =>
  (await lab.eks.send(new DescribeNodegroupCommand({ ...cluster, nodegroupName }))).nodegroup!;
const active = (name: string): Promise<Nodegroup> =>
  eventually(
    `${name} to be ACTIVE`,
    async () => {
      const group = await describeGroup(name);
      return group.status === "ACTIVE" ? group : undefined;
    },
    20_000,
  );
const nodesOf = async (name: string): Promise<readonly Node[]> =>
  (await lab.kube.list<Node>(RESOURCES.nodes, { labelSelector: `eks.amazonaws.com/nodegroup=${name}` })).items;
const maxPods = async (name: string): Promise<readonly string[]> => (await nodesOf(name)).map(({ status }) => status.capacity.pods);

function aTemplate(name: string, data: Readonly<Record<string, unknown>>): string {
  const made = lab.cloud.createLaunchTemplate({ name, data }, { now: 0 });
  if (!made.ok) throw new Error(made.error.message);
  return made.value.id;
}

const encoded = (text: string): string => Buffer.from(text).toString("base64");
const bootstrap = (args: string): string => encoded(`#!/bin/bash\n/etc/eks/bootstrap.sh demo ${args}\n`);

test("a group's nodes come up over its zones with what EKS puts on them, and go with it", async () => {
  const { nodegroup } = await create("plain", { labels: { team: "red" }, taints: [{ key: "t", value: "v", effect: "NO_SCHEDULE" }] });
  expect(nodegroup).toMatchObject({ status: "CREATING", amiType: "AL2023_x86_64_STANDARD", taints: [{ effect: "NO_SCHEDULE" }] });
  await active("plain");
  const nodes = await nodesOf("plain");
  expect(nodes.map(({ metadata }) => metadata.labels)).toEqual(
    Array.from({ length: 2 }, () =>
      expect.objectContaining({
        team: "red",
        "eks.amazonaws.com/capacityType": "ON_DEMAND",
        "eks.amazonaws.com/nodegroup-image": "ami-0a1b2c3d4e5f60718",
      }),
    ),
  );
  expect(nodes.every(({ spec }) => spec.taints?.some(({ key }) => key === "t"))).toBe(true);
  const instances = lab.cloud.view.instances().filter(({ tags }) => tags["eks:nodegroup-name"] === "plain");
  expect(new Set(instances.map(({ zone }) => zone)).size).toBe(2);
  expect(instances[0]).toMatchObject({
    instanceProfile: expect.stringMatching(/^eks-[0-9a-f-]{36}$/),
    metadata: { needsToken: true, hopLimit: 2 },
    tags: { "kubernetes.io/cluster/demo": "owned" },
  });
  await lab.eks.send(new DeleteNodegroupCommand({ ...cluster, nodegroupName: "plain" }));
  await eventually(
    "the group to be gone",
    async () => !(await lab.eks.send(new ListNodegroupsCommand(cluster))).nodegroups?.includes("plain"),
    20_000,
  );
  expect(await nodesOf("plain")).toEqual([]);
  expect(
    lab.cloud.describeLaunchTemplates({ names: [`eks-${nodegroup?.resources?.autoScalingGroups?.[0]?.name?.slice(-36)}`] }, { now: 0 }).ok,
  ).toBe(false);
});

test("sizes are followed, an instance that ends is replaced, labels reach nodes that are there", async () => {
  await create("sizes");
  await active("sizes");
  const update = (more: object) => lab.eks.send(new UpdateNodegroupConfigCommand({ ...cluster, nodegroupName: "sizes", ...more }));
  await update({ scalingConfig: { desiredSize: 4 } });
  await eventually("four nodes", async () => (await nodesOf("sizes")).length === 4);
  await active("sizes");
  const [gone] = await nodesOf("sizes");
  const instance = lab.cloud.view.instances().find(({ id }) => String(gone?.spec["providerID" as never]).endsWith(id))!;
  lab.cloud.terminateInstances({ instanceIds: [instance.id] }, { now: Date.now() });
  await eventually("another node in its place", async () => {
    const names = (await nodesOf("sizes")).map(({ metadata }) => metadata.name);
    return (
      names.length === 4 &&
      lab.cloud.view.instances().filter(({ tags, state }) => tags["eks:nodegroup-name"] === "sizes" && state === "running").length === 4
    );
  });
  await update({
    labels: { addOrUpdateLabels: { tier: "web" } },
    taints: { addOrUpdateTaints: [{ key: "hot", value: "yes", effect: "PREFER_NO_SCHEDULE" }] },
  });
  await active("sizes");
  const marked = await nodesOf("sizes");
  expect(marked.every(({ metadata, spec }) => metadata.labels?.["tier"] === "web" && spec.taints?.some(({ key }) => key === "hot"))).toBe(
    true,
  );
  await update({ labels: { removeLabels: ["tier"] }, scalingConfig: { desiredSize: 1 } });
  await eventually("one node", async () => (await nodesOf("sizes")).length === 1);
  expect((await nodesOf("sizes"))[0]?.metadata.labels).not.toHaveProperty("tier");
  await lab.eks.send(new DeleteNodegroupCommand({ ...cluster, nodegroupName: "sizes" }));
});

describe("replacing nodes", () => {
  test("a new version of the template brings its max pods node by node, and a budget is kept", async () => {
    const image = { ImageId: "ami-0a2b2c3d4e5f60718", InstanceType: "m5.large" };
    const id = aTemplate("roll", { ...image, UserData: bootstrap("") });
    await create("roll", { launchTemplate: { id }, instanceTypes: undefined });
    expect(await active("roll")).toMatchObject({ amiType: "CUSTOM", launchTemplate: { id, name: "roll", version: "1" } });
    expect(await maxPods("roll")).toEqual(["29", "29"]);
    const app = { matchLabels: { app: "web" } };
    const selector = { "eks.amazonaws.com/nodegroup": "roll" };
    await lab.kube.create(RESOURCES.deployments, {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "web", namespace: "default" },
      spec: {
        replicas: 4,
        selector: app,
        template: { metadata: { labels: app.matchLabels }, spec: { nodeSelector: selector, containers: [{ name: "c", image: "nginx" }] } },
      },
    });
    await lab.kube.create(RESOURCES.disruptionBudgets, {
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata: { name: "web", namespace: "default" },
      spec: { minAvailable: 3, selector: app },
    });
    const readyPods = async (): Promise<number> =>
      (
        await lab.kube.list<KubeObject & { status?: { phase?: string } }>(RESOURCES.pods, {
          namespace: "default",
          labelSelector: "app=web",
        })
      ).items.filter((pod) => pod.status?.phase === "Running" && pod.metadata.deletionTimestamp === undefined).length;
    await eventually("four pods", async () => (await readyPods()) === 4);
    lab.cloud.createLaunchTemplateVersion(
      {
        id: id as LaunchTemplateId,
        sourceVersion: "1",
        data: { UserData: bootstrap("--use-max-pods false --kubelet-extra-args '--max-pods=110'") },
      },
      { now: 0 },
    );
    const { update } = await lab.eks.send(
      new UpdateNodegroupVersionCommand({ ...cluster, nodegroupName: "roll", launchTemplate: { id, version: "2" } }),
    );
    expect(update).toMatchObject({ status: "InProgress", type: "VersionUpdate" });
    let least = Number.POSITIVE_INFINITY;
    await eventually(
      "the update to end",
      async () => {
        least = Math.min(least, await readyPods());
        return (await describeGroup("roll")).status === "ACTIVE";
      },
      30_000,
    );
    expect(await maxPods("roll")).toEqual(["110", "110"]);
    expect(least).toBeGreaterThanOrEqual(3);
    await lab.kube.delete(RESOURCES.deployments, "web", "default");
    await lab.kube.delete(RESOURCES.disruptionBudgets, "web", "default");
  });

  test("user data that starts no kubelet fails the update with the reason, and the old nodes stay", async () => {
    const { launchTemplate } = await describeGroup("roll");
    const id = launchTemplate?.id as LaunchTemplateId;
    lab.cloud.createLaunchTemplateVersion({ id, sourceVersion: "2", data: { UserData: encoded("#!/bin/bash\necho hello\n") } }, { now: 0 });
    await lab.eks.send(new UpdateNodegroupVersionCommand({ ...cluster, nodegroupName: "roll", launchTemplate: { id, version: "3" } }));
    const after = await active("roll");
    expect(after.launchTemplate?.version).toBe("2");
    await eventually(
      "the broken instance to go",
      async () =>
        lab.cloud.view.instances().filter(({ tags, state }) => tags["eks:nodegroup-name"] === "roll" && state === "running").length === 2,
    );
    expect(await maxPods("roll")).toEqual(["110", "110"]);
    await lab.eks.send(new DeleteNodegroupCommand({ ...cluster, nodegroupName: "roll" }));
  });
});

test("a template EKS cannot merge, and one whose nodes cannot join, fail the group with a health issue", async () => {
  const plain = aTemplate("plain-script", { UserData: bootstrap("--kubelet-extra-args '--max-pods=110'") });
  const silent = aTemplate("silent", { ImageId: "ami-0a1b2c3d4e5f60718", UserData: encoded("#!/bin/bash\necho hello\n") });
  await create("unmerged", { launchTemplate: { id: plain } });
  await create("silent", { launchTemplate: { id: silent } });
  const failed = (name: string): Promise<Nodegroup> =>
    eventually(`${name} to fail`, async () => {
      const group = await describeGroup(name);
      return group.status === "CREATE_FAILED" ? group : undefined;
    });
  expect((await failed("unmerged")).health?.issues).toEqual([
    { code: "Ec2LaunchTemplateInvalidConfiguration", message: "User data was not in the MIME multipart format.", resourceIds: [plain] },
  ]);
  const [issue] = (await failed("silent")).health?.issues ?? [];
  expect(issue).toMatchObject({ code: "NodeCreationFailure" });
  expect(issue?.message).toContain("Instances failed to join the kubernetes cluster: ");
  expect(await nodesOf("silent")).toEqual([]);
  for (const nodegroupName of ["unmerged", "silent"]) await lab.eks.send(new DeleteNodegroupCommand({ ...cluster, nodegroupName }));
});

test("a group of a cluster that gets no nodes fails at once: nothing is launched for it, and somebody is told why", async () => {
  const before = lab.cloud.view.instances().length;
  const at = { clusterName: "nodeless", nodegroupName: "vain" };
  await create("vain", at);
  const group = await eventually("the group to fail", async () => {
    const { nodegroup } = await lab.eks.send(new DescribeNodegroupCommand(at));
    return nodegroup?.status === "CREATE_FAILED" ? nodegroup : undefined;
  });
  const message = "Instances failed to join the kubernetes cluster: no instance can be its node here";
  expect(group.health?.issues).toEqual([{ code: "NodeCreationFailure", message, resourceIds: [] }]);
  expect(lab.told).toContain(`nodeless/vain: ${message}`);
  expect(lab.cloud.view.instances()).toHaveLength(before);
  await lab.eks.send(new DeleteNodegroupCommand(at));
});

test("refusals have EKS's names and fields", async () => {
  const refusal = async (work: Promise<unknown>): Promise<string> => {
    const error = await work.then(
      () => undefined,
      (cause: unknown) => cause,
    );
    return error instanceof EKSServiceException ? error.name : String(error);
  };
  expect(await refusal(describeGroup("nobody"))).toBe("ResourceNotFoundException");
  expect(await refusal(create("bad", { subnets: ["subnet-x"] }))).toBe("InvalidParameterException");
  expect(await refusal(create("bad", { nodeRole: "node" }))).toBe("InvalidParameterException");
  expect(await refusal(create("bad", { nodeRole: "arn:aws:iam::123456789012:role/nobody" }))).toBe("InvalidParameterException");
  // It trusts EKS, not EC2.
  expect(await refusal(create("bad", { nodeRole: "arn:aws:iam::123456789012:role/slash28-cluster" }))).toBe("InvalidParameterException");
  expect(await refusal(lab.eks.send(new ListNodegroupsCommand({ clusterName: "other" })))).toBe("ResourceNotFoundException");
});
