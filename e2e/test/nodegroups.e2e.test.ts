import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { defaultCluster } from "@slash28/cluster-file";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually, labUnderTest } from "../src/index.ts";

const lab = labUnderTest();

/** EKS images of the lab. */
const AL2 = "ami-0a2b2c3d4e5f60718";
const AL2023 = "ami-0a1b2c3d4e5f60718";
const BOTTLEROCKET = "ami-0ab2c3d4e5f607180";

interface Health {
  readonly status: string;
  readonly health: { readonly issues: readonly { readonly code: string; readonly message: string }[] };
}

const state = { subnets: "", role: "", templateId: "" };

/** `aws` with the lab's endpoint, as an operator pastes it. */
const shell = async (line: string): Promise<string> => {
  const ran = await lab.paste(line, { cwd: lab.runDir, variables: { CLUSTER: lab.name, SUBNETS: state.subnets, ROLE: state.role } });
  if (ran.code !== 0) throw new Error(`${line}\nended with ${ran.code}\n${ran.stdout}${ran.stderr}`);
  return ran.stdout.trim();
};
const describeGroup = async (name: string): Promise<Health> =>
  JSON.parse(
    await shell(`aws eks describe-nodegroup --cluster-name $CLUSTER --nodegroup-name ${name} --query nodegroup --output json`),
  ) as Health;
const podsPerNode = async (group: string): Promise<readonly string[]> =>
  (await shell(`kubectl get nodes -l eks.amazonaws.com/nodegroup=${group} -o jsonpath='{.items[*].status.allocatable.pods}'`)).split(" ");
const create = (name: string, more: string): Promise<string> =>
  shell(`aws eks create-nodegroup --cluster-name $CLUSTER --nodegroup-name ${name} --subnets $SUBNETS --node-role $ROLE ${more}`);
const wait = (what: "active" | "deleted", name: string): Promise<string> =>
  shell(`aws eks wait nodegroup-${what} --cluster-name $CLUSTER --nodegroup-name ${name}`);
const until = (name: string, wanted: string): Promise<Health> =>
  eventually(
    `${name} to be ${wanted}`,
    async () => {
      const group = await describeGroup(name);
      return group.status === wanted ? group : undefined;
    },
    90_000,
  );
const size = (count: number): string => `--scaling-config minSize=0,maxSize=4,desiredSize=${count}`;

function userData(name: string, text: string): string {
  writeFileSync(join(lab.runDir, `${name}.txt`), text);
  return `$(base64 -w0 ${name}.txt)`;
}

const template = (name: string, data: Readonly<Record<string, string>>): Promise<string> => {
  const json = Object.entries(data).map(([key, value]) => `\\"${key}\\": \\"${value}\\"`);
  const line = `aws ec2 create-launch-template --launch-template-name ${name} --launch-template-data "{${json.join(", ")}}"`;
  return shell(`${line} --query LaunchTemplate.LaunchTemplateId --output text`);
};

beforeAll(async () => {
  await lab.up({ cluster: { ...defaultCluster({ nodes: 1 }) } });
  state.subnets = await shell("aws ec2 describe-subnets --query 'Subnets[].SubnetId' --output text");
  state.role = await shell(
    "aws eks describe-nodegroup --cluster-name $CLUSTER --nodegroup-name default --query nodegroup.nodeRole --output text",
  );
}, 180_000);
afterAll(() => lab.down(), 90_000);

test("the cluster file's nodes are a managed node group", async () => {
  expect(await shell("aws eks list-nodegroups --cluster-name $CLUSTER --query nodegroups --output text")).toBe("default");
  expect(await describeGroup("default")).toMatchObject({
    status: "ACTIVE",
    amiType: "AL2023_x86_64_STANDARD",
    instanceTypes: ["m5.large"],
    scalingConfig: { desiredSize: 1 },
    health: { issues: [] },
  });
});

