import { defaultCluster } from "@slash28/cluster-file";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually, instanceNamespace, labUnderTest, run, webDeployment, webPod, workloadsOf } from "../src/index.ts";

const lab = labUnderTest();
const { apply, pods, running } = workloadsOf(lab);

interface EniItem {
  readonly PrivateIpAddress: string;
  readonly PrivateIpAddresses: readonly { readonly Primary: boolean; readonly PrivateIpAddress: string }[];
  readonly Ipv4Prefixes?: readonly { readonly Ipv4Prefix: string }[];
  readonly SubnetId: string;
  readonly Groups: readonly { readonly GroupId: string }[];
  readonly Attachment: { readonly DeviceIndex: number };
}

const INTERNET_SITE = "198.51.100.80";
const ZONES = [
  { zone: "us-east-1a", cidr: "100.64.0.0/19" },
  { zone: "us-east-1b", cidr: "100.64.32.0/19" },
] as const;
const state = { vpc: "", clusterGroup: "", podGroup: "", podSubnets: new Map<string, string>(), oldNodes: new Map<string, string>() };

const aws = async <T>(args: readonly string[]): Promise<T> => JSON.parse(await lab.aws([...args, "--output", "json"])) as T;
const onNode = (name: string): { readonly [label: string]: string } => ({ "kubernetes.io/hostname": name });
const addressesOf = async (app: string, count: number): Promise<readonly string[]> =>
  (await running(count, 40_000, "-l", `app=${app}`)).map((pod) => pod.status.podIP ?? "");
const enisOf = async (instanceId: string): Promise<readonly EniItem[]> => {
  const filter = `Name=attachment.instance-id,Values=${instanceId}`;
  const { NetworkInterfaces } = await aws<{ NetworkInterfaces: EniItem[] }>(["ec2", "describe-network-interfaces", "--filters", filter]);
  return NetworkInterfaces.toSorted((a, b) => a.Attachment.DeviceIndex - b.Attachment.DeviceIndex);
};
const nodeIn = async (zone: string): Promise<string> => {
  const out = await lab.kubectl(["get", "nodes", "-l", `topology.kubernetes.io/zone=${zone}`, "-o", "name"]);
  return out.trim().replace("node/", "");
};
const instanceOf = async (node: string): Promise<string> => (await lab.status()).nodes.find((each) => each.name === node)?.instanceId ?? "";
const rulesOf = async (node: string): Promise<string> =>
  (await run("ip", ["netns", "exec", instanceNamespace(lab, await instanceOf(node)), "nft", "list", "ruleset"])).stdout;

/** An instance started by hand in a zone's node subnet; its tag makes it a node. */
async function launchNode(zone: string, { type = "m5.large", maxPods = "" } = {}): Promise<string> {
  const known = new Set((await lab.status()).nodes.map((node) => node.name));
  const subnets = await aws<{ Subnets: { SubnetId: string; CidrBlock: string }[] }>([
    "ec2",
    "describe-subnets",
    "--filters",
    `Name=vpc-id,Values=${state.vpc}`,
    `Name=availability-zone,Values=${zone}`,
  ]);
  const subnet = subnets.Subnets.find((each) => each.CidrBlock.startsWith("10."))?.SubnetId ?? "";
  const told = maxPods === "" ? "" : `,{Key=slash28.dev/max-pods,Value=${maxPods}}`;
  const tags = `ResourceType=instance,Tags=[{Key=kubernetes.io/cluster/${lab.name},Value=owned}${told}]`;
  const where = `--subnet-id ${subnet} --security-group-ids ${state.clusterGroup} --iam-instance-profile Name=slash28-node`;
  const what = `--image-id ami-0a1b2c3d4e5f60718 --instance-type ${type} --tag-specifications`;
  await lab.aws(["ec2", "run-instances", ...`${where} ${what}`.split(" "), tags]);
  return eventually(`a new node in ${zone}`, async () => (await lab.status()).nodes.find((node) => !known.has(node.name))?.name, 30_000);
}

