import { createEks, type Eks, type EksCall, type EksState } from "../src/index.ts";

export const ACCOUNT = "123456789012";
export const PLACE = { region: "us-east-1", accountId: ACCOUNT } as const;
export const ROLE = `arn:aws:iam::${ACCOUNT}:role/eks`;
export const CREATOR = `arn:aws:iam::${ACCOUNT}:user/creator`;

/** Calls with UUIDs that count up, in a VPC of two subnets. */
export function calls({ callerArn = CREATOR, now = 1_800_000_000_000 } = {}): EksCall {
  let count = 0;
  return {
    now,
    callerArn,
    network: {
      subnet: (id) =>
        ({
          a: { vpcId: "vpc", zone: "a", freeAddresses: 50, hasIpv6: true },
          b: { vpcId: "vpc", zone: "b", freeAddresses: 50, hasIpv6: true },
        })[id],
      securityGroup: () => ({ vpcId: "vpc" }),
      vpcCidrs: () => ["10.0.0.0/16"],
    },
    newUuid: () => `00000000-0000-4000-8000-${String(++count).padStart(12, "0")}`,
    nodeGroups: () => [],
  };
}

export interface AnAccount {
  readonly eks: Eks;
  readonly call: EksCall;
  readonly kept: EksState[];
}

export function anAccount(saved?: EksState): AnAccount {
  const kept: EksState[] = [];
  return { eks: createEks({ ...PLACE, saved, onChange: (state) => kept.push(state) }), call: calls(), kept };
}

export function withRunningCluster(name = "one", mode = "API_AND_CONFIG_MAP"): AnAccount {
  const account = anAccount();
  const { eks, call } = account;
  const made = eks.act("createCluster", { name, roleArn: ROLE, vpcConfig: { subnetIds: ["a", "b"] }, authenticationMode: mode }, call);
  if (!made.ok) throw new Error(made.error.message);
  eks.act("clusterStarted", { name, connection: { endpoint: "https://x", caPem: "pem" }, clusterSecurityGroupId: "sg" }, call);
  return account;
}
