import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  AssociateAccessPolicyCommand,
  CreateAccessEntryCommand,
  CreatePodIdentityAssociationCommand,
  DescribePodIdentityAssociationCommand,
  EKSClient,
} from "@aws-sdk/client-eks";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually, labUnderTest } from "../src/index.ts";

const lab = labUnderTest();
const folder = mkdtempSync(join(tmpdir(), "eks-"));

beforeAll(async () => {
  await lab.up({
    cluster: {
      vpc: {
        subnets: [
          { zone: "us-east-1a", cidr: "10.0.0.0/20" },
          { zone: "us-east-1b", cidr: "10.0.16.0/20" },
        ],
      },
      nodeGroups: [{ name: "workers", instanceType: "m5.large", nodes: 2 }],
      vpcCni: { env: { WARM_ENI_TARGET: "1" } },
    },
  });
}, 180_000);
afterAll(async () => {
  await lab.down();
  rmSync(folder, { recursive: true, force: true });
}, 90_000);

const aws = async <T>(...args: string[]): Promise<T> => JSON.parse(await lab.aws([...args, "--output", "json"])) as T;
const text = async (...args: string[]): Promise<string> => (await lab.aws([...args, "--output", "text"])).trim();
const subnets = async (): Promise<string> => (await lab.status()).subnets.map(({ id }) => id).join(",");
const envOf = async (name: string): Promise<string | undefined> => {
  const daemonSet = JSON.parse(await lab.kubectl(["get", "daemonset", "aws-node", "-n", "kube-system", "-o", "json"])) as {
    spec: { template: { spec: { containers: { env: { name: string; value?: string }[] }[] } } };
  };
  return daemonSet.spec.template.spec.containers[0]?.env.find((one) => one.name === name)?.value;
};
const addonActive = (): Promise<string> =>
  lab.aws(["eks", "wait", "addon-active", "--cluster-name", lab.name, "--addon-name", "vpc-cni"], { timeoutMs: 120_000 });
const update = (mode: string, values: object): Promise<string> =>
  text(
    "eks",
    "update-addon",
    "--cluster-name",
    lab.name,
    "--addon-name",
    "vpc-cni",
    "--resolve-conflicts",
    mode,
    "--configuration-values",
    JSON.stringify(values),
    "--query",
    "update.id",
  );

describe("the lab's own cluster", () => {
  test("I14 describe-cluster shows the cluster security group, which is the one its nodes have", async () => {
    const group = await text("eks", "describe-cluster", "--name", lab.name, "--query", "cluster.resourcesVpcConfig.clusterSecurityGroupId");
    const found = await text("ec2", "describe-security-groups", "--group-ids", group, "--query", "SecurityGroups[0].GroupName");
    expect(found).toMatch(new RegExp(`^eks-cluster-sg-${lab.name}`));
    const groups = await text("ec2", "describe-instances", "--query", "Reservations[].Instances[].SecurityGroups[].GroupId");
    expect(new Set(groups.split(/\s+/))).toEqual(new Set([group]));
  });

  test("describe-cluster tells where the API is, and what to trust it by", async () => {
    const { cluster } = await aws<{
      cluster: { endpoint: string; certificateAuthority: { data: string }; status: string; kubernetesNetworkConfig: object };
    }>("eks", "describe-cluster", "--name", lab.name);
    expect([cluster.status, cluster.endpoint]).toEqual(["ACTIVE", (await lab.status()).endpoints.kubernetes]);
    expect(cluster.kubernetesNetworkConfig).toMatchObject({ ipFamily: "ipv4", serviceIpv4Cidr: "10.100.0.0/16" });
    const ca = join(folder, "ca.pem");
    writeFileSync(ca, Buffer.from(cluster.certificateAuthority.data, "base64"));
    expect(await lab.shell(`curl -sS --cacert ${ca} ${cluster.endpoint}/healthz`)).toBe("ok");
  });

  test("its OIDC issuer can be asked for its keys, which signed the tokens of its service accounts", async () => {
    const issuer = await text("eks", "describe-cluster", "--name", lab.name, "--query", "cluster.identity.oidc.issuer");
    const ask = async (path: string): Promise<Record<string, unknown>> =>
      JSON.parse(await lab.shell(`curl -sS $AWS_ENDPOINT_URL${new URL(issuer).pathname}/${path}`)) as Record<string, unknown>;
    expect(await ask(".well-known/openid-configuration")).toMatchObject({ issuer, jwks_uri: `${issuer}/keys` });
    const { keys } = (await ask("keys")) as { keys: { kid: string }[] };
    const [header = "", claims = ""] = (await lab.kubectl(["create", "token", "default", "--audience", "sts.amazonaws.com"])).split(".");
    const read = (part: string): Record<string, unknown> =>
      JSON.parse(Buffer.from(part, "base64url").toString()) as Record<string, unknown>;
    expect(keys.map(({ kid }) => kid)).toContain(read(header)["kid"]);
    expect(read(claims)["iss"]).toBe(issuer);
  });

  test("aws eks update-kubeconfig lets kubectl in, by a token of aws eks get-token", async () => {
    const kubeconfig = join(folder, "own.yaml");
    await lab.aws(["eks", "update-kubeconfig", "--name", lab.name, "--kubeconfig", kubeconfig]);
    const who = await lab.shell(`kubectl --kubeconfig ${kubeconfig} auth whoami`);
    expect(who).toMatch(/Username\s+arn:aws:iam::\d{12}:user\/lab/);
    expect((await lab.shell(`kubectl --kubeconfig ${kubeconfig} get nodes -o name`)).trim().split("\n")).toHaveLength(2);
    const other = await lab.shell("aws eks get-token --cluster-name another | jq -r .status.token");
    const { stdout } = await lab.kubectlRaw([
      "--kubeconfig",
      "/dev/null",
      "--server",
      (await lab.status()).endpoints.kubernetes,
      "--insecure-skip-tls-verify",
      "--token",
      other.trim(),
      "get",
      "nodes",
    ]);
    expect(stdout).toBe("");
  });
});