/** Waits until a node has at least so many addresses for pods. */
const holds = (node: string, addresses: number): Promise<unknown> =>
  eventually(`${addresses} addresses of ${node}`, async () => {
    const held = (await lab.status()).nodes.find((each) => each.name === node)?.addresses.held ?? 0;
    if (held < addresses) throw new Error(`${held} held`);
    return true;
  });
const setEnv = async (...settings: string[]): Promise<void> => {
  await lab.kubectl(["set", "env", "daemonset", "aws-node", "-n", "kube-system", ...settings]);
  await lab.kubectl(["rollout", "status", "daemonset", "aws-node", "-n", "kube-system", "--timeout=60s"], { timeoutMs: 70_000 });
};
const maxPodsOf = async (...options: string[]): Promise<string> =>
  (await lab.slash28(["max-pods", "--instance-type", "m5.xlarge", "--cni-version", "1.23.1", ...options])).stdout;

const eniConfig = (zone: string): object => ({
  apiVersion: "crd.k8s.amazonaws.com/v1alpha1",
  kind: "ENIConfig",
  metadata: { name: zone },
  spec: { subnet: state.podSubnets.get(zone), securityGroups: [state.podGroup] },
});

beforeAll(async () => {
  await lab.up({ cluster: defaultCluster({ nodes: 2 }) });
  const name = `Name=tag:Name,Values=${lab.name}-vpc`;
  state.vpc = (await aws<{ Vpcs: { VpcId: string }[] }>(["ec2", "describe-vpcs", "--filters", name])).Vpcs[0]?.VpcId ?? "";
  const groups = await aws<{ SecurityGroups: { GroupId: string }[] }>([
    "ec2",
    "describe-security-groups",
    "--filters",
    `Name=group-name,Values=eks-cluster-sg-${lab.name}`,
  ]);
  state.clusterGroup = groups.SecurityGroups[0]?.GroupId ?? "";
  for (const { zone } of ZONES) state.oldNodes.set(zone, await nodeIn(zone));
}, 120_000);
afterAll(async () => {
  await lab.down();
}, 90_000);

const oldNode = (zone: string): string => state.oldNodes.get(zone) ?? "";

test("P6 a secondary CIDR with a subnet per zone is added; EC2's restrictions hold, and agents translate no traffic to it without a restart", async () => {
  const refused = await lab.awsRaw(["ec2", "associate-vpc-cidr-block", "--vpc-id", state.vpc, "--cidr-block", "192.168.0.0/16"]);
  expect(refused.stderr).toMatch(/InvalidVpc\.Range|restricted/i);
  await lab.aws(["ec2", "associate-vpc-cidr-block", "--vpc-id", state.vpc, "--cidr-block", "100.64.0.0/16"]);
  for (const { zone, cidr } of ZONES) {
    const made = await aws<{ Subnet: { SubnetId: string } }>([
      "ec2",
      "create-subnet",
      "--vpc-id",
      state.vpc,
      "--cidr-block",
      cidr,
      "--availability-zone",
      zone,
    ]);
    state.podSubnets.set(zone, made.Subnet.SubnetId);
    await lab.aws(["ec2", "create-tags", "--resources", made.Subnet.SubnetId, "--tags", `Key=Name,Value=pods-${zone}`]);
  }
  const group = ["ec2", "create-security-group", "--group-name", "pods", "--description", "pods", "--vpc-id", state.vpc];
  state.podGroup = (await aws<{ GroupId: string }>(group)).GroupId;
  // The pods' group lets both ranges in; the nodes' group knows its members and the first range only.
  for (const [id, cidr] of [
    [state.podGroup, "10.0.0.0/16"],
    [state.podGroup, "100.64.0.0/16"],
    [state.clusterGroup, "100.64.0.0/16"],
  ] as const)
    await lab.aws(["ec2", "authorize-security-group-ingress", "--group-id", id, "--protocol", "-1", "--cidr", cidr]);
  await apply(webPod("before-a", "before", onNode(oldNode("us-east-1a"))), webPod("before-b", "before", onNode(oldNode("us-east-1b"))));
  await addressesOf("before", 2);
  const node = oldNode("us-east-1a");
  await eventually(
    "the node not to translate traffic to 100.64.0.0/16",
    async () => /100\.64\.0\.0\/1[06]/.test(await rulesOf(node)),
    60_000,
  );
  expect(
    await lab.kubectl([
      "get",
      "pods",
      "-n",
      "kube-system",
      "-l",
      "k8s-app=aws-node",
      "-o",
      "jsonpath={.items[*].status.containerStatuses[*].restartCount}",
    ]),
  ).toBe("0 0");
});

