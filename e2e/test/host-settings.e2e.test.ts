import { readFileSync } from "node:fs";
import type { ClusterFileInput } from "@slash28/cluster-file";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually, instanceNamespace, labUnderTest, run, webPod, workloadsOf } from "../src/index.ts";

const lab = labUnderTest();
const { apply, running } = workloadsOf(lab);
const cluster: ClusterFileInput = {
  vpc: { subnets: [{ zone: "us-east-1a", cidr: "10.0.0.0/24" }] },
  nodeGroups: [{ name: "only", instanceType: "m5.large", nodes: 1 }],
  // A spare ENI from the start: pods come to be on both.
  vpcCni: { env: { WARM_IP_TARGET: "12" } },
};
const INTERNET_SITE = "198.51.100.80";
const state = { namespace: "", node: "" };

const setEnv = async (...values: string[]): Promise<void> => {
  await lab.kubectl(["set", "env", "daemonset", "aws-node", "-n", "kube-system", ...values]);
  await lab.kubectl(["rollout", "status", "daemonset", "aws-node", "-n", "kube-system", "--timeout=60s"], { timeoutMs: 70_000 });
};
const onNode = async (...command: string[]): Promise<string> => (await run("ip", ["netns", "exec", state.namespace, ...command])).stdout;
const pod = async (name: string): Promise<string> => {
  await apply(webPod(name, name));
  const [found] = await running(1, 40_000, "-l", `app=${name}`);
  return found?.status.podIP ?? "";
};
/** The HTTP status that a pod gets from a site outside the VPC; `000` when no answer comes. */
const asks = async (name: string): Promise<string> =>
  (
    await lab.kubectlRaw([
      "exec",
      name,
      "--",
      "curl",
      "-s",
      "-o",
      "/dev/null",
      "-w",
      "%{http_code}",
      "--max-time",
      "3",
      `http://${INTERNET_SITE}/`,
    ])
  ).stdout;
/** What events of the node say of its settings. */
const complaints = async (): Promise<readonly string[]> => {
  const told = await lab.kubectl(["get", "events", "-A", "-o", "json"]);
  const { items } = JSON.parse(told) as { items: { reason: string; message: string; involvedObject: { name: string } }[] };
  return items.filter((each) => each.reason === "InvalidSettings" && each.involvedObject.name === state.node).map((each) => each.message);
};
/** The link of the node that leads to a pod. */
const linkTo = async (address: string): Promise<string> => /dev (\S+)/.exec(await onNode("ip", "route", "show", address))?.[1] ?? "";

beforeAll(async () => {
  await lab.up({ cluster });
  const [node] = (await lab.status()).nodes;
  state.node = node?.name ?? "";
  state.namespace = instanceNamespace(lab, node?.instanceId ?? "");
}, 120_000);
afterAll(async () => {
  await lab.down();
}, 90_000);

test("wrong and misspelled settings are told by an event of the node, with what is used instead; the node goes on", async () => {
  expect(await complaints()).toEqual([]);
  await setEnv("IP_COOLDOWN_PERIOD=soon", "WARM_IP_TARGTE=9", "ANNOTATE_POD_IP=true");
  const message = await eventually("an event InvalidSettings", async () => (await complaints())[0]);
  expect(message).toContain("IP_COOLDOWN_PERIOD=soon: is not a whole number, 0 or more; used: 30");
  expect(message).toContain("WARM_IP_TARGTE=9 has no effect: there is no such setting; was WARM_IP_TARGET meant?");
  const address = await pod("annotated");
  await eventually("the pod's annotation", async () => {
    const annotations = await lab.kubectl(["get", "pod", "annotated", "-o", "jsonpath={.metadata.annotations}"]);
    return annotations.includes(`"vpc.amazonaws.com/pod-ips":"${address}"`);
  });
  await setEnv("IP_COOLDOWN_PERIOD-", "WARM_IP_TARGTE-");
}, 90_000);

test("the plugin keeps a line of each call on its node", async () => {
  const found = (await run("find", [lab.runDir, "-path", "*/var/log/aws-routed-eni/plugin.log"])).stdout.trim();
  expect(readFileSync(found, "utf8")).toMatch(/"msg":"ADD done".*K8S_POD_NAME=annotated/);
});

test("external SNAT: what leaves the VPC keeps the pod's address, so nothing comes back; a running pod is translated again afterwards", async () => {
  expect(await asks("annotated")).toBe("200");
  await setEnv("AWS_VPC_K8S_CNI_EXTERNALSNAT=true");
  expect(await asks("annotated")).toBe("000");
  await setEnv("AWS_VPC_K8S_CNI_EXTERNALSNAT=false");
  expect(await asks("annotated")).toBe("200");
}, 90_000);

test("an excluded range is not translated; an external service range goes by the main table", async () => {
  await setEnv("AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS=198.51.100.0/24", "AWS_EXTERNAL_SERVICE_CIDRS=203.0.113.0/24");
  expect(await asks("annotated")).toBe("000");
  expect(await onNode("ip", "rule", "show")).toMatch(/1535:\s+from all to 203\.0\.113\.0\/24 lookup main/);
  await setEnv("AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS-", "AWS_EXTERNAL_SERVICE_CIDRS-");
  expect(await asks("annotated")).toBe("200");
  expect(await onNode("ip", "rule", "show")).not.toContain("1535:");
}, 90_000);

test("MTU and link prefix hold for new pods and for ENIs; a running pod keeps its link and its connections", async () => {
  const before = await linkTo((await running(1, 10_000, "-l", "app=annotated"))[0]?.status.podIP ?? "");
  await setEnv("AWS_VPC_ENI_MTU=1600", "POD_MTU=1400", "AWS_VPC_K8S_CNI_VETHPREFIX=vth", "DISABLE_TCP_EARLY_DEMUX=true");
  const link = await linkTo(await pod("later"));
  expect(link).toMatch(/^vth[0-9a-f]{11}$/);
  expect(await onNode("ip", "-o", "link", "show", link)).toContain("mtu 1400");
  expect(await lab.kubectl(["exec", "later", "--", "cat", "/sys/class/net/eth0/mtu"])).toBe("1400\n");
  expect(await onNode("ip", "-o", "link", "show", "eth0")).toContain("mtu 1600");
  expect(await onNode("cat", "/proc/sys/net/ipv4/tcp_early_demux")).toBe("0\n");
  expect(before).toMatch(/^eni/);
  expect(await onNode("ip", "-o", "link", "show", before)).toContain("mtu 9001");
  for (const name of ["annotated", "later"]) expect(await asks(name), name).toBe("200");
}, 90_000);
