import { checkClusterFile, defaultCluster, type ClusterFile } from "@slash28/cluster-file";
import { createCloud } from "@slash28/vpc";
import { describe, expect, test } from "vitest";
import { awsNodeDaemonSet } from "../../src/supervisor/aws-node.ts";
import { nodeFactsOf, runNodeGroups } from "../../src/supervisor/node-groups.ts";
import { provisionVpc } from "../../src/supervisor/provision-vpc.ts";
import { Undo } from "../../src/supervisor/undo.ts";
import { zonesOf } from "../../src/supervisor/zones.ts";

function fileOf(input: object): ClusterFile {
  const checked = checkClusterFile(input);
  if (!checked.ok) throw new Error(JSON.stringify(checked.problems));
  return checked.file;
}

const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined, child: () => quiet };

describe("provisioning", () => {
  test("makes the file's subnets, a way out, and spreads nodes over the zones in turn", () => {
    const file = fileOf(defaultCluster({ nodes: 3 }));
    const cloud = createCloud({ region: file.region, zones: zonesOf(file), accountId: "123456789012", seed: 1 });
    const network = provisionVpc(cloud, file, 0);
    runNodeGroups(cloud, file, network, 0);
    const instances = cloud.view.instances();
    expect(instances.map((instance) => instance.zone)).toEqual(["us-east-1a", "us-east-1b", "us-east-1a"]);
    expect(instances.every((instance) => instance.publicAddress !== undefined)).toBe(true);
    expect(instances.map((instance) => nodeFactsOf(instance, file, "n")?.maxPods)).toEqual([29, 29, 29]);
    expect(cloud.view.routeTableOf(network.subnets[0]?.id ?? (undefined as never))?.routes.map((route) => route.target.kind)).toEqual([
      "local",
      "internet-gateway",
    ]);
  });

  test("a node group's own max pods, labels and back-off reach its nodes; a stranger's instance is no node", () => {
    const file = fileOf({
      ...defaultCluster(),
      nodeGroups: [
        {
          name: "big",
          instanceType: "m5.large",
          nodes: 1,
          maxPods: 110,
          labels: { tier: "big" },
          kubelet: { crashLoopBackOff: { maxContainerRestartPeriod: "2s" } },
        },
      ],
    });
    const cloud = createCloud({ region: file.region, zones: zonesOf(file), accountId: "123456789012", seed: 1 });
    const network = provisionVpc(cloud, file, 0);
    runNodeGroups(cloud, file, network, 0);
    const [instance] = cloud.view.instances();
    if (instance === undefined) throw new Error("no instance");
    expect(nodeFactsOf(instance, file, "n")).toMatchObject({
      maxPods: 110,
      labels: { tier: "big", "eks.amazonaws.com/nodegroup": "big" },
      crashBackOffMaxMs: 2_000,
    });
    expect(nodeFactsOf({ ...instance, tags: {} }, file, "n")).toBeUndefined();
  });

  test("zones have EC2's short ids", () => {
    expect(zonesOf(fileOf(defaultCluster())).map((zone) => zone.id)).toEqual(["use1-az1", "use1-az2", "use1-az3"]);
    const south = fileOf({
      ...defaultCluster(),
      region: "ap-southeast-2",
      vpc: { subnets: [{ zone: "ap-southeast-2a", cidr: "10.0.0.0/24" }] },
    });
    expect(zonesOf(south)[0]).toEqual({ name: "ap-southeast-2a", id: "apse2-az1" });
  });
});

test("the cluster file's settings win over the manifest's", () => {
  const daemonSet = awsNodeDaemonSet({
    clusterName: "c",
    region: "us-east-1",
    vpcId: "vpc-1",
    clusterEndpoint: "https://x",
    ec2Endpoint: "http://y",
    isSimulated: false,
    env: { WARM_IP_TARGET: "5", WARM_ENI_TARGET: "0" },
  });
  const text = JSON.stringify(daemonSet);
  expect(text).toContain('{"name":"WARM_IP_TARGET","value":"5"}');
  expect(text).toContain('{"name":"WARM_ENI_TARGET","value":"0"}');
  expect(text).not.toContain('{"name":"WARM_ENI_TARGET","value":"1"}');
});

test("taking down goes backwards and over failures", async () => {
  const undo = new Undo(quiet);
  const done: string[] = [];
  undo.add("first", () => void done.push("first"));
  undo.add("broken", () => Promise.reject(new Error("no")));
  undo.add("last", () => void done.push("last"));
  await undo.run();
  expect(done).toEqual(["last", "first"]);
});
