import type { ClusterFileInput } from "@slash28/cluster-file";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  agentPid,
  booksAgree,
  eventually,
  instanceNamespace,
  labUnderTest,
  podLinks,
  run,
  talker,
  talkOf,
  webDeployment,
  webPod,
  workloadsOf,
} from "../src/index.ts";

const lab = labUnderTest();
const CHURNED = 100;
const ON_BUSY = { "eks.amazonaws.com/nodegroup": "busy" };
const ON_PEER = { "eks.amazonaws.com/nodegroup": "peer" };
/** Addresses rest so shortly that those of killed pods are in use again a moment later: a double owner would show. */
const cluster: ClusterFileInput = {
  // Every address is counted: no pod of the system may take one.
  clusterDns: { enabled: false },
  vpc: { subnets: [{ zone: "us-east-1a", cidr: "10.0.0.0/20" }] },
  nodeGroups: [
    { name: "busy", instanceType: "m5.large", nodes: 1, maxPods: CHURNED + 10 },
    { name: "peer", instanceType: "m5.large", nodes: 1 },
  ],
  vpcCni: { env: { ENABLE_PREFIX_DELEGATION: "true", WARM_PREFIX_TARGET: "1", IP_COOLDOWN_PERIOD: "3" } },
};

beforeAll(async () => {
  await lab.up({ cluster });
}, 120_000);
afterAll(async () => {
  await lab.down();
}, 90_000);