describe("add-ons", () => {
  test("I12 describe-addon shows version, status and configuration values", async () => {
    const { addon } = await aws<{ addon: object }>("eks", "describe-addon", "--cluster-name", lab.name, "--addon-name", "vpc-cni");
    expect(addon).toMatchObject({
      status: "ACTIVE",
      addonVersion: expect.stringMatching(/^v1\.\d+\.\d+-eksbuild\.\d+$/),
      configurationValues: '{"env":{"WARM_ENI_TARGET":"1"}}',
      health: { issues: [] },
    });
  });

  test("I16 describe-addon-versions shows versions of vpc-cni and eks-pod-identity-agent", async () => {
    const { addons } = await aws<{ addons: { addonName: string; addonVersions: unknown[] }[] }>(
      "eks",
      "describe-addon-versions",
      "--kubernetes-version",
      "1.32",
    );
    for (const name of ["vpc-cni", "eks-pod-identity-agent"]) {
      expect(addons.find(({ addonName }) => addonName === name)?.addonVersions.length).toBeGreaterThan(1);
    }
  });

  test("P2 update-addon turns prefixes on: agents roll, nodes hold /28 blocks, running pods keep their addresses", async () => {
    await lab.kubectl(["create", "deployment", "steady", "--image=nginx", "--replicas=3"]);
    await lab.kubectl(["rollout", "status", "deployment", "steady", "--timeout=60s"]);
    const addresses = (): Promise<string> =>
      lab.kubectl(["get", "pods", "-l", "app=steady", "--sort-by=.metadata.name", "-o", "jsonpath={.items[*].status.podIP}"]);
    const before = await addresses();
    const id = await update("OVERWRITE", { env: { ENABLE_PREFIX_DELEGATION: "true", WARM_PREFIX_TARGET: "1" } });
    await addonActive();
    expect(
      await text("eks", "describe-update", "--name", lab.name, "--addon-name", "vpc-cni", "--update-id", id, "--query", "update.status"),
    ).toBe("Successful");
    expect(
      await text("eks", "describe-addon", "--cluster-name", lab.name, "--addon-name", "vpc-cni", "--query", "addon.configurationValues"),
    ).toBe('{"env":{"ENABLE_PREFIX_DELEGATION":"true","WARM_PREFIX_TARGET":"1"}}');
    expect(await envOf("ENABLE_PREFIX_DELEGATION")).toBe("true");
    await lab.kubectl(["rollout", "status", "daemonset", "aws-node", "-n", "kube-system", "--timeout=60s"]);
    await lab.kubectl(["scale", "deployment", "steady", "--replicas=20"]);
    await eventually("prefixes on the nodes' ENIs", async () =>
      (await text("ec2", "describe-network-interfaces", "--query", "NetworkInterfaces[].Ipv4Prefixes[].Ipv4Prefix")).includes("/28"),
    );
    await lab.kubectl(["scale", "deployment", "steady", "--replicas=3"]);
    expect((await addresses()).split(" ").filter((address) => before.includes(address)).length).toBeGreaterThan(0);
    await lab.kubectl(["delete", "deployment", "steady"]);
  });

  test("P2 invalid keys and values are refused as EKS refuses them", async () => {
    const refusal = async (values: string): Promise<string> =>
      (await lab.awsRaw(["eks", "update-addon", "--cluster-name", lab.name, "--addon-name", "vpc-cni", "--configuration-values", values]))
        .stderr;
    expect(await refusal('{"env":{"WARM_IP_TRAGET":"2"}}')).toContain(
      "An error occurred (InvalidParameterException) when calling the UpdateAddon operation: ConfigurationValue provided in request is not supported: Json schema validation failed with error: [$.env.WARM_IP_TRAGET: is not defined in the schema and the schema does not allow additional properties]",
    );
    expect(await refusal('{"env":{"WARM_IP_TARGET":2}}')).toContain("[$.env.WARM_IP_TARGET: integer found, string expected]");
  });

  test("what kubectl has set: NONE fails and names the field, PRESERVE leaves it, OVERWRITE takes it back", async () => {
    await lab.kubectl(["set", "env", "daemonset", "aws-node", "-n", "kube-system", "WARM_PREFIX_TARGET=2"]);
    const values = { env: { ENABLE_PREFIX_DELEGATION: "true", WARM_PREFIX_TARGET: "1" } };
    const id = await update("NONE", values);
    const failed = await eventually("the update to fail", async () => {
      const { update: one } = await aws<{ update: { status: string; errors: { errorCode: string; errorMessage: string }[] } }>(
        "eks",
        "describe-update",
        "--name",
        lab.name,
        "--addon-name",
        "vpc-cni",
        "--update-id",
        id,
      );
      return one.status === "Failed" && one;
    });
    expect(failed.errors).toMatchObject([
      {
        errorCode: "ConfigurationConflict",
        errorMessage:
          'Conflicts found when trying to apply. Will not continue due to resolve conflicts mode. Conflicts:\nDaemonSet.apps aws-node - .spec.template.spec.containers[name="aws-node"].env[name="WARM_PREFIX_TARGET"].value',
      },
    ]);
    await update("PRESERVE", values);
    await addonActive();
    expect(await envOf("WARM_PREFIX_TARGET")).toBe("2");
    await update("OVERWRITE", values);
    await addonActive();
    expect(await envOf("WARM_PREFIX_TARGET")).toBe("1");
  });

  test("I15 a backup of the DaemonSet restores its settings", async () => {
    const backup = join(folder, "backup.yaml");
    await lab.shell(`kubectl get daemonset aws-node -n kube-system -o yaml > ${backup}`);
    expect(readFileSync(backup, "utf8")).toContain("WARM_PREFIX_TARGET");
    await lab.kubectl(["set", "env", "daemonset", "aws-node", "-n", "kube-system", "WARM_PREFIX_TARGET=5"]);
    expect(await envOf("WARM_PREFIX_TARGET")).toBe("5");
    await lab.shell(`kubectl apply -f ${backup}`);
    expect(await envOf("WARM_PREFIX_TARGET")).toBe("1");
    await lab.kubectl(["rollout", "status", "daemonset", "aws-node", "-n", "kube-system", "--timeout=60s"]);
  });

  test("a backup of the add-on's configuration restores it, also where kubectl has set something since", async () => {
    const backup = join(folder, "vpc-cni.json");
    const name = ["--cluster-name", lab.name, "--addon-name", "vpc-cni"];
    writeFileSync(backup, await text("eks", "describe-addon", ...name, "--query", "addon.configurationValues"));
    expect(JSON.parse(readFileSync(backup, "utf8"))).toEqual({ env: { ENABLE_PREFIX_DELEGATION: "true", WARM_PREFIX_TARGET: "1" } });
    await update("OVERWRITE", { env: { WARM_ENI_TARGET: "2" } });
    await addonActive();
    expect([await envOf("ENABLE_PREFIX_DELEGATION"), await envOf("WARM_ENI_TARGET")]).toEqual(["false", "2"]);
    await lab.kubectl(["set", "env", "daemonset", "aws-node", "-n", "kube-system", "WARM_PREFIX_TARGET=3"]);
    await lab.aws(["eks", "update-addon", ...name, "--resolve-conflicts", "OVERWRITE", "--configuration-values", `file://${backup}`]);
    await addonActive();
    expect([await envOf("ENABLE_PREFIX_DELEGATION"), await envOf("WARM_PREFIX_TARGET"), await envOf("WARM_ENI_TARGET")]).toEqual([
      "true",
      "1",
      "1",
    ]);
  });

  test("delete-addon --preserve leaves the agent running; create-addon takes it over again", async () => {
    const name = ["--cluster-name", lab.name, "--addon-name", "vpc-cni"];
    await lab.aws(["eks", "delete-addon", ...name, "--preserve"]);
    await lab.aws(["eks", "wait", "addon-deleted", ...name]);
    expect((await lab.kubectl(["get", "daemonset", "aws-node", "-n", "kube-system", "-o", "name"])).trim()).toBe("daemonset.apps/aws-node");
    await lab.aws(["eks", "create-addon", ...name, "--resolve-conflicts", "OVERWRITE"]);
    await addonActive();
    expect(await envOf("ENABLE_PREFIX_DELEGATION")).toBe("false");
  });
});

