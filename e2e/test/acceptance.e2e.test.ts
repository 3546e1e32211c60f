import { defaultCluster } from "@slash28/cluster-file";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually, labUnderTest } from "../src/index.ts";

const lab = labUnderTest();

interface PodItem {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly nodeName: string };
  readonly status: { readonly phase: string; readonly podIP?: string };
}

interface EniView {
  readonly Ipv4Prefixes?: readonly string[] | null;
}

beforeAll(async () => {
  const file = defaultCluster();
  // Addresses rest shortly: tests wait for what is handed back.
  await lab.up({ cluster: { ...file, vpcCni: { env: { ...file.vpcCni?.env, IP_COOLDOWN_PERIOD: "1" } } } });
}, 180_000);
afterAll(async () => {
  await lab.down();
}, 90_000);

const json = async <T>(...args: string[]): Promise<T> => JSON.parse(await lab.kubectl([...args, "-o", "json"])) as T;
const awsJson = async <T>(...args: string[]): Promise<T> => JSON.parse(await lab.aws([...args, "--output", "json"])) as T;
const pods = async (selector: string): Promise<readonly PodItem[]> =>
  (await json<{ items: PodItem[] }>("get", "pods", "-l", selector)).items;
const running = async (selector: string, count: number): Promise<readonly PodItem[]> =>
  eventually(
    `${count} running pods of ${selector}`,
    async () => {
      const found = await pods(selector);
      return found.length === count && found.every((pod) => pod.status.phase === "Running" && pod.status.podIP !== undefined)
        ? found
        : undefined;
    },
    60_000,
  );
const agentPods = async (): Promise<readonly string[]> =>
  (await lab.kubectl(["get", "pods", "-n", "kube-system", "-l", "k8s-app=aws-node", "-o", "name"]))
    .trim()
    .split("\n")
    .map((name) => name.replace("pod/", ""));
const vpcId = async (): Promise<string> =>
  (await awsJson<{ Vpcs: { VpcId: string }[] }>("ec2", "describe-vpcs", "--filters", `Name=tag:Name,Values=${lab.name}-vpc`)).Vpcs[0]
    ?.VpcId ?? "";
const free = async (): Promise<number> => (await lab.status()).subnets.reduce((sum, subnet) => sum + subnet.free, 0);

