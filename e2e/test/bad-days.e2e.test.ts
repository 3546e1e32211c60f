import type { ClusterFileInput } from "@slash28/cluster-file";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  agentPid,
  booksAgree,
  eventually,
  instanceNamespace,
  labUnderTest,
  podLinks,
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
describe("an agent is killed in the middle of a hundred pods' starts and ends", () => {
  const seed = Number(process.env["SLASH28_SEED"] ?? Date.now() % 100_000);
  let busy = { name: "", namespace: "" };

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

  /** Scales, and when the kernel shows that so many of the hundred are done, strikes. */
  async function strikeWithin(replicas: number, strikeAt: number, strike: () => Promise<void> | void): Promise<void> {
    const others = (await podLinks(busy.namespace)) - (replicas === 0 ? CHURNED : 0);
    await scale("churn", replicas);
    await eventually(`${strikeAt} of ${CHURNED} pods (seed ${seed})`, async () => {
      const links = (await podLinks(busy.namespace)) - others;
      return replicas === 0 ? links <= CHURNED - strikeAt : links >= strikeAt;
    });
    await strike();
  }

  const killed = (): void => {
    const pid = agentPid(busy.namespace);
    if (pid === undefined) throw new Error(`no agent runs on ${busy.name}`);
    process.kill(pid, "SIGKILL");
  };
  const deleted = async (): Promise<void> => {
    await lab.kubectl(["delete", "pod", "-n", "kube-system", await agentPodOn(busy.name), "--force", "--grace-period=0"]);
  };
  const momentOf = (round: number): number => 5 + ((seed * 7919 + round * 104_729) % 90);

  test.each([
    { round: 1, adding: "killed", add: killed, removing: "killed", remove: killed },
    { round: 2, adding: "deleted by force", add: deleted, removing: "killed", remove: killed },
  ])("round $round: $adding while pods start, $removing while they end", async ({ round, add, remove }) => {
    await strikeWithin(CHURNED, momentOf(2 * round), add);
    await running(CHURNED, 60_000, "-l", "app=churn");
    await booksAgree(lab);
    await strikeWithin(0, momentOf(2 * round + 1), remove);
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
