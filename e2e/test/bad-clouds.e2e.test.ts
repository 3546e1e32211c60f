import type { ClusterFileInput } from "@slash28/cluster-file";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually, instanceNamespace, labUnderTest, run, webDeployment, workloadsOf, type LabUnderTest } from "../src/index.ts";

/** A /27 has 27 addresses to give (EC2 keeps five): every ENI takes one, the rest is for pods. */
const SMALL: ClusterFileInput = {
  // Every address is counted: no pod of the system may take one.
  clusterDns: { enabled: false },
  vpc: { subnets: [{ zone: "us-east-1a", cidr: "10.0.0.0/27" }] },
  nodeGroups: [{ name: "small", instanceType: "m5.large", nodes: 2 }],
  vpcCni: { env: { WARM_IP_TARGET: "1", WARM_ENI_TARGET: "0", IP_COOLDOWN_PERIOD: "1" } },
};
const WARM = 6;
const WIDE: ClusterFileInput = {
  clusterDns: { enabled: false },
  vpc: { subnets: [{ zone: "us-east-1a", cidr: "10.0.0.0/20" }] },
  nodeGroups: [{ name: "only", instanceType: "m5.large", nodes: 1 }],
  vpcCni: { env: { WARM_IP_TARGET: String(WARM), WARM_ENI_TARGET: "0" } },
};

interface EventItem {
  readonly reason: string;
  readonly message: string;
  readonly involvedObject: { readonly kind: string; readonly name: string };
}

const small = labUnderTest();
const throttled = labUnderTest();

beforeAll(async () => {
  await Promise.all([small.up({ cluster: SMALL }), throttled.up({ cluster: WIDE })]);
}, 180_000);
afterAll(async () => {
  await Promise.all([small.down(), throttled.down()]);
}, 90_000);

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

interface Trouble {
  /** EC2 calls so far, refused ones too. */
  readonly calls: number;
  /** Warnings and errors in the agent's log. */
  readonly lines: number;
}

let before: Trouble = { calls: 0, lines: 0 };
/** A turn every 5 s with three tries, what one look at the node costs, and the growth afterwards. */
const CALLS_MAX = 45;

async function trouble(): Promise<Trouble> {
  const [node] = (await throttled.status()).nodes;
  const inNode = ["netns", "exec", instanceNamespace(throttled, node?.instanceId ?? "")];
  const { stdout } = await run("ip", [...inNode, "curl", "-sf", "--max-time", "5", "http://127.0.0.1:61678/metrics"]);
  const counts = [...stdout.matchAll(/^awscni_ec2api_req_count\{.*\} (\d+)$/gm)].map(([, count]) => Number(count));
  if (counts.length === 0) throw new Error("the agent tells no awscni_ec2api_req_count");
  const log = await throttled.kubectl(["logs", "-n", "kube-system", "daemonset/aws-node"]);
  const lines = log.split("\n").filter((line) => /"level":"(warn|error)"/.test(line)).length;
  return { calls: counts.reduce((sum, count) => sum + count, 0), lines };
}

const isThrottled = async (): Promise<boolean> => (await throttled.slash28(["lab", "fault", "list"])).stdout.includes("throttle");

/** The fault lasts while the tests of the other lab run; what comes after it is looked at in the end. */
describe("EC2 throttles every call for thirty seconds", () => {
  const { apply, scale, pods, running } = workloadsOf(throttled);

  test("meanwhile warm addresses start pods, and other pods wait and are told why", async () => {
    await eventually("a warm pool", async () => (await throttled.status()).nodes[0]?.addresses.held === WARM);
    before = await trouble();
    expect((await throttled.slash28(["lab", "fault", "throttle", "--for", "30s"])).code).toBe(0);
    await apply(webDeployment("web", WARM));
    const [first, second] = await running(WARM, 25_000, "-l", "app=web");
    const from = first?.metadata.name ?? "";
    await throttled.kubectl(["exec", from, "--", "curl", "-sf", "--max-time", "5", `http://${second?.status.podIP}`]);
    expect(await isThrottled()).toBe(true);

    await scale("web", 2 * WARM);
    const words = /no free address .*EC2 throttled AssignPrivateIpAddresses; it is retried/;
    await eventually("a waiting pod to be told why", async () =>
      (await events(throttled)).some((event) => event.involvedObject.kind === "Pod" && words.test(event.message)),
    );
    const withAddress = (await pods("-l", "app=web")).filter((pod) => pod.status.podIP !== undefined);
    if (await isThrottled()) expect(withAddress).toHaveLength(WARM);
  });
});

describe("a subnet without free addresses", () => {
  const lab = small;
  const { apply, scale, pods, running } = workloadsOf(lab);
  const WANTED = 20;
  const OTHERS = 13;
  let subnet = "";
  let eni = "";

  beforeAll(async () => {
    subnet = (await lab.status()).subnets[0]?.id ?? "";
    const made = ["ec2", "create-network-interface", "--subnet-id", subnet, "--secondary-private-ip-address-count", String(OTHERS - 1)];
    eni = (await lab.aws([...made, "--query", "NetworkInterface.NetworkInterfaceId", "--output", "text"])).trim();
  });

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

describe("after the throttling", () => {
  const { running } = workloadsOf(throttled);

  test("the pods that waited start, EC2 was not stormed, and the log not flooded", async () => {
    await eventually("the fault to end", async () => !(await isThrottled()), 40_000);
    await running(2 * WARM, 30_000, "-l", "app=web");
    const now = await trouble();
    const during = { calls: now.calls - before.calls, lines: now.lines - before.lines };
    expect(during.calls).toBeGreaterThan(0);
    expect(during.calls).toBeLessThanOrEqual(CALLS_MAX);
    // A turn's refusal is one line; so is each try of each of the pods that wait.
    expect(during.lines).toBeLessThanOrEqual(CALLS_MAX + WARM * 10);
    expect(await agentRestarts(throttled)).toBe("0");
  });
});