test("P7 after the switch old nodes keep their pods' addresses, and only ENIs made from then on use the ENIConfig", async () => {
  const before = await addressesOf("before", 2);
  await apply(eniConfig("us-east-1a"));
  await setEnv("AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG=true", "ENI_CONFIG_LABEL_DEF=topology.kubernetes.io/zone");
  expect(await addressesOf("before", 2)).toEqual(before);
  const instanceId = await instanceOf(oldNode("us-east-1a"));
  // The second ENI was made before: its nine addresses stay in use, and more pods than it carries need a new ENI.
  await apply(webDeployment("more", 12, onNode(oldNode("us-east-1a"))));
  const more = await addressesOf("more", 12);
  const [primary, second, third] = await enisOf(instanceId);
  expect([primary, second].map((eni) => eni?.PrivateIpAddress.startsWith("10."))).toEqual([true, true]);
  expect(third).toMatchObject({ SubnetId: state.podSubnets.get("us-east-1a"), Groups: [{ GroupId: state.podGroup }] });
  expect(more.filter((address) => address.startsWith("100.64."))).toHaveLength(3);
}, 90_000);

test("P7 on a new node pods wait for the ENIConfig of its zone, and an event names it; then they get 100.64 addresses, the node 10.x", async () => {
  const node = await launchNode("us-east-1b");
  await apply(webDeployment("new", 3, onNode(node)));
  const told = await eventually("events that name the missing ENIConfig", async () => {
    const { items } = JSON.parse(await lab.kubectl(["get", "events", "-A", "-o", "json"])) as {
      items: { message: string; reason: string; involvedObject: { kind: string; name: string } }[];
    };
    const ofNode = items.find((event) => event.involvedObject.name === node && event.reason === "ENIConfigUnusable");
    // The node is tainted until its first address is there, and the taint says what it waits for.
    const isNamed = (message: string): boolean => message.includes("slash28.dev/no-address: ENIConfig.us-east-1b");
    const ofPod = items.find((event) => event.involvedObject.name.startsWith("new-") && isNamed(event.message));
    return ofNode === undefined || ofPod === undefined ? undefined : { ofNode, ofPod };
  });
  expect(told.ofNode.message).toContain("this node selects ENIConfig us-east-1b, which does not exist");
  expect((await pods("-l", "app=new")).map((pod) => pod.status.phase)).toEqual(["Pending", "Pending", "Pending"]);

  await apply(eniConfig("us-east-1b"));
  const addresses = await addressesOf("new", 3);
  expect(
    addresses.every((address) => /^100\.64\.(3[2-9]|[45]\d|6[0-3])\./.test(address)),
    addresses.join(),
  ).toBe(true);
  expect(await lab.kubectl(["get", "node", node, "-o", "jsonpath={.spec.taints}"])).not.toContain("no-address");
  const [primary, ...others] = await enisOf(await instanceOf(node));
  expect(primary?.PrivateIpAddresses).toHaveLength(1);
  expect(primary?.PrivateIpAddress).toMatch(/^10\.0\./);
  expect(others.map((eni) => [eni.SubnetId, ...eni.Groups.map((group) => group.GroupId)])).toEqual(
    others.map(() => [state.podSubnets.get("us-east-1b"), state.podGroup]),
  );
  expect(await lab.kubectl(["get", "node", node, "-o", 'jsonpath={.status.addresses[?(@.type=="InternalIP")].address}'])).toBe(
    primary?.PrivateIpAddress,
  );
}, 90_000);