describe("P5: more pods per node by a launch template", () => {
  test("a group on an image of one's own runs as many pods as its user data says", async () => {
    const data = userData("old", `#!/bin/bash\n/etc/eks/bootstrap.sh ${lab.name}\n`);
    state.templateId = await template("eks-prefix-delegation", { ImageId: AL2, InstanceType: "m5.large", UserData: data });
    await create("standard-workers", `${size(2)} --launch-template id=${state.templateId},version=1`);
    await wait("active", "standard-workers");
    expect(await podsPerNode("standard-workers")).toEqual(["29", "29"]);
  }, 120_000);

  test("prefixes alone change nothing: nodes stay at the old limit", async () => {
    await shell("kubectl set env daemonset aws-node -n kube-system ENABLE_PREFIX_DELEGATION=true WARM_PREFIX_TARGET=1");
    await shell("kubectl rollout status daemonset aws-node -n kube-system --timeout=120s");
    expect(await podsPerNode("standard-workers")).toEqual(["29", "29"]);
  }, 150_000);

  test("the next version of the template brings 110, node by node, while the budget is kept", async () => {
    await shell(
      `kubectl create deployment web --image=nginx --replicas=6 --dry-run=client -o json | jq '.spec.template.spec.nodeSelector={"eks.amazonaws.com/nodegroup":"standard-workers"}' | kubectl apply -f -`,
    );
    await shell("kubectl create pdb web --selector=app=web --min-available=4");
    await shell("kubectl rollout status deployment web --timeout=60s");
    const script = `#!/bin/bash\n/etc/eks/bootstrap.sh ${lab.name} \\\n--use-max-pods false \\\n--kubelet-extra-args '--max-pods=110'\n`;
    const data = userData("eks-userdata", script);
    const version = await shell(
      `aws ec2 create-launch-template-version --launch-template-id ${state.templateId} --source-version 1 --launch-template-data "{\\"UserData\\": \\"${data}\\"}" --query LaunchTemplateVersion.VersionNumber --output text`,
    );
    const id = await shell(
      `aws eks update-nodegroup-version --cluster-name $CLUSTER --nodegroup-name standard-workers --launch-template id=${state.templateId},version=${version} --query update.id --output text`,
    );
    let least = Number.POSITIVE_INFINITY;
    await eventually(
      "the update to end",
      async () => {
        least = Math.min(least, Number(await shell("kubectl get deployment web -o jsonpath='{.status.readyReplicas}'")));
        return (await describeGroup("standard-workers")).status === "ACTIVE";
      },
      150_000,
    );
    await wait("active", "standard-workers");
    expect(
      await shell(
        `aws eks describe-update --name $CLUSTER --nodegroup-name standard-workers --update-id ${id} --query update.status --output text`,
      ),
    ).toBe("Successful");
    expect(await podsPerNode("standard-workers")).toEqual(["110", "110"]);
    expect(least).toBeGreaterThanOrEqual(4);
    await shell("kubectl rollout status deployment web --timeout=60s");
    const prefixes = await shell(
      "aws ec2 describe-instances --filters Name=tag:eks:nodegroup-name,Values=standard-workers Name=instance-state-name,Values=running --query 'Reservations[].Instances[].NetworkInterfaces[].Ipv4Prefixes[].Ipv4Prefix' --output text",
    );
    expect(prefixes).toMatch(/\/28/);
  }, 240_000);

  test("EKS's own image: max pods are what EKS computes now that prefixes are on", async () => {
    await create("computed", `${size(1)} --instance-types m5.large`);
    await wait("active", "computed");
    expect(await podsPerNode("computed")).toEqual(["110"]);
    await shell("aws eks delete-nodegroup --cluster-name $CLUSTER --nodegroup-name computed");
  }, 120_000);
});