describe("inspect", () => {
  test("no pod of a new cluster was ever without a place", async () => {
    const { items } = await json<{ items: { message: string }[] }>("get", "events", "-A", "--field-selector", "reason=FailedScheduling");
    expect(items.map(({ message }) => message)).toEqual([]);
  });

  test("I1 the DaemonSet shows the CNI's environment as set", async () => {
    const yaml = await lab.kubectl(["get", "daemonset", "aws-node", "-n", "kube-system", "-o", "yaml"]);
    expect(yaml).toMatch(/name: WARM_ENI_TARGET\n\s+value: "1"/);
    expect(yaml).toMatch(/name: ENABLE_PREFIX_DELEGATION\n\s+value: "false"/);
  });

  test("I2 jq finds the warm settings", async () => {
    const out = await lab.shell(
      `kubectl get daemonset aws-node -n kube-system -o json | jq -c '.spec.template.spec.containers[0].env[] | select(.name | startswith("WARM"))'`,
    );
    expect(out.trim().split("\n")).toEqual(['{"name":"WARM_ENI_TARGET","value":"1"}', '{"name":"WARM_PREFIX_TARGET","value":"1"}']);
  });

  test("I3 and I4 describe-subnets shows free addresses, falling as pods need more of them", async () => {
    const vpc = await vpcId();
    const table = await lab.aws([
      "ec2",
      "describe-subnets",
      "--filters",
      `Name=vpc-id,Values=${vpc}`,
      "--query",
      "Subnets[*].[SubnetId,CidrBlock,AvailableIpAddressCount]",
      "--output",
      "table",
    ]);
    expect(table).toMatch(/subnet-[0-9a-f]{17}\s+\|\s+10\.0\.0\.0\/20\s+\|\s+\d+/);
    const ids = (await lab.status()).subnets.map((subnet) => subnet.id);
    const before = await awsJson<{ Id: string; Available: number; AZ: string }[]>(
      "ec2",
      "describe-subnets",
      "--subnet-ids",
      ...ids,
      "--query",
      "Subnets[*].{Id:SubnetId,Available:AvailableIpAddressCount,AZ:AvailabilityZone}",
    );
    expect(before.map((subnet) => subnet.AZ).toSorted()).toEqual(["us-east-1a", "us-east-1b"]);
    await lab.kubectl(["create", "deployment", "fill", "--image=nginx", "--replicas=36"]);
    await running("app=fill", 36);
    await eventually("fewer free addresses", async () => (await free()) < before.reduce((sum, subnet) => sum + subnet.Available, 0));
    await lab.kubectl(["delete", "deployment", "fill"]);
    await eventually("the pods to be gone", async () => (await pods("app=fill")).length === 0);
  });

  test("I5 custom columns show each node's max pods", async () => {
    const out = await lab.kubectl([
      "get",
      "nodes",
      "-o",
      "custom-columns=NAME:.metadata.name,CAPACITY:.status.capacity.pods,ALLOCATABLE:.status.allocatable.pods",
    ]);
    const rows = out
      .trim()
      .split("\n")
      .slice(1)
      .map((line) => line.split(/\s+/));
    expect(rows.map(([, capacity, allocatable]) => [capacity, allocatable])).toEqual([
      ["29", "29"],
      ["29", "29"],
      ["29", "29"],
    ]);
  });

  test("I6 the agent's introspection shows ENIs with their addresses in upstream's shape", async () => {
    const [agent = ""] = await agentPods();
    const enis = JSON.parse(
      await lab.shell(`kubectl exec -n kube-system ${agent} -c aws-node -- curl -s http://localhost:61679/v1/enis | jq .`),
    ) as Record<
      string,
      {
        TotalIPs: number;
        ENIs: Record<
          string,
          { ID: string; IsPrimary: boolean; AvailableIPv4Cidrs: Record<string, { Cidr: { IP: string; Mask: string }; IsPrefix: boolean }> }
        >;
      }
    >;
    const card = enis["0"];
    expect(card?.TotalIPs).toBeGreaterThan(0);
    const primary = Object.values(card?.ENIs ?? {}).find((eni) => eni.IsPrimary);
    expect(primary?.ID).toMatch(/^eni-/);
    const [first] = Object.values(primary?.AvailableIPv4Cidrs ?? {});
    expect(first?.Cidr).toEqual({ IP: expect.stringMatching(/^10\.0\./), Mask: "/////w==" });
  });

  test("I7 and I13 the agent's log is readable through kubectl", async () => {
    const [agent = ""] = await agentPods();
    const lines = (await lab.kubectl(["logs", "-n", "kube-system", agent, "-c", "aws-node"])).trim().split("\n");
    expect(lines.length).toBeGreaterThan(3);
    const parsed = lines.flatMap((line) => (line.startsWith("{") ? [JSON.parse(line) as { msg?: string }] : []));
    expect(parsed.some((line) => typeof line.msg === "string" && line.msg.length > 5)).toBe(true);
    const tail = (await lab.kubectl(["logs", "-n", "kube-system", "daemonset/aws-node", "--tail=100"])).trim().split("\n");
    expect(tail.length).toBeLessThanOrEqual(100);
  });

  test("the probe of upstream's manifest finds the agent healthy", async () => {
    const [agent = ""] = await agentPods();
    const probe = "/app/grpc-health-probe -addr=unix:///var/run/aws-node/ipamd.sock -connect-timeout=5s -rpc-timeout=5s";
    const said = await lab.kubectl(["exec", "-n", "kube-system", agent, "-c", "aws-node", "--", ...probe.split(" ")]);
    expect(said.trim()).toBe("status: SERVING");
  });

  test("I8 metrics carry upstream's names", async () => {
    const [agent = ""] = await agentPods();
    const text = await lab.kubectl([
      "exec",
      "-n",
      "kube-system",
      agent,
      "-c",
      "aws-node",
      "--",
      "curl",
      "-s",
      "http://127.0.0.1:61678/metrics",
    ]);
    for (const name of [
      "awscni_total_ip_addresses",
      "awscni_assigned_ip_addresses",
      "awscni_eni_allocated",
      "awscni_eni_max",
      "awscni_ip_max",
      "awscni_add_ip_req_count",
    ])
      expect(text).toContain(name);
  });

  test("I9 describe-instance-types tells the ENI limits", async () => {
    expect(
      await awsJson(
        "ec2",
        "describe-instance-types",
        "--instance-types",
        "m5.large",
        "--query",
        "InstanceTypes[].NetworkInfo.[MaximumNetworkInterfaces,Ipv4AddressesPerInterface]",
      ),
    ).toEqual([[3, 10]]);
  });

  test("I11 a node names its instance in its provider id", async () => {
    const { nodes } = await lab.status();
    const [node] = nodes;
    const out = await lab.shell(`kubectl get node ${node?.name} -o json | jq -r '.spec.providerID'`);
    expect(out.trim()).toBe(`aws:///${node?.zone}/${node?.instanceId}`);
  });
});

