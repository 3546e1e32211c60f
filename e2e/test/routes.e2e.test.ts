import type { ClusterFileInput } from "@slash28/cluster-file";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually, labUnderTest, run, webPod, workloadsOf } from "../src/index.ts";

const SITE = "198.51.100.80";
const SITE6 = "2001:db8:51:100::80";
const cluster: ClusterFileInput = {
  vpc: {
    ipv6: true,
    subnets: [
      { name: "nodes", zone: "us-east-1a", cidr: "10.0.0.0/24", kind: "private" },
      { name: "open", zone: "us-east-1a", cidr: "10.0.1.0/24" },
    ],
  },
  nodeGroups: [{ name: "default", instanceType: "m5.large", nodes: 1 }],
  clusterDns: { enabled: false },
};

const lab = labUnderTest();
const { apply, running } = workloadsOf(lab);
const state = { table: "", nat: "", gateway: "", natAddress: "" };

const text = async (...args: readonly string[]): Promise<string> => (await lab.aws(["ec2", ...args, "--output", "text"])).trim();
const reaches = async (): Promise<boolean> =>
  (await lab.kubectlRaw(["exec", "web", "--", "curl", "-s", "-m", "2", `http://${SITE}/`])).stdout.includes("the internet is here");

/** Which of the addresses the internet saw connections from while `work` ran, by the packets counted there. */
async function seenFrom(addresses: readonly string[], work: () => Promise<unknown>): Promise<readonly string[]> {
  const nft = (...args: readonly string[]) => run("ip", ["netns", "exec", `s28-${lab.name}-internet`, "nft", ...args]);
  await nft("add table ip seen; add chain ip seen in { type filter hook input priority 0; }");
  for (const address of addresses) await nft(`add rule ip seen in ip saddr ${address} tcp dport 80 ip daddr ${SITE} counter`);
  await work();
  const { stdout } = await nft("list", "table", "ip", "seen");
  await nft("delete", "table", "ip", "seen");
  return addresses.filter((address) => new RegExp(`saddr ${address} .*packets [1-9]`).test(stdout));
}

beforeAll(async () => {
  await lab.up({ cluster });
  await apply(webPod("web", "web"));
  await running(1, 60_000, "-l", "app=web");
  state.nat = await text("describe-nat-gateways", "--query", "NatGateways[0].NatGatewayId");
  state.natAddress = await text("describe-addresses", "--query", "Addresses[0].PublicIp");
  state.gateway = await text("describe-internet-gateways", "--query", "InternetGateways[0].InternetGatewayId");
  state.table = await text(
    "describe-route-tables",
    "--filters",
    `Name=route.nat-gateway-id,Values=${state.nat}`,
    "--query",
    "RouteTables[0].RouteTableId",
  );
}, 240_000);
afterAll(() => lab.down(), 90_000);

test("a node of a private subnet has no public address, and its pods leave under the NAT gateway's", async () => {
  const given = await text("describe-instances", "--query", "Reservations[].Instances[].PublicIpAddress");
  expect(given).toBe("");
  await eventually("the pod reaches the internet", reaches, 20_000);
  const node = await text("describe-instances", "--query", "Reservations[].Instances[].PrivateIpAddress");
  expect(await seenFrom([state.natAddress, node], reaches)).toEqual([state.natAddress]);
});

test("delete-route closes the way out for pods, and create-route opens it again", async () => {
  const route = ["--route-table-id", state.table, "--destination-cidr-block", "0.0.0.0/0"];
  await text("delete-route", ...route);
  expect(await reaches()).toBe(false);
  await text("create-route", ...route, "--nat-gateway-id", state.nat);
  expect(await reaches()).toBe(true);
});

test("a more specific route decides: to an address the gateway takes no private address from, it is closed", async () => {
  const route = ["--route-table-id", state.table, "--destination-cidr-block", `${SITE}/32`];
  await text("create-route", ...route, "--gateway-id", state.gateway);
  expect(await reaches()).toBe(false);
  const address = await text("allocate-address", "--query", "AllocationId");
  const instance = await text("describe-instances", "--query", "Reservations[].Instances[].InstanceId");
  const association = await text("associate-address", "--allocation-id", address, "--instance-id", instance, "--query", "AssociationId");
  expect(await reaches()).toBe(true);
  await text("disassociate-address", "--association-id", association);
  expect(await reaches()).toBe(false);
  await text("delete-route", ...route);
  expect(await reaches()).toBe(true);
});

test("with IPv6 a node of a private subnet reaches out through the egress-only gateway, and nobody reaches in", async () => {
  const instance = await text("describe-instances", "--query", "Reservations[].Instances[].InstanceId");
  const address = await text("describe-instances", "--query", "Reservations[].Instances[].Ipv6Address");
  const ping = async (namespace: string, to: string): Promise<boolean> =>
    (await run("ip", ["netns", "exec", `s28-${lab.name}-${namespace}`, "ping", "-6", "-c", "1", "-W", "2", to])).code === 0;
  const group = await text(
    "describe-security-groups",
    "--filters",
    "Name=group-name,Values=eks-cluster-sg-*",
    "--query",
    "SecurityGroups[].GroupId",
  );
  const anyone = "IpProtocol=-1,Ipv6Ranges=[{CidrIpv6=::/0}]";
  await text("authorize-security-group-ingress", "--group-id", group, "--ip-permissions", anyone);
  expect(await ping(instance, SITE6)).toBe(true);
  expect(await ping("internet", address)).toBe(false);
  const route = ["--route-table-id", state.table, "--destination-ipv6-cidr-block", "::/0"];
  await text("replace-route", ...route, "--gateway-id", state.gateway);
  expect(await ping("internet", address)).toBe(true);
  await text("delete-route", ...route);
  expect(await ping(instance, SITE6)).toBe(false);
});

test("without its NAT gateway the route is a blackhole", async () => {
  await text("delete-nat-gateway", "--nat-gateway-id", state.nat);
  const query = "RouteTables[0].Routes[?DestinationCidrBlock=='0.0.0.0/0'].State";
  expect(await text("describe-route-tables", "--route-table-ids", state.table, "--query", query)).toBe("blackhole");
  expect(await reaches()).toBe(false);
});