test("pods of both ranges reach one another and the internet", async () => {
  const all = await pods("-l", "app in (before,new)");
  const curl = (pod: string, host: string): Promise<string> =>
    lab.kubectl(["exec", pod, "--", "curl", "-sf", "-o", "/dev/null", "-w", "%{http_code}", "--max-time", "5", `http://${host}/`]);
  const [old] = all.filter((pod) => pod.metadata.name.startsWith("before"));
  const [fresh] = all.filter((pod) => pod.metadata.name.startsWith("new"));
  const pairs = [
    [old, fresh?.status.podIP],
    [fresh, old?.status.podIP],
    [fresh, INTERNET_SITE],
  ] as const;
  for (const [from, to] of pairs) expect(await curl(from?.metadata.name ?? "", to ?? ""), `${from?.metadata.name} to ${to}`).toBe("200");
});

test("P7 an m5.xlarge that held addresses for 58 pods holds them for 44: three ENIs of 14, two pods on the host's network", async () => {
  expect(await maxPodsOf()).toContain("58");
  expect(await maxPodsOf("--cni-custom-networking-enabled")).toContain("44");
  await setEnv("WARM_IP_TARGET=100");
  const node = await launchNode("us-east-1b", { type: "m5.xlarge" });
  await holds(node, 3 * 14);
  const carried = (await enisOf(await instanceOf(node))).map((eni) => eni.PrivateIpAddresses.length - 1);
  expect(carried).toEqual([0, 14, 14, 14]);
}, 90_000);

test("with prefixes too, a new node holds /28 blocks of the ENIConfig's subnet, and its primary ENI none", async () => {
  await setEnv("ENABLE_PREFIX_DELEGATION=true", "WARM_PREFIX_TARGET=1", "WARM_IP_TARGET-");
  const node = await launchNode("us-east-1a");
  await apply(webDeployment("dense", 3, onNode(node)));
  expect((await addressesOf("dense", 3)).every((address) => /^100\.64\.([12]?\d|3[01])\./.test(address))).toBe(true);
  const [primary, second] = await enisOf(await instanceOf(node));
  expect([primary?.Ipv4Prefixes ?? [], primary?.PrivateIpAddresses.length]).toEqual([[], 1]);
  const prefixes = second?.Ipv4Prefixes?.map((prefix) => prefix.Ipv4Prefix) ?? [];
  expect(prefixes.length).toBeGreaterThan(0);
  for (const prefix of prefixes) expect(prefix).toMatch(/^100\.64\..*\/28$/);
  expect(second?.PrivateIpAddresses).toHaveLength(1);
}, 90_000);

test("P7 with prefixes an m5.xlarge holds addresses for 110 pods, all on ENIs of the ENIConfig", async () => {
  expect(await maxPodsOf("--cni-custom-networking-enabled", "--cni-prefix-delegation-enabled")).toContain("110");
  await setEnv("WARM_IP_TARGET=200");
  const node = await launchNode("us-east-1a", { type: "m5.xlarge", maxPods: "110" });
  await holds(node, 7 * 16);
  const [primary, ...others] = await enisOf(await instanceOf(node));
  expect([primary?.Ipv4Prefixes ?? [], primary?.PrivateIpAddresses.length]).toEqual([[], 1]);
  const prefixes = others.flatMap((eni) => eni.Ipv4Prefixes ?? []);
  // 110 addresses and no more: seven blocks of sixteen.
  expect(prefixes).toHaveLength(7);
  for (const { Ipv4Prefix } of prefixes) expect(Ipv4Prefix).toMatch(/^100\.64\./);
}, 90_000);
