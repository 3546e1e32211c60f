import { snapshotOf } from "@slash28/advisor";
import pico from "picocolors";
import { expect, test } from "vitest";
import { diagnoseWithProgress } from "../src/doctor/diagnose-with-progress.ts";

const ADDRESSES = Array.from({ length: 10 }, (_, at) => ({ Primary: at === 0, PrivateIpAddress: `10.0.0.${at + 4}` }));
/** A node in a subnet without a free address: its fix is simulated. */
const READ = snapshotOf(
  Object.entries({
    nodes: {
      apiVersion: "v1",
      kind: "List",
      items: [
        {
          apiVersion: "v1",
          kind: "Node",
          metadata: { name: "n1", labels: { "topology.kubernetes.io/zone": "us-east-1a" } },
          spec: { providerID: "aws:///us-east-1a/i-0123456789abcdef0" },
          status: { capacity: { pods: "29" }, conditions: [{ type: "Ready", status: "True" }] },
        },
      ],
    },
    pods: { apiVersion: "v1", kind: "PodList", items: [] },
    daemonsets: {
      apiVersion: "apps/v1",
      kind: "DaemonSetList",
      items: [
        {
          metadata: { name: "aws-node", namespace: "kube-system" },
          spec: { template: { spec: { containers: [{ name: "aws-node", image: "x/amazon-k8s-cni:v1.21.1", env: [] }] } } },
        },
      ],
    },
    instances: {
      Reservations: [
        {
          Instances: [
            {
              InstanceId: "i-0123456789abcdef0",
              InstanceType: "m5.large",
              State: { Name: "running" },
              SubnetId: "subnet-1",
              VpcId: "vpc-1",
            },
          ],
        },
      ],
    },
    subnets: {
      Subnets: [
        { SubnetId: "subnet-1", VpcId: "vpc-1", AvailabilityZone: "us-east-1a", CidrBlock: "10.0.0.0/24", AvailableIpAddressCount: 0 },
      ],
    },
    enis: {
      NetworkInterfaces: [
        {
          NetworkInterfaceId: "eni-1",
          SubnetId: "subnet-1",
          InterfaceType: "interface",
          Attachment: { InstanceId: "i-0123456789abcdef0", DeviceIndex: 0 },
          PrivateIpAddress: "10.0.0.4",
          PrivateIpAddresses: ADDRESSES,
        },
      ],
    },
  }).map(([name, value]) => ({ name: `${name}.json`, value })),
);

async function said(quietMs: number): Promise<{ readonly err: readonly string[]; readonly ids: readonly string[] }> {
  const err: string[] = [];
  const terminal = { out: () => undefined, err: (text: string) => void err.push(text), isTty: false, colours: pico.createColors(false) };
  const { findings } = await diagnoseWithProgress(terminal, READ, quietMs);
  return { err, ids: findings.map(({ id }) => id) };
}

test("what takes longer than a moment is told, each run of each fix once; a moment is not worth a word", async () => {
  const long = await said(0);
  expect(long.ids).toContain("subnet-full");
  expect(long.err.slice(0, 6)).toEqual([1, 2, 3, 4, 5, 6].map((run) => `simulating the fix of subnet-full: run ${run} of 6`));
  expect((await said(60_000)).err).toEqual([]);
});
