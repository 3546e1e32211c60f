import { randomUUID } from "node:crypto";
import { ipv4 } from "@slash28/address";
import { createEks, type ClusterRecord, type Eks } from "@slash28/eks";
import { RESOURCES } from "@slash28/kube";
import { afterEach, expect, test } from "vitest";
import { issuerUrl } from "../../../src/aws/eks/index.ts";
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

function aCluster(): { readonly eks: Eks; readonly cluster: ClusterRecord } {
  const eks = createEks({ region: "us-east-1", accountId: "123456789012" });
  const made = eks.act(
    "createCluster",
    {
      name: "one",
      roleArn: "arn:aws:iam::123456789012:role/r",
      vpcConfig: { subnetIds: ["a", "b"] },
      networkConfig: { serviceIpv4Cidr: "10.55.0.0/16" },
      hasSelfManagedAddons: false,
    },
    {
      now: clock.now(),
      callerArn: "arn:aws:iam::123456789012:root",
      network: {
        subnet: (id) => ({ vpcId: "v", zone: id, freeAddresses: 9, hasIpv6: false }),
        securityGroup: () => undefined,
        vpcCidrs: () => [],
      },
      newUuid: randomUUID,
      nodeGroups: () => [],
    },
  );
  if (!made.ok) throw new Error(made.error.message);
  return { eks, cluster: made.value };
}

async function start({ port = 0, mayMove = false } = {}): Promise<ClusterUnit & ReturnType<typeof aCluster>> {
  const books = aCluster();
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

test("a port that is taken is refused, or another is found where that will do", async () => {
  const { port } = (await start()).gateway.outside;
  await expect(start({ port })).rejects.toMatchObject({ code: "EADDRINUSE" });
  const moved = await start({ port, mayMove: true });
  expect(moved.gateway.outside.port).not.toBe(port);
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