describe("other images", () => {
  test("AL2023 by a NodeConfig, Bottlerocket by its settings", async () => {
    const cluster = await shell(
      "aws eks describe-cluster --name $CLUSTER --query 'cluster.[endpoint,certificateAuthority.data,kubernetesNetworkConfig.serviceIpv4Cidr]' --output text",
    );
    const [endpoint, ca, cidr] = cluster.split(/\s+/);
    const nodeConfig = `MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="BOUNDARY"

--BOUNDARY
Content-Type: application/node.eks.aws

apiVersion: node.eks.aws/v1alpha1
kind: NodeConfig
spec:
  cluster: {name: ${lab.name}, apiServerEndpoint: "${endpoint}", certificateAuthority: ${ca}, cidr: ${cidr}}
  kubelet:
    config: {maxPods: 64}
    flags: [--node-labels=made-by=nodeadm]

--BOUNDARY--
`;
    const toml = `[settings.kubernetes]\ncluster-name = "${lab.name}"\napi-server = "${endpoint}"\ncluster-certificate = "${ca}"\nmax-pods = 48\n[settings.kubernetes.node-labels]\nmade-by = "bottlerocket"\n`;
    const nodeadm = await template("nodeadm", { ImageId: AL2023, InstanceType: "m5.large", UserData: userData("nodeadm", nodeConfig) });
    const rocket = await template("rocket", { ImageId: BOTTLEROCKET, InstanceType: "m5.large", UserData: userData("rocket", toml) });
    await create("nodeadm", `${size(1)} --launch-template id=${nodeadm}`);
    await create("rocket", `${size(1)} --launch-template name=rocket`);
    expect(rocket).toMatch(/^lt-/);
    await wait("active", "nodeadm");
    await wait("active", "rocket");
    expect([await podsPerNode("nodeadm"), await podsPerNode("rocket")]).toEqual([["64"], ["48"]]);
    expect(await shell("kubectl get nodes -l made-by=nodeadm -o name")).toMatch(/^node\//);
    expect(await shell("kubectl get nodes -l made-by=bottlerocket -o name")).toMatch(/^node\//);
    for (const name of ["nodeadm", "rocket"]) await shell(`aws eks delete-nodegroup --cluster-name $CLUSTER --nodegroup-name ${name}`);
  }, 150_000);
});

describe("mistakes", () => {
  test("seed-style user data without an image is not merged: EKS takes MIME multipart only", async () => {
    const data = userData("plain", `#!/bin/bash\n/etc/eks/bootstrap.sh ${lab.name} \\\n--kubelet-extra-args '--max-pods=110'\n`);
    const id = await template("plain", { InstanceType: "m6i.large", UserData: data });
    await create("plain", `${size(1)} --launch-template id=${id}`);
    expect((await until("plain", "CREATE_FAILED")).health.issues).toMatchObject([
      { code: "Ec2LaunchTemplateInvalidConfiguration", message: "User data was not in the MIME multipart format." },
    ]);
    await shell("aws eks delete-nodegroup --cluster-name $CLUSTER --nodegroup-name plain");
    await wait("deleted", "plain");
  }, 90_000);

  test("broken user data: no node joins, and the group says why", async () => {
    const before = await shell("kubectl get nodes -o name | wc -l");
    const data = userData("broken", `#!/bin/bash\n/etc/eks/bootstrap.sh another-cluster --kubelet-extra-args '--max-pods=110'\n`);
    const id = await template("broken", { ImageId: AL2, InstanceType: "m5.large", UserData: data });
    await create("broken", `${size(1)} --launch-template id=${id}`);
    const [issue] = (await until("broken", "CREATE_FAILED")).health.issues;
    expect(issue?.code).toBe("NodeCreationFailure");
    expect(issue?.message).toContain('names the cluster "another-cluster"');
    expect(await shell("kubectl get nodes -o name | wc -l")).toBe(before);
    const ran = await lab.awsRaw(["eks", "wait", "nodegroup-active", "--cluster-name", lab.name, "--nodegroup-name", "broken"]);
    expect(ran.code).toBe(255);
    await shell("aws eks delete-nodegroup --cluster-name $CLUSTER --nodegroup-name broken");
    await wait("deleted", "broken");
  }, 90_000);

  test("refusals come with EKS's codes", async () => {
    const refused = async (line: string): Promise<string> =>
      (await lab.paste(line, { cwd: lab.runDir, variables: { CLUSTER: lab.name, SUBNETS: state.subnets, ROLE: state.role } })).stderr;
    const base = "aws eks create-nodegroup --cluster-name $CLUSTER --nodegroup-name no --subnets $SUBNETS --node-role $ROLE";
    expect(await refused(`${base} --instance-types m5.huge`)).toContain("(InvalidParameterException)");
    expect(await refused(`${base} --scaling-config minSize=2,maxSize=3,desiredSize=1`)).toContain("(InvalidParameterException)");
    expect(await refused("aws eks describe-nodegroup --cluster-name $CLUSTER --nodegroup-name no")).toContain(
      "(ResourceNotFoundException)",
    );
    expect(
      await refused(
        `aws eks update-nodegroup-version --cluster-name $CLUSTER --nodegroup-name default --launch-template id=${state.templateId}`,
      ),
    ).toContain("created without a launch template");
  });
});

test("sizes follow, and a group goes with its nodes", async () => {
  await shell("aws eks update-nodegroup-config --cluster-name $CLUSTER --nodegroup-name standard-workers --scaling-config desiredSize=1");
  await eventually("one node", async () => (await podsPerNode("standard-workers")).length === 1, 60_000);
  await shell("kubectl delete deployment web && kubectl delete pdb web");
  await shell("aws eks delete-nodegroup --cluster-name $CLUSTER --nodegroup-name standard-workers");
  await wait("deleted", "standard-workers");
  expect(await shell("kubectl get nodes -l eks.amazonaws.com/nodegroup=standard-workers -o name")).toBe("");
  const gone = await shell("aws ec2 describe-launch-templates --query 'LaunchTemplates[].LaunchTemplateName' --output text");
  expect(gone.split(/\s+/).filter((name) => name.startsWith("eks-") && name !== "eks-prefix-delegation")).toHaveLength(1);
}, 150_000);
