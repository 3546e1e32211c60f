import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:tls";
import { cidr6, ipv4, ipv6 } from "@slash28/address";
import { createEks, type ClusterRecord, type Eks, type EksCall } from "@slash28/eks";
import { RESOURCES } from "@slash28/kube";
import { afterEach, expect, test } from "vitest";
import { issuerUrl } from "../../../src/aws/eks/index.ts";
import { createApiServer } from "../../../src/kubernetes/api-server/index.ts";
import { NO_STATE } from "../../../src/state/index.ts";
import { startClusterUnit, type ClusterUnit } from "../../../src/supervisor/eks/cluster-unit.ts";
import { clusterPlace } from "../../../src/supervisor/eks/control-plane-place.ts";

const NO_LOG = { debug() {}, info() {}, warn() {}, error() {}, child: () => NO_LOG } as never;
const clock = { now: () => Date.now(), sleep: (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms)) };
const ADDRESS = ipv4("198.51.100.130");

const units: ClusterUnit[] = [];
afterEach(async () => {
  await Promise.all(units.splice(0).map((unit) => unit.close()));
});

const CALL: EksCall = {
  now: clock.now(),
  callerArn: "arn:aws:iam::123456789012:root",
  network: {
    subnet: (id) => ({ vpcId: "v", zone: id, freeAddresses: 9, hasIpv6: true }),
    securityGroup: () => undefined,
    vpcCidrs: () => [],
  },
  newUuid: randomUUID,
  nodeGroups: () => [],
};

function aCluster(ipFamily: "ipv4" | "ipv6" = "ipv4"): { readonly eks: Eks; readonly cluster: ClusterRecord } {
  const eks = createEks({ region: "us-east-1", accountId: "123456789012" });
  const made = eks.act(
    "createCluster",
    {
      name: "one",
      roleArn: "arn:aws:iam::123456789012:role/r",
      vpcConfig: { subnetIds: ["a", "b"] },
      networkConfig: ipFamily === "ipv4" ? { serviceIpv4Cidr: "10.55.0.0/16" } : { ipFamily },
      hasSelfManagedAddons: false,
    },
    CALL,
  );
  if (!made.ok) throw new Error(made.error.message);
  return { eks, cluster: made.value };
}

interface Start {
  readonly port?: number;
  readonly mayMove?: boolean;
  readonly ipFamily?: "ipv4" | "ipv6";
}

async function start({ port = 0, mayMove = false, ipFamily = "ipv4" }: Start = {}): Promise<ClusterUnit & ReturnType<typeof aCluster>> {
  const books = aCluster(ipFamily);
  const unit = await startClusterUnit(books.cluster, {
    eks: books.eks,
    callers: { arnOf: () => undefined, secretOf: () => undefined },
    place: clusterPlace({ fabric: undefined, address: ADDRESS, port, mayMove, findNode: () => undefined }),
    objects: NO_STATE.log("cluster-one"),
    keys: NO_STATE.document("cluster-one-keys"),
    clock,
    log: NO_LOG,
    random: Math.random,
  });
  units.push(unit);
  return { ...unit, ...books };
}

test("a control plane has the service range and the issuer of its cluster's record; without a fabric its nodes go where the operator goes", async () => {
  const { api, gateway, endpoint, eks, cluster } = await start();
  const service = await api.kube.get(RESOURCES.services, "kubernetes", "default");
  expect(service?.["spec"]).toMatchObject({ clusterIP: "10.55.0.1" });
  const discovery = await api.handle(new Request("https://cluster/.well-known/openid-configuration"), undefined);
  expect(await discovery.json()).toMatchObject({ issuer: issuerUrl(eks, cluster.issuerId) });
  expect(endpoint).toBe(gateway.outside.url);
});

