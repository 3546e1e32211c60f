import { checkClusterFile, defaultCluster, type ClusterFile } from "@slash28/cluster-file";
import { createCloud } from "@slash28/vpc";
import { describe, expect, test } from "vitest";
import { awsNodeDaemonSet } from "../../src/supervisor/aws-node.ts";
import { eniConfigsOf } from "../../src/supervisor/eni-configs.ts";
import { joiningOf } from "../../src/supervisor/node-groups/index.ts";
import { fileGroups } from "../../src/supervisor/node-groups/file-groups.ts";
import { nodeSubnets, provisionVpc } from "../../src/supervisor/provision-vpc.ts";
import { Undo } from "../../src/supervisor/undo.ts";
import { zonesOf } from "../../src/supervisor/zones.ts";

function fileOf(input: object): ClusterFile {
  const checked = checkClusterFile(input);
  if (!checked.ok) throw new Error(JSON.stringify(checked.problems));
  return checked.file;
}

const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined, child: () => quiet };

describe("provisioning", () => {
  test("makes the file's subnets and a way out; its node groups name one subnet for each of their zones", () => {
    const file = fileOf(defaultCluster({ nodes: 3 }));
    const cloud = createCloud({ region: file.region, zones: zonesOf(file), accountId: "123456789012", seed: 1 });
    const network = provisionVpc(cloud, file, 0);
    const [group] = fileGroups(file, network, "123456789012");
    expect(group).toMatchObject({ instanceTypes: ["m5.large"], scaling: { desiredSize: 3 }, subnets: network.subnets.map(({ id }) => id) });
    expect(network.subnets.map(({ id }) => cloud.view.subnet(id)?.hasPublicAddressOnLaunch)).toEqual([true, true]);
    expect(cloud.view.routeTableOf(network.subnets[0]?.id ?? (undefined as never))?.routes.map((route) => route.target.kind)).toEqual([
      "local",
      "internet-gateway",
    ]);
  });

  test("private subnets get a NAT gateway of their zone, no public addresses, and IPv6 that only leaves", () => {
    const subnets = [
      { zone: "us-east-1a", cidr: "10.0.0.0/24", kind: "private" },
      { zone: "us-east-1a", cidr: "10.0.1.0/24" },
      { zone: "us-east-1b", cidr: "10.0.2.0/24", kind: "private" },
    ];
    const file = fileOf({ vpc: { ipv6: true, subnets }, nodeGroups: [{ name: "a", instanceType: "m5.large", nodes: 2 }] });
    const cloud = createCloud({ region: file.region, zones: zonesOf(file), accountId: "123456789012", seed: 1, settle: "by-caller" });
    const network = provisionVpc(cloud, file, 0);
    const targets = network.subnets.map(({ id }) => cloud.view.routeTableOf(id)?.routes.map(({ target }) => target.kind));
    expect(targets).toEqual([
      ["local", "local", "nat-gateway", "egress-only-gateway"],
      ["local", "local", "internet-gateway", "internet-gateway"],
      ["local", "local", "nat-gateway", "egress-only-gateway"],
    ]);
    const enis = cloud.view.enis().filter(({ kind }) => kind === "nat_gateway");
    expect(enis.map(({ subnetId }) => subnetId)).toEqual([network.subnets[1]?.id, network.subnets[1]?.id]);
    const launch = { type: "m5.large", imageId: "ami-0a2b2c3d4e5f60718", minCount: 1, maxCount: 1, subnetId: network.subnets[0]!.id };
    if (!cloud.runInstances(launch, { now: 0 }).ok) throw new Error("no instance");
    const [instance] = cloud.view.instances();
    expect(instance?.publicAddress).toBeUndefined();
    expect(cloud.view.attachedEnis(instance!.id)[0]?.ipv6Addresses).toHaveLength(1);
  });

  test("a subnet for pods gets no nodes, no load balancers and its ENIConfig; reservations are made", () => {
    const subnets = [
      { name: "pods-a", zone: "us-east-1a", cidr: "100.64.0.0/19", for: "pods" },
      { name: "nodes-a", zone: "us-east-1a", cidr: "10.0.0.0/24", reservations: [{ cidr: "10.0.0.128/25" }] },
      { name: "pods-b", zone: "us-east-1b", cidr: "100.64.32.0/19", for: "pods" },
    ];
    const env = { AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: true, ENI_CONFIG_LABEL_DEF: "topology.kubernetes.io/zone" };
    const file = fileOf({
      vpc: { cidrs: ["10.0.0.0/16", "100.64.0.0/16"], subnets },
      nodeGroups: [{ name: "a", instanceType: "m5.large", nodes: 2, scaling: { min: 1, max: 4 } }],
      vpcCni: { env },
      eniConfigs: { "us-east-1a": "pods-a", "us-east-1b": "pods-b" },
    });
    const cloud = createCloud({ region: file.region, zones: zonesOf(file), accountId: "123456789012", seed: 1 });
    const network = provisionVpc(cloud, file, 0);
    const [podsA, nodesA, podsB] = network.subnets;
    expect(nodeSubnets(file, network)).toEqual([nodesA]);
    expect(fileGroups(file, network, "123456789012")).toMatchObject([
      { subnets: [nodesA?.id], scaling: { minSize: 1, maxSize: 4, desiredSize: 2 } },
    ]);
    expect(network.subnets.map(({ id }) => "kubernetes.io/role/elb" in (cloud.view.subnet(id)?.tags ?? {}))).toEqual([false, true, false]);
    expect(cloud.view.subnet(nodesA!.id)?.freeAddresses).toBe(128 - 4);
    expect(eniConfigsOf(file, network).map(({ metadata, ["spec"]: spec }) => [metadata.name, spec])).toEqual([
      ["us-east-1a", { subnet: podsA?.id }],
      ["us-east-1b", { subnet: podsB?.id }],
    ]);
  });

  test("an instance with the cluster's tag joins: by its user data, or with its image's own settings when it has none", () => {
    const file = fileOf(defaultCluster());
    const cloud = createCloud({ region: file.region, zones: zonesOf(file), accountId: "123456789012", seed: 1 });
    const network = provisionVpc(cloud, file, 0);
    const launch = { type: "m5.large", imageId: "ami-0a2b2c3d4e5f60718", minCount: 1, maxCount: 1, subnetId: network.subnets[0]!.id };
    const started = cloud.runInstances({ ...launch, tags: { [`kubernetes.io/cluster/${file.name}`]: "owned" } }, { now: 0 });
    if (!started.ok) throw new Error(started.error.message);
    const instance = started.value.instances[0]!;
    const told = { ...instance, tags: { ...instance.tags, "slash28.dev/max-pods": "110", "eks:nodegroup-name": "big" } };
    const withUserData = (text: string) => joiningOf({ ...instance, userData: Buffer.from(text).toString("base64") }, file, "n");
    expect(joiningOf(instance, file, "n")).toMatchObject({ kind: "node", facts: { name: "n", maxPods: 29 } });
    expect(joiningOf(told, file, "n")).toMatchObject({ facts: { maxPods: 110, labels: { "eks.amazonaws.com/nodegroup": "big" } } });
    expect(
      withUserData(`#!/bin/sh\n/etc/eks/bootstrap.sh ${file.name} --kubelet-extra-args '--max-pods=7 --node-labels=a=b'`),
    ).toMatchObject({
      facts: { maxPods: 7, labels: { a: "b" }, reserved: { cpuMillicores: 70, memoryMib: 574 + 100 } },
    });
    expect(withUserData("#!/bin/sh\n/etc/eks/bootstrap.sh other")).toMatchObject({ kind: "broken" });
    expect(joiningOf({ ...instance, tags: {} }, file, "n")).toEqual({ kind: "stranger" });
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
