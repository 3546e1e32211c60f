import { randomUUID } from "node:crypto";
import { EKSClient } from "@aws-sdk/client-eks";
import { checkClusterFile, defaultCluster } from "@slash28/cluster-file";
import { RESOURCES } from "@slash28/kube";
import type { Kube } from "@slash28/ports";
import { quietLog } from "@slash28/testkit";
import { createCloud, privateDnsName, type Cloud } from "@slash28/vpc";
import { createEksService } from "../../src/aws/eks/index.ts";
import { createGate } from "../../src/aws/gate.ts";
import { serve } from "../../src/aws/serve.ts";
import { startControllers } from "../../src/kubernetes/controllers/index.ts";
import { startScheduler } from "../../src/kubernetes/scheduler/index.ts";
import { joiningOf } from "../../src/supervisor/node-groups/index.ts";
import { createIdentities } from "../../src/aws/identity/index.ts";
import { createNodeRoles } from "../../src/supervisor/node-groups/node-roles.ts";
import { createNodeGroups } from "../../src/supervisor/node-groups/node-groups.ts";
import { provisionVpc, type ProvisionedVpc } from "../../src/supervisor/provision-vpc.ts";
import { zonesOf } from "../../src/supervisor/zones.ts";
import { startInProcess } from "../kubernetes/api-server/in-process.ts";
import { aNode } from "../kubernetes/api-server/lab-cluster.ts";
import { realClock, seededRandom, startFakeKubelets } from "../kubernetes/cluster.ts";

export interface WorkingGroups {
  readonly cloud: Cloud;
  readonly kube: Kube;
  readonly network: ProvisionedVpc;
  /** The SDK's client of the operations on node groups. */
  readonly eks: EKSClient;
  readonly nodeRole: string;
  /** What was told of groups that could not be made. */
  readonly told: readonly string[];
  close(): Promise<void>;
}

/** A cluster `demo` (and `nodeless`, the same but that no instance may join it) with controllers, a scheduler and instant kubelets, and node groups over a cloud: instances become nodes by their user data. */
export async function startWorkingGroups(): Promise<WorkingGroups> {
  const checked = checkClusterFile({ ...defaultCluster(), name: "demo" });
  if (!checked.ok) throw new Error(JSON.stringify(checked.problems));
  const { file } = checked;
  const cloud = createCloud({ region: file.region, zones: zonesOf(file), accountId: "123456789012", seed: 1 });
  const network = provisionVpc(cloud, file, realClock.now());
  const { api } = await startInProcess();
  const { kube } = api;
  const ports = { kube, clock: realClock, random: seededRandom(), log: quietLog };
  const [controllers, scheduler, kubelets] = [startControllers(ports), startScheduler(ports), startFakeKubelets(kube)];
  await Promise.all([controllers.synced, scheduler.synced]);
  const nodes = startFakeNodes(cloud, kube);
  const roles = createNodeRoles(createIdentities({ cloud, clock: realClock }).account);
  const groups = createNodeGroups({
    cloud,
    clock: realClock,
    log: quietLog,
    replaceAfterMs: 200,
    roles: () => roles,
    kept: { saved: undefined, keep: () => undefined },
    siteOf: (name) =>
      name === "demo" || name === "nodeless"
        ? {
            nodes: {
              name,
              endpoint: "https://10.0.0.1",
              certificateAuthority: "Y2E=",
              serviceCidr: "10.100.0.0/16",
              dnsAddress: "10.100.0.10",
              securityGroupId: network.clusterGroup,
            },
            vpcId: network.vpc.id,
            version: "1.35",
            isIpv6: false,
            ...(name === "nodeless" ? { withoutNodes: "no instance can be its node here" } : {}),
            kube,
          }
        : undefined,
  });
  const told: string[] = [];
  const failed = (group: string, why: string): void => void told.push(`${group}: ${why}`);
  const driver = groups.start({ problemsOf: nodes.problemsOf, changed: () => undefined, failed });
  driver.run();
  const service = createEksService({ operations: groups.operations, gate: createGate(realClock), log: quietLog });
  const serving = await serve((request) => service.answer(request, randomUUID()), { kind: "port", host: "127.0.0.1", port: 0 });
  const eks = new EKSClient({
    endpoint: `http://127.0.0.1:${serving.port}`,
    region: "us-east-1",
    credentials: { accessKeyId: "AKIDLAB", secretAccessKey: "secret" },
    maxAttempts: 1,
  });
  return {
    told,
    cloud,
    kube,
    network,
    eks,
    nodeRole: "arn:aws:iam::123456789012:role/slash28-node",
    async close() {
      eks.destroy();
      await serving.close();
      await driver.stop();
      await nodes.stop();
      await Promise.all([controllers.stop(), scheduler.stop(), kubelets.stop()]);
      await api.close();
    },
  };
}

/** Every instance whose user data starts a kubelet has a Node that is ready, until it ends. */
function startFakeNodes(cloud: Cloud, kube: Kube): { problemsOf(id: string): readonly string[]; stop(): Promise<void> } {
  const broken = new Map<string, readonly string[]>();
  const names = new Map<string, string>();
  let last: Promise<void> = Promise.resolve();
  const follow = async (): Promise<void> => {
    const running = cloud.view.instances().filter(({ state }) => state === "running");
    for (const instance of running) {
      if (names.has(instance.id) || instance.privateAddress === undefined) continue;
      const name = privateDnsName(cloud.region, instance.privateAddress);
      const joining = joiningOf(instance, { name: "demo" }, name);
      names.set(instance.id, name);
      if (joining.kind === "broken") broken.set(instance.id, joining.problems);
      if (joining.kind !== "node") continue;
      const node = aNode(name, joining.facts.maxPods);
      await kube.create(RESOURCES.nodes, {
        ...node,
        metadata: { ...node.metadata, labels: { ...joining.facts.labels } },
        spec: { providerID: `aws:///${instance.zone}/${instance.id}`, taints: joining.facts.taints },
      });
    }
    for (const [id, name] of names) {
      if (running.some((instance) => instance.id === id)) continue;
      names.delete(id);
      await kube.delete(RESOURCES.nodes, name);
    }
  };
  const unsubscribe = cloud.subscribe(() => {
    last = last.then(follow);
  });
  return {
    problemsOf: (id) => broken.get(id) ?? [],
    async stop() {
      unsubscribe();
      await last;
    },
  };
}
