import { join } from "node:path";
import { defaultCluster } from "@slash28/cluster-file";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually, labUnderTest, tracesOf } from "../src/index.ts";

const lab = labUnderTest();
const state = { subnets: "", kubeconfig: "", isDown: false };

/** As an operator pastes it. */
const shell = async (line: string): Promise<string> => {
  const variables = { SUBNETS: state.subnets, KUBECONFIG: state.kubeconfig };
  const ran = await lab.paste(line, { cwd: lab.runDir, variables });
  if (ran.code !== 0) throw new Error(`${line}\nended with ${ran.code}\n${ran.stdout}${ran.stderr}`);
  return ran.stdout.trim();
};
const wait = (what: string): Promise<string> => shell(`aws eks wait ${what}`);
const WORKERS = "--cluster-name second --nodegroup-name workers";
const ROLE = "arn:aws:iam::123456789012:role";

beforeAll(async () => {
  await lab.up({ cluster: { ...defaultCluster({ nodes: 1 }) } });
  state.subnets = (await lab.status()).subnets.map(({ id }) => id).join(" ");
  state.kubeconfig = join(lab.runDir, "second.yaml");
}, 180_000);
afterAll(async () => {
  if (!state.isDown) await lab.down();
}, 90_000);

describe("a cluster made by EKS", () => {
  test("comes up with networking of its own, and has no nodes yet", async () => {
    await shell(
      `aws eks create-cluster --name second --role-arn ${ROLE}/slash28-cluster --resources-vpc-config subnetIds=\${SUBNETS// /,} --kubernetes-network-config serviceIpv4Cidr=172.20.0.0/16`,
    );
    await wait("cluster-active --name second");
    await shell("aws eks update-kubeconfig --name second");
    expect(await shell("kubectl get nodes -o name")).toBe("");
    expect(await shell("kubectl get service -n kube-system kube-dns -o jsonpath={.spec.clusterIP}")).toBe("172.20.0.10");
    const inside = await shell("kubectl get endpoints kubernetes -o jsonpath={.subsets[0].addresses[0].ip}:{.subsets[0].ports[0].port}");
    expect(inside).toMatch(/^198\.51\.100\.1\d\d:443$/);
  });

  test("a node group's instances join it, and only it", async () => {
    await shell(
      `aws eks create-nodegroup ${WORKERS} --subnets $SUBNETS --node-role ${ROLE}/slash28-node --scaling-config minSize=0,maxSize=2,desiredSize=1`,
    );
    await wait(`nodegroup-active ${WORKERS}`);
    const nodes = (await shell("kubectl get nodes -l eks.amazonaws.com/nodegroup=workers -o name")).split("\n");
    expect(nodes).toHaveLength(1);
    await shell("kubectl wait node --all --for=condition=Ready --timeout=60s");
    expect(await lab.kubectl(["get", "nodes", "-o", "name"])).not.toContain(nodes[0]);
    await shell("kubectl rollout status -n kube-system daemonset/aws-node --timeout=60s");
    await shell("kubectl rollout status -n kube-system deployment/coredns --timeout=60s");
  });

  test("a pod there has an address of the VPC, finds services by name, and answers exec and logs", async () => {
    await shell("kubectl create deployment web --image=nginx && kubectl expose deployment web --port=80");
    await shell("kubectl rollout status deployment web --timeout=60s");
    const address = await shell("kubectl get pods -l app=web -o jsonpath={.items[0].status.podIP}");
    const owner = await shell(
      `aws ec2 describe-network-interfaces --filters Name=addresses.private-ip-address,Values=${address} --query 'NetworkInterfaces[0].Attachment.InstanceId' --output text`,
    );
    expect(await shell("kubectl get nodes -o jsonpath={.items[0].spec.providerID}")).toContain(owner);
    expect(await shell("kubectl exec deploy/web -- curl -sS -o /dev/null -w '%{http_code}' http://web.default.svc.cluster.local")).toBe(
      "200",
    );
    expect(await shell("kubectl exec deploy/web -- curl -ksS https://kubernetes.default/healthz")).toBe("ok");
    await shell("kubectl run talker --image=busybox --restart=Never --command -- echo here");
    await eventually("what the pod says", async () => (await shell("kubectl logs talker")) === "here");
    const own = await lab.kubectl(["get", "pods", "-A", "-o", "jsonpath={.items[*].status.podIP}"]);
    expect(own.split(" ")).not.toContain(address);
  });

  test("EKS add-ons take its networking over", async () => {
    for (const name of ["vpc-cni", "kube-proxy", "coredns"]) {
      await shell(`aws eks create-addon --cluster-name second --addon-name ${name} --resolve-conflicts OVERWRITE`);
      await wait(`addon-active --cluster-name second --addon-name ${name}`);
    }
  });

  test("an instance that cannot join says why", async () => {
    const vpc = await shell("aws ec2 create-vpc --cidr-block 10.9.0.0/16 --query Vpc.VpcId --output text");
    const subnet = await shell(`aws ec2 create-subnet --vpc-id ${vpc} --cidr-block 10.9.0.0/24 --query Subnet.SubnetId --output text`);
    const tag = "ResourceType=instance,Tags=[{Key=kubernetes.io/cluster/second,Value=owned}]";
    const instance = await shell(
      `aws ec2 run-instances --image-id ami-0a1b2c3d4e5f60718 --instance-type m5.large --subnet-id ${subnet} --tag-specifications '${tag}' --query 'Instances[0].InstanceId' --output text`,
    );
    const told = await eventually("the event", async () => {
      const lines = (await shell("slash28 lab events")).split("\n");
      return lines.find((line) => line.includes(instance));
    });
    expect(told).toContain(`it is in ${vpc}, and the lab's network is that of`);
    expect(await shell("kubectl get nodes -o name")).not.toContain("ip-10-9-");
    await shell(`aws ec2 terminate-instances --instance-ids ${instance}`);
  });

  test("it is not deleted while it has node groups; without them nothing is left of it", async () => {
    const refused = await lab.awsRaw(["eks", "delete-cluster", "--name", "second"]);
    expect(refused.stderr).toContain("ResourceInUseException");
    await shell(`aws eks delete-nodegroup ${WORKERS}`);
    await wait(`nodegroup-deleted ${WORKERS}`);
    await eventually("the node to go", async () => (await shell("kubectl get nodes -o name")) === "");
    await shell("aws eks delete-cluster --name second");
    await wait("cluster-deleted --name second");
    const running = "Name=instance-state-name,Values=pending,running,stopping";
    const left = `aws ec2 describe-instances --filters Name=tag-key,Values=kubernetes.io/cluster/second ${running} --query 'Reservations[].Instances[].InstanceId' --output text`;
    expect(await shell(left)).toBe("");
    expect(await shell("aws ec2 describe-security-groups --query 'SecurityGroups[].GroupName' --output text")).not.toContain("second");
  });

  test("a lab that ends while such a cluster has pods leaves nothing", async () => {
    await shell(`aws eks create-cluster --name third --role-arn ${ROLE}/slash28-cluster --resources-vpc-config subnetIds=\${SUBNETS// /,}`);
    await wait("cluster-active --name third");
    const again = "--cluster-name third --nodegroup-name workers";
    await shell(
      `aws eks create-nodegroup ${again} --subnets $SUBNETS --node-role ${ROLE}/slash28-node --scaling-config minSize=0,maxSize=2,desiredSize=1`,
    );
    await wait(`nodegroup-active ${again}`);
    state.isDown = true;
    expect((await lab.down()).code).toBe(0);
    expect(await tracesOf(lab)).toEqual([]);
  });
});