describe("pods", () => {
  test("twenty pods own VPC addresses, answer on them, and go away again", async () => {
    await lab.kubectl(["create", "deployment", "web", "--image=nginx", "--replicas=20"]);
    const found = await running("app=web", 20);
    expect(new Set(found.map((pod) => pod.status.podIP)).size).toBe(20);
    expect(new Set(found.map((pod) => pod.spec.nodeName)).size).toBe(3);
    const wide = await lab.kubectl(["get", "pods", "-o", "wide"]);
    expect(wide.split("\n")[0]).toMatch(/^NAME\s+READY\s+STATUS\s+RESTARTS\s+AGE\s+IP\s+NODE/);
    const [from] = found;
    for (const to of [
      found.find((pod) => pod.spec.nodeName === from?.spec.nodeName && pod !== from),
      found.find((pod) => pod.spec.nodeName !== from?.spec.nodeName),
    ]) {
      const body = await lab.kubectl([
        "exec",
        from?.metadata.name ?? "",
        "--",
        "curl",
        "-s",
        "--max-time",
        "5",
        `http://${to?.status.podIP}`,
      ]);
      expect(body).toContain(to?.metadata.name);
    }
    expect(await lab.kubectl(["logs", found.find((pod) => pod.spec.nodeName !== from?.spec.nodeName)?.metadata.name ?? ""])).toContain(
      "GET /",
    );
    const enis = await awsJson<{ NetworkInterfaces: { PrivateIpAddresses: { PrivateIpAddress: string }[] }[] }>(
      "ec2",
      "describe-network-interfaces",
    );
    const owned = new Set(enis.NetworkInterfaces.flatMap((eni) => eni.PrivateIpAddresses.map((address) => address.PrivateIpAddress)));
    expect(found.filter((pod) => !owned.has(pod.status.podIP ?? ""))).toEqual([]);
    await lab.kubectl(["scale", "deployment", "web", "--replicas=5"]);
    await running("app=web", 5);
    await lab.kubectl(["delete", "deployment", "web"]);
    await eventually("no pod left", async () => (await pods("app=web")).length === 0);
  });

  test("every connection of the cluster works", async () => {
    const ran = await lab.slash28(["lab", "verify"], { timeoutMs: 180_000 });
    expect(`${ran.stdout}${ran.stderr}`).toContain("connections work");
    expect(ran.code).toBe(0);
  });
});

describe("change the address plan", () => {
  const setEnv = (...values: string[]): Promise<string> =>
    lab.kubectl(["set", "env", "daemonset", "aws-node", "-n", "kube-system", ...values]);
  const rollout = (): Promise<string> =>
    lab.kubectl(["rollout", "status", "daemonset", "aws-node", "-n", "kube-system", "--timeout=120s"], { timeoutMs: 150_000 });
  const held = async (): Promise<readonly number[]> => (await lab.status()).nodes.map((node) => node.addresses.held);

  test("P3 warm targets give idle addresses back", async () => {
    const before = await free();
    await setEnv("WARM_IP_TARGET=2", "WARM_ENI_TARGET=0", "MINIMUM_IP_TARGET=4");
    await rollout();
    await eventually("every node to hold 4 addresses", async () => (await held()).every((count) => count === 4), 120_000);
    await eventually("the subnets to have more free addresses", async () => (await free()) > before);
  });

  test("P1 and I10 prefix delegation rolls out while running pods keep their addresses", async () => {
    await lab.kubectl(["create", "deployment", "keep", "--image=nginx", "--replicas=3"]);
    const before = await running("app=keep", 3);
    await setEnv("ENABLE_PREFIX_DELEGATION=true", "WARM_PREFIX_TARGET=1", "WARM_IP_TARGET-", "MINIMUM_IP_TARGET-", "WARM_ENI_TARGET=1");
    await rollout();
    await eventually("a prefix on every node", async () => (await held()).every((count) => count >= 16), 60_000);
    const query = "Reservations[0].Instances[0].NetworkInterfaces[*].{ENI:NetworkInterfaceId, Ipv4Prefixes:Ipv4Prefixes[*].Ipv4Prefix}";
    for (const { instanceId } of (await lab.status()).nodes) {
      const enis = await awsJson<EniView[]>("ec2", "describe-instances", "--instance-ids", instanceId, "--query", query);
      expect(enis.flatMap((eni) => eni.Ipv4Prefixes ?? [])).toContainEqual(expect.stringMatching(/^10\.0\.\d+\.\d+\/28$/));
    }
    const after = await pods("app=keep");
    expect(after.map((pod) => [pod.metadata.name, pod.status.podIP])).toEqual(before.map((pod) => [pod.metadata.name, pod.status.podIP]));
    const [first, second] = after;
    await lab.kubectl(["exec", first?.metadata.name ?? "", "--", "curl", "-s", "--max-time", "5", `http://${second?.status.podIP}`]);
  });

  test("P4 address targets in prefix mode hold whole prefixes, rounded up", async () => {
    await lab.kubectl(["delete", "deployment", "keep"]);
    // Pods from before prefix mode keep single addresses, cluster DNS too.
    await lab.kubectl(["rollout", "restart", "deployment", "coredns", "-n", "kube-system"]);
    await lab.kubectl(["rollout", "status", "deployment", "coredns", "-n", "kube-system", "--timeout=60s"]);
    await setEnv("WARM_IP_TARGET=5", "MINIMUM_IP_TARGET=10", "WARM_PREFIX_TARGET=9");
    await rollout();
    await eventually("one prefix per node", async () => (await held()).every((count) => count === 16), 120_000);
  });
});
