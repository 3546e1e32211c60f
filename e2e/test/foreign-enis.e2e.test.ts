import type { ClusterFileInput } from "@slash28/cluster-file";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually, labUnderTest, webDeployment, workloadsOf } from "../src/index.ts";

const lab = labUnderTest();
const { apply, scale, running } = workloadsOf(lab);
/** m5.large: three ENIs of nine addresses for pods. */
const cluster: ClusterFileInput = {
  vpc: { subnets: [{ zone: "us-east-1a", cidr: "10.0.0.0/24" }] },
  // Every address is counted: no pod of the system may take one.
  clusterDns: { enabled: false },
  nodeGroups: [{ name: "only", instanceType: "m5.large", nodes: 1 }],
  // Addresses rest shortly: an ENI goes back once the last of them is rested.
  vpcCni: { env: { WARM_IP_TARGET: "1", WARM_ENI_TARGET: "0", IP_COOLDOWN_PERIOD: "1" } },
};

interface EniItem {
  readonly NetworkInterfaceId: string;
  readonly PrivateIpAddresses: readonly { readonly PrivateIpAddress: string }[];
  readonly Attachment: { readonly DeviceIndex: number };
  readonly TagSet: readonly { readonly Key: string; readonly Value: string }[];
}

const state = { instanceId: "", foreign: "" };
const text = async (...args: string[]): Promise<string> => (await lab.aws([...args, "--output", "text"])).trim();
const enis = async (): Promise<readonly EniItem[]> => {
  const filter = `Name=attachment.instance-id,Values=${state.instanceId}`;
  const told = await lab.aws(["ec2", "describe-network-interfaces", "--filters", filter, "--output", "json"]);
  const found = (JSON.parse(told) as { NetworkInterfaces: EniItem[] }).NetworkInterfaces;
  return found.toSorted((a, b) => a.Attachment.DeviceIndex - b.Attachment.DeviceIndex);
};
const setEnv = async (...values: string[]): Promise<void> => {
  await lab.kubectl(["set", "env", "daemonset", "aws-node", "-n", "kube-system", ...values]);
  await lab.kubectl(["rollout", "status", "daemonset", "aws-node", "-n", "kube-system", "--timeout=60s"], { timeoutMs: 70_000 });
};

const toldThatNodeIsFull = (pods: string, words: RegExp): Promise<unknown> =>
  eventually(`a pod ${pods}… to be told that the node cannot grow`, async () => {
    const { items } = JSON.parse(await lab.kubectl(["get", "events", "-o", "json"])) as {
      items: { message: string; involvedObject: { name: string } }[];
    };
    const about = items.filter((event) => event.involvedObject.name.startsWith(pods));
    return about.some((event) => words.test(event.message));
  });

beforeAll(async () => {
  await lab.up({ cluster });
  const status = await lab.status();
  state.instanceId = status.nodes[0]?.instanceId ?? "";
  const tags = "ResourceType=network-interface,Tags=[{Key=node.k8s.amazonaws.com/no_manage,Value=true}]";
  const subnet = status.subnets[0]?.id ?? "";
  const carry = ["--secondary-private-ip-address-count", "2", "--tag-specifications", tags];
  const create = ["ec2", "create-network-interface", "--subnet-id", subnet, ...carry, "--query", "NetworkInterface.NetworkInterfaceId"];
  state.foreign = await text(...create);
  const where = ["--instance-id", state.instanceId, "--device-index", "1"];
  await lab.aws(["ec2", "attach-network-interface", "--network-interface-id", state.foreign, ...where]);
}, 120_000);
afterAll(async () => {
  await lab.down();
}, 90_000);

test("an ENI tagged no_manage serves no pod, is not changed, and counts against the type's limit", async () => {
  await apply(webDeployment("web", 18));
  const pods = await running(18, 60_000, "-l", "app=web");
  const all = await enis();
  expect(all.map((eni) => [eni.Attachment.DeviceIndex, eni.PrivateIpAddresses.length])).toEqual([
    [0, 10],
    [1, 3],
    [2, 10],
  ]);
  const left = all.find((eni) => eni.NetworkInterfaceId === state.foreign);
  expect(left?.TagSet.map((tag) => tag.Key)).toEqual(["node.k8s.amazonaws.com/no_manage"]);
  const theirs = new Set(left?.PrivateIpAddresses.map((each) => each.PrivateIpAddress));
  expect(pods.filter((pod) => theirs.has(pod.status.podIP ?? ""))).toEqual([]);
});

test("a pod beyond that waits, and starts when the ENI is taken off", async () => {
  await scale("web", 19);
  await toldThatNodeIsFull("web-", /no room for another address \(1 of its ENIs is managed by someone else\)/);
  const attachment = await text(
    "ec2",
    "describe-network-interfaces",
    "--network-interface-ids",
    state.foreign,
    "--query",
    "NetworkInterfaces[0].Attachment.AttachmentId",
  );
  await lab.aws(["ec2", "detach-network-interface", "--attachment-id", attachment]);
  await running(19, 90_000, "-l", "app=web");
  await lab.aws(["ec2", "delete-network-interface", "--network-interface-id", state.foreign]);
});

test("MAX_ENI=2 keeps running pods, and as many pods as two ENIs carry run on two ENIs afterwards", async () => {
  await setEnv("MAX_ENI=2");
  await running(19, 30_000, "-l", "app=web");
  await scale("web", 0);
  await eventually("one ENI", async () => (await lab.status()).nodes[0]?.enis === 1, 120_000);
  expect(await enis()).toHaveLength(1);
  await apply(webDeployment("again", 18));
  await running(18, 60_000, "-l", "app=again");
  await scale("again", 19);
  await toldThatNodeIsFull("again-", /MAX_ENI=2 allows the instance no other ENI; raise MAX_ENI/);
  expect(await enis()).toHaveLength(2);
});