describe("another cluster", () => {
  const client = (): EKSClient =>
    new EKSClient({
      endpoint: endpoint,
      region: "us-east-1",
      credentials: { accessKeyId: "slash28", secretAccessKey: "slash28" },
      maxAttempts: 1,
    });
  let endpoint = "";
  const kubeconfig = join(folder, "second.yaml");
  const kubectl = (args: string): Promise<string> => lab.shell(`kubectl --kubeconfig ${kubeconfig} ${args}`);

  test("P8 create-cluster with ipFamily=ipv6, wait, update-kubeconfig, kubectl", async () => {
    endpoint = (await lab.status()).endpoints.aws;
    const vpc = await text("ec2", "describe-vpcs", "--filters", `Name=tag:Name,Values=${lab.name}-vpc`, "--query", "Vpcs[0].VpcId");
    await lab.aws(["ec2", "associate-vpc-cidr-block", "--vpc-id", vpc, "--amazon-provided-ipv6-cidr-block"]);
    const block = await eventually("the VPC's IPv6 block", async () => {
      const found = await text("ec2", "describe-vpcs", "--vpc-ids", vpc, "--query", "Vpcs[0].Ipv6CidrBlockAssociationSet[0].Ipv6CidrBlock");
      return found !== "None" && found;
    });
    const creation = [
      "eks",
      "create-cluster",
      "--name",
      "six",
      "--role-arn",
      "arn:aws:iam::123456789012:role/slash28-cluster",
      "--resources-vpc-config",
      `subnetIds=${await subnets()}`,
      "--kubernetes-network-config",
      "ipFamily=ipv6",
    ];
    const without = await lab.awsRaw(creation);
    expect(without.stderr).toMatch(/InvalidParameterException.*does not have an associated IPv6 CIDR block/);
    const [head = ""] = block.split("::");
    const groups = head.split(":");
    for (const [index, id] of (await subnets()).split(",").entries()) {
      const range = groups.length < 4 ? `${head}:${index}::/64` : `${head.replace(/00$/, `0${index}`)}::/64`;
      await lab.aws(["ec2", "associate-subnet-cidr-block", "--subnet-id", id, "--ipv6-cidr-block", range.replace(":0::", "::")]);
    }
    await lab.aws(creation);
    await lab.aws(["eks", "wait", "cluster-active", "--name", "six"], { timeoutMs: 90_000 });
    const range = await text("eks", "describe-cluster", "--name", "six", "--query", "cluster.kubernetesNetworkConfig.serviceIpv6Cidr");
    expect(range).toMatch(/^fd[0-9a-f:]+::\/108$/);
    await lab.aws(["eks", "update-kubeconfig", "--name", "six", "--kubeconfig", kubeconfig]);
    expect(await kubectl("get namespaces -o name")).toContain("namespace/kube-system");
    expect(await kubectl("get daemonsets -n kube-system -o name")).toContain("daemonset.apps/aws-node");
    await kubectl("create configmap mine --from-literal=a=1");
    expect((await lab.kubectlRaw(["get", "configmap", "mine"])).code).toBe(1);
  });

  test("its services have addresses of the range it is described with, and IPv4 is refused", async () => {
    const [network = ""] = (
      await text("eks", "describe-cluster", "--name", "six", "--query", "cluster.kubernetesNetworkConfig.serviceIpv6Cidr")
    ).split("/");
    const addressOf = (name: string, namespace = "default"): Promise<string> =>
      kubectl(`get service ${name} -n ${namespace} -o jsonpath={.spec.clusterIP}`);
    expect(await addressOf("kubernetes")).toBe(`${network}1`);
    expect(await addressOf("kube-dns", "kube-system")).toBe(`${network}a`);
    await kubectl("create service clusterip web --tcp=80");
    const web = await addressOf("web");
    expect(web.startsWith(network), web).toBe(true);
    expect(await kubectl("get service web")).toContain(web);
    expect(await kubectl("describe service web")).toMatch(/IP Families: +IPv6/);
    expect(
      await lab.shell(`kubectl --kubeconfig ${kubeconfig} create service clusterip old --tcp=80 --clusterip=10.100.0.9 2>&1 || true`),
    ).toContain("IPv4 is not configured on this cluster");
    // Where it leads: beyond the VPC's gateway, in the cluster's family.
    expect(await kubectl("get endpointslice kubernetes -o jsonpath={.addressType}:{.endpoints[0].addresses[0]}")).toMatch(
      /^IPv6:2001:db8:51:101::/,
    );
  });

  test("a node group of an IPv6 cluster says at once that it gets no nodes", async () => {
    const [subnet = ""] = (await subnets()).split(",");
    const role = "arn:aws:iam::123456789012:role/slash28-node";
    const group = ["--cluster-name", "six", "--nodegroup-name", "vain"];
    await lab.aws(["eks", "create-nodegroup", ...group, "--subnets", subnet, "--node-role", role]);
    await eventually("the group to fail", async () => {
      const status = await text("eks", "describe-nodegroup", ...group, "--query", "nodegroup.status");
      return status === "CREATE_FAILED";
    });
    expect(await text("eks", "describe-nodegroup", ...group, "--query", "nodegroup.health.issues[0].[code,message]")).toMatch(
      /^NodeCreationFailure\s.*ipFamily ipv6.*create a cluster of ipFamily ipv4 for nodes/,
    );
    expect(await lab.shell("slash28 lab events")).toMatch(/node-not-joined.*six\/vain/);
    await lab.aws(["eks", "delete-nodegroup", ...group]);
    await lab.aws(["eks", "wait", "nodegroup-deleted", ...group]);
  });

  test("pod identity associations are kept per cluster", async () => {
    const form = {
      clusterName: "six",
      namespace: "shop",
      serviceAccount: "cart",
      roleArn: "arn:aws:iam::123456789012:role/slash28-cluster",
    };
    const { association } = await client().send(new CreatePodIdentityAssociationCommand(form));
    const described = await client().send(
      new DescribePodIdentityAssociationCommand({ clusterName: "six", associationId: association?.associationId }),
    );
    expect(described.association).toMatchObject(form);
  });

  test("another principal comes in by an access entry, and may do what its policy allows", async () => {
    const principalArn = (await text("sts", "get-caller-identity", "--query", "Arn")).trim();
    const cluster = lab.name;
    await lab.kubectl(["create", "namespace", "team"]);
    const entry = { clusterName: cluster, principalArn: "arn:aws:iam::123456789012:role/viewer" };
    await client().send(new CreateAccessEntryCommand(entry));
    await client().send(
      new AssociateAccessPolicyCommand({
        ...entry,
        policyArn: "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy",
        accessScope: { type: "namespace", namespaces: ["te*"] },
      }),
    );
    const bindings = await eventually("the policy in the cluster", async () => {
      const out = await lab.kubectl(["get", "rolebindings", "-n", "team", "-o", "name"]);
      return out.includes("eks:AmazonEKSViewPolicy") && out;
    });
    expect(bindings.trim().split("\n")).toHaveLength(1);
    const can = async (verb: string, namespace: string): Promise<string> =>
      (
        await lab.kubectlRaw([
          "auth",
          "can-i",
          verb,
          "pods",
          "-n",
          namespace,
          "--as",
          "viewer",
          "--as-group",
          `eks:access-entry:${entry.principalArn}`,
        ])
      ).stdout.trim();
    expect([await can("list", "team"), await can("delete", "team"), await can("list", "default")]).toEqual(["yes", "no", "no"]);
    expect(principalArn).toMatch(/user\/lab$/);
  });

  test("delete-cluster ends it", async () => {
    await lab.aws(["eks", "delete-cluster", "--name", "six"]);
    await lab.aws(["eks", "wait", "cluster-deleted", "--name", "six"]);
    expect((await lab.awsRaw(["eks", "describe-cluster", "--name", "six"])).stderr).toContain("No cluster found for name: six.");
    expect(await lab.shell(`kubectl --kubeconfig ${kubeconfig} --request-timeout=2s get ns 2>&1 || true`)).toMatch(/refused|connect/);
  });
});
