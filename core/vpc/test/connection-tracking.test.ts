import { expect, test } from "vitest";
import { cidr4 } from "@slash28/address";
import { createCloud, type Cloud, type CreateEniInput, type Ec2Result } from "../src/index.ts";

const NOW = { now: 1_000 };

function must<T>(result: Ec2Result<T>): T {
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`);
  return result.value;
}

function aSubnet(): { readonly cloud: Cloud; readonly create: (more: Partial<CreateEniInput>) => ReturnType<Cloud["createEni"]> } {
  const cloud = createCloud({ region: "us-east-1", accountId: "111122223333", zones: [{ name: "us-east-1a", id: "use1-az1" }] });
  const vpc = must(cloud.createVpc({ cidr: cidr4("10.0.0.0/16") }, NOW));
  const { id: subnetId } = must(cloud.createSubnet({ vpcId: vpc.id, cidr: cidr4("10.0.1.0/24") }, NOW));
  return { cloud, create: (more) => cloud.createEni({ subnetId, ...more }, NOW) };
}

test("an ENI carries what was set of its connection tracking, and nothing when nothing was", () => {
  const { create } = aSubnet();
  expect(must(create({})).connectionTracking).toBeUndefined();
  expect(must(create({ connectionTracking: { udpTimeout: 45 } })).connectionTracking).toEqual({ udpTimeout: 45 });
});

test("a later change sets the fields that it names and leaves the others", () => {
  const { cloud, create } = aSubnet();
  const { id: eniId } = must(create({ connectionTracking: { udpTimeout: 45, tcpEstablishedTimeout: 350 } }));
  const changed = cloud.modifyEni({ eniId, change: { attribute: "connection-tracking", value: { tcpEstablishedTimeout: 600 } } }, NOW);
  expect(must(changed).connectionTracking).toEqual({ udpTimeout: 45, tcpEstablishedTimeout: 600 });
});

test.each([
  { tcpEstablishedTimeout: 59 },
  { tcpEstablishedTimeout: 432_001 },
  { udpStreamTimeout: 181 },
  { udpTimeout: 61 },
  { udpTimeout: 30.5 },
])("%j is out of EC2's bounds", (connectionTracking) => {
  const { cloud, create } = aSubnet();
  expect(create({ connectionTracking })).toMatchObject({ ok: false, error: { code: "InvalidParameterValue" } });
  const { id: eniId } = must(create({}));
  const change = { attribute: "connection-tracking", value: connectionTracking } as const;
  expect(cloud.modifyEni({ eniId, change }, NOW)).toMatchObject({ ok: false, error: { code: "InvalidParameterValue" } });
});