test("an IPv6 cluster's services are in the range that it is described with, and its certificate speaks for the first of them", async () => {
  const { api, gateway, cluster } = await start({ ipFamily: "ipv6" });
  if (cluster.network.ipFamily !== "ipv6") throw new Error("not an IPv6 cluster");
  const [network] = cluster.network.serviceIpv6Cidr.split("/");
  expect(network).toMatch(/^fd[0-9a-f]{2}:[0-9a-f:]+::$/);
  const service = await api.kube.get(RESOURCES.services, "kubernetes", "default");
  expect(service?.["spec"]).toMatchObject({ clusterIP: `${network}1`, clusterIPs: [`${network}1`], ipFamilies: ["IPv6"] });
  const socket = connect({ host: gateway.outside.host, port: gateway.outside.port, ca: api.caPem, checkServerIdentity: () => undefined });
  await once(socket, "secureConnect");
  const certificate = socket.getPeerX509Certificate();
  socket.destroy();
  expect(certificate?.checkIP(`${network}1`)).toBe(`${network}1`);
  expect(certificate?.checkIP(`${network}2`)).toBeUndefined();
});

test("new pods have AWS credentials by the associations that EKS has for their cluster as they are then", async () => {
  const { api, eks } = await start();
  eks.act("clusterStarted", { name: "one", connection: { endpoint: "https://one", caPem: "" }, clusterSecurityGroupId: "sg-1" }, CALL);
  const newPod = async (name: string): Promise<string> => {
    const spec = { serviceAccountName: "reader", containers: [{ name: "c", image: "busybox" }] };
    return JSON.stringify(
      await api.kube.create(RESOURCES.pods, { apiVersion: "v1", kind: "Pod", metadata: { name, namespace: "default" }, spec }),
    );
  };
  const metadata = { name: "reader", namespace: "default" };
  await api.kube.create(RESOURCES.serviceAccounts, { apiVersion: "v1", kind: "ServiceAccount", metadata });
  expect(await newPod("before")).not.toContain("AWS_");
  const role = "arn:aws:iam::123456789012:role/reader";
  const made = eks.act("createAssociation", { cluster: "one", namespace: "default", serviceAccount: "reader", roleArn: role }, CALL);
  expect(made.ok).toBe(true);
  const after = await newPod("after");
  expect(after).toContain('"AWS_CONTAINER_CREDENTIALS_FULL_URI"');
  expect(after).toContain('{"name":"AWS_REGION","value":"us-east-1"}');
  if (made.ok) eks.act("deleteAssociation", { cluster: "one", id: made.value.id }, CALL);
  expect(await newPod("later")).not.toContain("AWS_");
});

test("a port that is taken is refused, or another is found where that will do", async () => {
  const { port } = (await start()).gateway.outside;
  await expect(start({ port })).rejects.toMatchObject({ code: "EADDRINUSE" });
  const moved = await start({ port, mayMove: true });
  expect(moved.gateway.outside.port).not.toBe(port);
});

test("where packets move, an IPv6 cluster's API is found at an IPv6 address, which the endpoints of its service name", async () => {
  const advertise = { address: ipv6("2001:db8:51:101::80"), port: 443 };
  const api = await createApiServer({
    clock,
    log: NO_LOG,
    runtimeFor: () => undefined,
    serviceRange: cidr6("fd5f:1c53:8a00::/108"),
    advertise,
  });
  const slice = await api.kube.get(RESOURCES.endpointSlices, "kubernetes", "default");
  expect(slice).toMatchObject({ addressType: "IPv6", endpoints: [{ addresses: ["2001:db8:51:101::80"] }], ports: [{ port: 443 }] });
  const endpoints = await api.kube.get(RESOURCES.endpoints, "kubernetes", "default");
  expect(endpoints?.["subsets"]).toMatchObject([{ addresses: [{ ip: "2001:db8:51:101::80" }] }]);
  await api.close();
});

test("where packets move, the API is found beyond the VPC's gateway and its certificate speaks for that address", () => {
  const place = clusterPlace({
    fabric: { internet: "/run/netns/none" },
    address: ADDRESS,
    port: 0,
    mayMove: false,
    findNode: () => undefined,
  });
  expect(place).toMatchObject({ host: "127.0.0.1", names: ["198.51.100.130"], advertise: { address: ADDRESS, port: 443 } });
});
