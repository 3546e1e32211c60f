import type { ClusterFileInput } from "@slash28/cluster-file";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually, instanceNamespace, labUnderTest, run, webDeployment, workloadsOf, type LabUnderTest } from "../src/index.ts";

interface EventItem {
  readonly reason: string;
  readonly message: string;
  readonly involvedObject: { readonly kind: string; readonly name: string };
}

const events = async (lab: LabUnderTest): Promise<readonly EventItem[]> =>
  (JSON.parse(await lab.kubectl(["get", "events", "-A", "-o", "json"])) as { items: EventItem[] }).items;
const agentRestarts = async (lab: LabUnderTest): Promise<string> =>
  lab.kubectl([
    "get",
    "pods",
    "-n",
    "kube-system",
    "-l",
    "k8s-app=aws-node",
    "-o",
    "jsonpath={.items[*].status.containerStatuses[*].restartCount}",
  ]);

describe("a subnet without free addresses", () => {
  const lab = labUnderTest();
  const { apply, scale, pods, running } = workloadsOf(lab);
  /** A /27 has 27 addresses to give (EC2 keeps five): every ENI takes one, the rest is for pods. */
  const cluster: ClusterFileInput = {
    vpc: { subnets: [{ zone: "us-east-1a", cidr: "10.0.0.0/27" }] },
    nodeGroups: [{ name: "small", instanceType: "m5.large", nodes: 2 }],
    vpcCni: { env: { WARM_IP_TARGET: "1", WARM_ENI_TARGET: "0", IP_COOLDOWN_PERIOD: "1" } },
  };
  const WANTED = 20;
  const OTHERS = 13;
  let subnet = "";
  let eni = "";

  beforeAll(async () => {
    await lab.up({ cluster });
    subnet = (await lab.status()).subnets[0]?.id ?? "";
    const made = ["ec2", "create-network-interface", "--subnet-id", subnet, "--secondary-private-ip-address-count", String(OTHERS - 1)];
    eni = (await lab.aws([...made, "--query", "NetworkInterface.NetworkInterfaceId", "--output", "text"])).trim();
  }, 120_000);
  afterAll(async () => {
    await lab.down();
  }, 90_000);

  /** Waits until no address is left, pods wait, and the events of each name the subnet. */
  async function everyWaitingPodIsTold(selection: string): Promise<readonly string[]> {
    const { about, pending } = await eventually(
      `pods of ${selection} to wait and be told that ${subnet} is full`,
      async () => {
        const { free } = (await lab.status()).subnets[0] ?? {};
        const pending = (await pods("-l", selection)).filter((pod) => pod.status.podIP === undefined).map((pod) => pod.metadata.name);
        const about = (await events(lab)).filter((event) => event.message.includes(`${subnet} is full`));
        const untold = pending.filter((name) => !about.some((event) => event.involvedObject.name === name));
        if (free !== 0 || pending.length === 0 || untold.length > 0)
          throw new Error(`${free} addresses free, ${pending.length} pods wait, ${untold.length} of them untold`);
        return { about, pending };
      },
      60_000,
    );
    const aPods = about.find((event) => event.involvedObject.kind === "Pod" && event.reason === "FailedCreatePodSandBox");
    expect(aPods?.message).toMatch(/no free address on this node: \d+ held, \d+ assigned.*; add a subnet .* or lower the warm targets/);
    expect(about.some((event) => event.reason === "InsufficientFreeAddresses" && event.involvedObject.kind === "Node")).toBe(true);
    return pending;
  }

  test("leaves pods waiting, says so to them and to their nodes, and does not make the nodes unready", async () => {
    await apply(webDeployment("wants", WANTED));
    const waiting = await everyWaitingPodIsTold("app=wants");
    const shown = await lab.kubectl(["get", "pods", "-l", "app=wants"]);
    expect(shown.match(/ContainerCreating/g)).toHaveLength(waiting.length);
    expect((await lab.status()).nodes.map((node) => node.ready)).toEqual([true, true]);
  });

  test("fills with pods when someone else gives addresses back", async () => {
    await lab.aws(["ec2", "delete-network-interface", "--network-interface-id", eni]);
    await running(WANTED, 90_000, "-l", "app=wants");
  });

  test("fills with pods when other pods end", async () => {
    await apply(webDeployment("late", 10));
    await everyWaitingPodIsTold("app=late");
    await scale("wants", 8);
    await running(10, 90_000, "-l", "app=late");
    expect(await agentRestarts(lab)).toBe("0 0");
  });
});

