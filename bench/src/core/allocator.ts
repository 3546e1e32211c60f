import { cidr4, type EniId } from "@slash28/address";
import { createCloud, type Cloud, type CloudOptions, type Ec2Result } from "@slash28/vpc";
import { elapsedMs, type Bench } from "../bench.ts";
import { percentile } from "../figures/percentiles.ts";

const ASSIGNS = 60_000;
/** The largest instances hold 50 addresses on one ENI, the primary one among them. */
const PER_ENI = 48;
const RUNS = 7;
const AIM = { most: 100 } as const;
const NOW = { now: 1_700_000_000_000 };

/** EC2's model: one call per address until 60,000 of a /16 subnet's addresses are on ENIs. */
export const allocator: Bench = {
  name: "allocator",
  about: "core/vpc: 60,000 single-address assigns in a /16 subnet",
  needs: "nothing",
  run({ say }) {
    say("assigning 60,000 addresses, several times");
    const runs = Array.from({ length: RUNS }, () => assignAll("lowest"));
    const scattered = Array.from({ length: RUNS }, () => assignAll("scatter"));
    return Promise.resolve([
      { name: "60,000 assigns, first run", value: runs[0] ?? 0, unit: "ms", aim: AIM, note: "code not compiled yet" },
      {
        name: "60,000 assigns, median",
        value: percentile(runs, 0.5),
        unit: "ms",
        aim: AIM,
        note: `${RUNS} runs, ${ASSIGNS / PER_ENI} ENIs`,
      },
      {
        name: "60,000 assigns, scattered, median",
        value: percentile(scattered, 0.5),
        unit: "ms",
        note: "addresses picked anywhere, as EC2 does",
      },
    ]);
  },
};

function assignAll(pick: NonNullable<CloudOptions["pick"]>): number {
  const { cloud, enis } = emptySubnet(pick);
  return elapsedMs(() => {
    for (let i = 0; i < ASSIGNS; i++) {
      const eniId = enis[i % enis.length];
      if (eniId !== undefined) must(cloud.assignAddresses({ eniId, carry: { addressCount: 1 } }, NOW));
    }
  });
}

function emptySubnet(pick: NonNullable<CloudOptions["pick"]>): { readonly cloud: Cloud; readonly enis: readonly EniId[] } {
  const zones = [{ name: "us-east-1a", id: "use1-az1" }];
  const cloud = createCloud({ region: "us-east-1", accountId: "123456789012", zones, pick });
  const vpc = must(cloud.createVpc({ cidr: cidr4("10.0.0.0/16") }, NOW));
  const subnet = must(cloud.createSubnet({ vpcId: vpc.id, cidr: cidr4("10.0.0.0/16") }, NOW));
  const enis = Array.from({ length: ASSIGNS / PER_ENI }, () => must(cloud.createEni({ subnetId: subnet.id }, NOW)).id);
  return { cloud, enis };
}

function must<T>(result: Ec2Result<T>): T {
  if (result.ok) return result.value;
  throw new Error(`${result.error.code}: ${result.error.message}`);
}
