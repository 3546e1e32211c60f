import { randomUUID } from "node:crypto";
import { EKSClient } from "@aws-sdk/client-eks";
import { createEks, type EksCall, type EksState } from "@slash28/eks";
import { createGate } from "../../../src/aws/gate.ts";
import { createEksService, eksOperations, NO_NODE_GROUPS, type EksContext, type NodeGroupSide } from "../../../src/aws/eks/index.ts";
import { serve } from "../../../src/aws/serve.ts";

export const NO_LOG = { debug() {}, info() {}, warn() {}, error() {}, child: () => NO_LOG } as never;
export const REGION = "us-east-1";
export const ACCOUNT = "123456789012";
export const ROLE = `arn:aws:iam::${ACCOUNT}:role/eks`;
export const CALLER = `arn:aws:iam::${ACCOUNT}:user/lab`;

/** Two subnets in two zones of one VPC, one without room, one of another VPC. */
export const NETWORK: EksCall["network"] = {
  subnet: (id) =>
    ({
      "subnet-a": { vpcId: "vpc-1", zone: "us-east-1a", freeAddresses: 100, hasIpv6: true },
      "subnet-b": { vpcId: "vpc-1", zone: "us-east-1b", freeAddresses: 100, hasIpv6: true },
      "subnet-a2": { vpcId: "vpc-1", zone: "us-east-1a", freeAddresses: 100, hasIpv6: false },
      "subnet-full": { vpcId: "vpc-1", zone: "us-east-1b", freeAddresses: 5, hasIpv6: false },
      "subnet-other": { vpcId: "vpc-2", zone: "us-east-1b", freeAddresses: 100, hasIpv6: false },
    })[id],
  securityGroup: (id) => ({ "sg-1": { vpcId: "vpc-1" }, "sg-2": { vpcId: "vpc-2" } })[id],
  vpcCidrs: () => ["10.0.0.0/16"],
};

export interface AnEks {
  readonly client: EKSClient;
  readonly context: EksContext;
  readonly kept: () => EksState | undefined;
  /** Reports a cluster's control plane as running. */
  started(name: string): void;
  close(): Promise<void>;
}

/** EKS behind a socket, with the SDK's client: the model and the wire, nothing that carries its work out. */
export async function anEks({ nodeGroups = NO_NODE_GROUPS }: { readonly nodeGroups?: NodeGroupSide } = {}): Promise<AnEks> {
  let kept: EksState | undefined;
  const now = 1_800_000_000_000;
  const eks = createEks({ region: REGION, accountId: ACCOUNT, onChange: (state) => (kept = state) });
  const context: EksContext = {
    eks,
    call: (callerArn) => ({ now, callerArn, network: NETWORK, newUuid: randomUUID, nodeGroups: (name) => nodeGroups.names(name) }),
    callerArn: () => CALLER,
    nodeGroups,
    afterChange: () => undefined,
  };
  const clock = { now: () => now };
  const gate = createGate({ sleep: () => Promise.resolve() });
  const service = createEksService({ operations: eksOperations(context, clock), gate, log: NO_LOG });
  const serving = await serve((request) => service.answer(request, randomUUID()), { kind: "port", host: "127.0.0.1", port: 0 });
  const client = new EKSClient({
    endpoint: `http://127.0.0.1:${serving.port}`,
    region: REGION,
    credentials: { accessKeyId: "AKIDLAB", secretAccessKey: "secret" },
    maxAttempts: 1,
  });
  return {
    client,
    context,
    kept: () => kept,
    started: (name) => {
      const connection = { endpoint: "https://127.0.0.1:1", caPem: "pem" };
      eks.act("clusterStarted", { name, connection, clusterSecurityGroupId: "sg-cluster" }, context.call(CALLER));
    },
    close: async () => {
      client.destroy();
      await serving.close();
    },
  };
}