describe("EC2 throttles every call for thirty seconds", () => {
  const lab = labUnderTest();
  const { apply, scale, pods, running } = workloadsOf(lab);
  const WARM = 6;
  /** Per node: a turn every 5 s with three tries, and what one look at the node costs. */
  const CALLS_MAX = 40;
  const cluster: ClusterFileInput = {
    vpc: { subnets: [{ zone: "us-east-1a", cidr: "10.0.0.0/20" }] },
    nodeGroups: [{ name: "only", instanceType: "m5.large", nodes: 1 }],
    vpcCni: { env: { WARM_IP_TARGET: String(WARM), WARM_ENI_TARGET: "0" } },
  };
  let namespace = "";

  beforeAll(async () => {
    await lab.up({ cluster });
    const [node] = (await lab.status()).nodes;
    namespace = instanceNamespace(lab, node?.instanceId ?? "");
    await eventually("a warm pool", async () => (await lab.status()).nodes[0]?.addresses.held === WARM);
  }, 120_000);
  afterAll(async () => {
    await lab.down();
  }, 90_000);

  const ec2Calls = async (): Promise<number> => {
    const { stdout } = await run("ip", ["netns", "exec", namespace, "curl", "-sf", "--max-time", "5", "http://127.0.0.1:61678/metrics"]);
    const counts = [...stdout.matchAll(/^awscni_ec2api_req_count\{.*\} (\d+)$/gm)].map(([, count]) => Number(count));
    if (counts.length === 0) throw new Error("the agent tells no awscni_ec2api_req_count");
    return counts.reduce((sum, count) => sum + count, 0);
  };
  const troubleInLog = async (): Promise<number> =>
    (await lab.kubectl(["logs", "-n", "kube-system", "daemonset/aws-node"]))
      .split("\n")
      .filter((line) => /"level":"(warn|error)"/.test(line)).length;
  const isThrottled = async (): Promise<boolean> => (await lab.slash28(["lab", "fault", "list"])).stdout.includes("throttle");

  test("warm addresses start pods meanwhile, other pods wait and start after, and EC2 is not stormed", async () => {
    const before = { calls: await ec2Calls(), trouble: await troubleInLog() };
    expect((await lab.slash28(["lab", "fault", "order", "throttle", "--for", "30s"])).code).toBe(0);
    await apply(webDeployment("web", WARM));
    const warm = await running(WARM, 25_000, "-l", "app=web");
    const [first, second] = warm;
    await lab.kubectl(["exec", first?.metadata.name ?? "", "--", "curl", "-sf", "--max-time", "5", `http://${second?.status.podIP}`]);
    expect(await isThrottled()).toBe(true);

    await scale("web", 2 * WARM);
    await eventually("a waiting pod to be told why", async () =>
      (await events(lab)).some(
        (event) => event.involvedObject.kind === "Pod" && /no free address .*EC2 throttled AssignPrivateIpAddresses/.test(event.message),
      ),
    );
    const waiting = await pods("-l", "app=web");
    if (await isThrottled()) expect(waiting.filter((pod) => pod.status.podIP !== undefined)).toHaveLength(WARM);

    await eventually("the fault to end", async () => !(await isThrottled()), 40_000);
    const during = { calls: (await ec2Calls()) - before.calls, trouble: (await troubleInLog()) - before.trouble };
    expect(during.calls).toBeGreaterThan(0);
    expect(during.calls).toBeLessThanOrEqual(CALLS_MAX);
    // A turn's refusal is one line; so is each try of each of the pods that wait.
    expect(during.trouble).toBeLessThanOrEqual(CALLS_MAX + WARM * 10);
    await running(2 * WARM, 30_000, "-l", "app=web");
    expect(await agentRestarts(lab)).toBe("0");
  });
});