const { apply, scale, pods, running, gone } = workloadsOf(lab);
const agentPodOn = async (node: string): Promise<string> => {
  const found = (await pods("-n", "kube-system", "-l", "k8s-app=aws-node")).find(
    (pod) => pod.spec.nodeName === node && pod.metadata.deletionTimestamp === undefined,
  );
  if (found === undefined) throw new Error(`no agent's pod on ${node}`);
  return found.metadata.name;
};
describe("agents are killed in the middle of a hundred pods' starts and ends, and nodes end", () => {
  const seed = Number(process.env["SLASH28_SEED"] ?? Date.now() % 100_000);
  let busy = { name: "", namespace: "" };
  let agentPod = "";

  beforeAll(async () => {
    const status = await lab.status();
    const node = status.nodes.find((each) => each.maxPods === CHURNED + 10);
    busy = { name: node?.name ?? "", namespace: instanceNamespace(lab, node?.instanceId ?? "") };
    await apply(webPod("served-busy", "served", ON_BUSY), webPod("served-peer", "served", ON_PEER));
    const served = await running(2, 30_000, "-l", "app=served");
    const peers = served.map((pod) => pod.status.podIP ?? "");
    await apply(talker("talks-busy", ON_BUSY, peers), talker("talks-peer", ON_PEER, peers), webDeployment("churn", 0, ON_BUSY));
    await eventually("the pods to talk", async () => (await talkOf(lab, "talks-busy")).ok > 0 && (await talkOf(lab, "talks-peer")).ok > 0);
  });

  /** Scales, and strikes as soon as the kernel shows that so many of the hundred are done. */
  async function strikeWithin(replicas: number, strikeAt: number, strike: () => Promise<void> | void): Promise<void> {
    const before = await podLinks(busy.namespace);
    const scaled = scale("churn", replicas);
    let done = 0;
    // Without a pause in between: a hundred pods start in a second.
    for (const end = Date.now() + 30_000; done < strikeAt; done = Math.abs((await podLinks(busy.namespace)) - before))
      if (Date.now() > end) throw new Error(`only ${done} of ${CHURNED} pods after 30 s (seed ${seed})`);
    await strike();
    console.info(`seed ${seed}: struck when ${done} of ${CHURNED} were done`);
    await scaled;
  }

  const killed = (): void => {
    const pid = agentPid(busy.namespace);
    if (pid === undefined) throw new Error(`no agent runs on ${busy.name}`);
    process.kill(pid, "SIGKILL");
  };
  const deleted = async (): Promise<void> => {
    await lab.kubectl(["delete", "pod", "-n", "kube-system", agentPod, "--force", "--grace-period=0"]);
  };
  const momentOf = (round: number): number => 5 + ((seed * 7919 + round * 104_729) % 60);

  // A pod deleted by force is killed, and its successor starts without the back-off of one that crashed twice.
  test.each([1, 2])("round %i: killed while pods start, deleted by force while they end", async (round) => {
    // The successor of the one that the round before deleted may be starting.
    await eventually(`an agent on ${busy.name}`, async () => agentPid(busy.namespace) !== undefined);
    await strikeWithin(CHURNED, momentOf(2 * round), killed);
    await running(CHURNED, 60_000, "-l", "app=churn");
    await booksAgree(lab);
    agentPod = await agentPodOn(busy.name);
    await strikeWithin(0, momentOf(2 * round + 1), deleted);
    await gone(60_000, "-l", "app=churn");
    await booksAgree(lab);
  });

  test("pods that ran all the time kept their addresses and every connection, and no request failed", async () => {
    for (const name of ["talks-busy", "talks-peer"]) {
      const before = await talkOf(lab, name);
      expect(before, `seed ${seed}`).toMatchObject({ failed: 0, connections: 2, peers: 2 });
      await eventually(`${name} to go on`, async () => (await talkOf(lab, name)).ok > before.ok);
    }
    expect((await pods("-l", "app=served")).map((pod) => pod.status.phase)).toEqual(["Running", "Running"]);
  });

  test("a terminated instance takes its Node, pods and ENIs with it; deployed pods move", async () => {
    const peer = (await lab.status()).nodes.find((node) => node.name !== busy.name);
    await apply(webDeployment("moves", 6));
    const before = await running(6, 30_000, "-l", "app=moves");
    expect(before.some((pod) => pod.spec.nodeName === peer?.name)).toBe(true);
    await lab.aws(["ec2", "terminate-instances", "--instance-ids", peer?.instanceId ?? ""]);
    await eventually("the Node to go", async () => (await lab.kubectlRaw(["get", "node", peer?.name ?? ""])).stderr.includes("NotFound"));
    const after = await running(6, 30_000, "-l", "app=moves");
    expect(after.every((pod) => pod.spec.nodeName !== peer?.name)).toBe(true);
    await eventually("pods that nobody moves to be gone", async () => (await pods("-l", "app=served")).length === 1);
    // Its node group launches another instance, whose ENIs come and attach meanwhile.
    await eventually("no ENI to be left over", async () => {
      const left = JSON.parse(await lab.aws(["ec2", "describe-network-interfaces", "--output", "json"])) as {
        NetworkInterfaces: { Status: string; Attachment?: { InstanceId?: string } }[];
      };
      return left.NetworkInterfaces.every((eni) => eni.Status === "in-use" && eni.Attachment?.InstanceId !== peer?.instanceId);
    });
    // Another lab of the same seed on this machine has an instance of the same id.
    expect((await run("ip", ["netns", "list"])).stdout).not.toContain(`s28-${lab.name}-${peer?.instanceId}`);
  });

  test("an instance with the cluster's tag joins as a node and runs pods", async () => {
    const { subnets } = await lab.status();
    const group = ["ec2", "describe-security-groups", "--filters", `Name=group-name,Values=eks-cluster-sg-${lab.name}`];
    const groupId = (await lab.aws([...group, "--query", "SecurityGroups[0].GroupId", "--output", "text"])).trim();
    const launch = ["ec2", "run-instances", "--image-id", "ami-0a1b2c3d4e5f60718", "--instance-type", "m5.xlarge", "--count", "1"];
    const place = ["--subnet-id", subnets[0]?.id ?? "", "--security-group-ids", groupId, "--iam-instance-profile", "Name=slash28-node"];
    const tags = `ResourceType=instance,Tags=[{Key=kubernetes.io/cluster/${lab.name},Value=owned}]`;
    const query = ["--query", "Instances[0].InstanceId", "--output", "text"];
    const instanceId = (await lab.aws([...launch, ...place, "--tag-specifications", tags, ...query])).trim();
    const joined = await eventually("the instance to be a ready node", async () =>
      (await lab.status()).nodes.find((node) => node.instanceId === instanceId && node.ready),
    );
    expect(joined).toMatchObject({ instanceType: "m5.xlarge", maxPods: 58 });
    await apply(webDeployment("new", 5, { "kubernetes.io/hostname": joined.name }));
    const [first] = await running(5, 30_000, "-l", "app=new");
    const from = (await pods("-l", "app=moves"))[0]?.metadata.name ?? "";
    const page = await lab.kubectl(["exec", from, "--", "curl", "-s", "--max-time", "5", `http://${first?.status.podIP}`]);
    expect(page).toContain(first?.metadata.name);
    await booksAgree(lab);
  });

  test("what the hundred pods needed goes back to EC2", async () => {
    await eventually(
      "the node to hold what it needs and one spare prefix",
      async () => {
        const node = (await lab.status()).nodes.find((each) => each.name === busy.name);
        if (node?.addresses.held !== 32 || node.addresses.cooling !== 0) throw new Error(JSON.stringify(node?.addresses));
        return true;
      },
      60_000,
    );
    await booksAgree(lab);
  });
});
