import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cidr4, cidr4Has, parseIpv4 } from "@slash28/address";
import type { Plan, Proof } from "@slash28/advisor";
import { afterAll, describe, expect, test } from "vitest";
import { labUnderTest, webDeployment, workloadsOf, type LabUnderTest } from "../src/index.ts";

/** What `--write` says to type once the cluster is there; machines without gettext have no `envsubst`. */
const APPLY = [
  "type envsubst > /dev/null 2>&1 || envsubst() { perl -pe 's/\\$\\{(\\w+)\\}/$ENV{$1}/g'; }",
  ". ./ids.sh",
  "for file in kubernetes/*.yaml; do envsubst < $file | kubectl apply --dry-run=server --validate=strict -f - || exit 1; done",
  "for file in kubernetes/*.yaml; do envsubst < $file | kubectl apply -f - || exit 1; done",
].join("\n");

interface Planned {
  readonly plan: Plan;
  readonly simulation: Proof;
}

/** `slash28 plan --write` for a lab's name, and what it printed. */
async function planned(lab: LabUnderTest, folder: string, args: readonly string[]): Promise<Planned> {
  const ran = await lab.slash28(["plan", "--name", lab.name, ...args, "--write", folder, "-o", "json"]);
  if (ran.code !== 0) throw new Error(`slash28 plan ended with ${ran.code}\n${ran.stderr}`);
  return JSON.parse(ran.stdout) as Planned;
}

interface SubnetItem {
  readonly CidrBlock: string;
  readonly AvailabilityZone: string;
  readonly Tags: readonly { readonly Key: string; readonly Value: string }[];
}

/** The lab's subnets are the plan's: ranges, zones, role tags. */
async function expectSubnets(lab: LabUnderTest, { vpc }: Plan): Promise<void> {
  const { Subnets } = JSON.parse(await lab.aws(["ec2", "describe-subnets", "--output", "json"])) as { Subnets: SubnetItem[] };
  const made = Subnets.map(({ CidrBlock, AvailabilityZone, Tags }) => ({
    cidr: CidrBlock,
    zone: AvailabilityZone,
    name: Tags.find(({ Key }) => Key === "Name")?.Value,
    role: Tags.filter(({ Key }) => Key.startsWith("kubernetes.io/role/")).map(({ Key, Value }) => `${Key}=${Value}`),
  }));
  const wanted = vpc.subnets.map(({ name, cidr, zone, tags }) => ({
    cidr,
    zone,
    name,
    role: Object.entries(tags)
      .filter(([key]) => key.startsWith("kubernetes.io/role/"))
      .map(([key, value]) => `${key}=${value}`),
  }));
  const inOrder = <T extends { readonly cidr: string }>(list: readonly T[]): T[] => list.toSorted((a, b) => (a.cidr < b.cidr ? -1 : 1));
  expect(inOrder(made)).toEqual(inOrder(wanted));
}

async function expectNodes(lab: LabUnderTest, { nodeGroups, env }: Plan): Promise<void> {
  const capacities = await lab.kubectl(["get", "nodes", "-o", "jsonpath={.items[*].status.capacity.pods}"]);
  expect(capacities.split(" ")).toEqual(nodeGroups.flatMap(({ maxPods, nodesToday }) => Array<string>(nodesToday).fill(String(maxPods))));
  const containers = "{.spec.template.spec.containers[0].env}";
  const text = await lab.kubectl(["get", "daemonset", "aws-node", "-n", "kube-system", "-o", `jsonpath=${containers}`]);
  const set = Object.fromEntries((JSON.parse(text) as { name: string; value?: string }[]).map(({ name, value }) => [name, value]));
  expect(set).toMatchObject(env);
}

/** Whether each of these addresses is of a subnet that the plan has for pods. */
function expectPlanned(addresses: readonly (string | undefined)[], { vpc }: Plan, role: "nodes" | "pods"): void {
  const ranges = vpc.subnets.filter((subnet) => subnet.role === role).map(({ cidr }) => cidr4(cidr));
  for (const text of addresses) {
    const address = parseIpv4(text ?? "");
    expect(address !== undefined && ranges.some((range) => cidr4Has(range, address)), text).toBe(true);
  }
}

describe.each<[what: string, mode: Plan["mode"], args: readonly string[], podsIn: "nodes" | "pods"]>([
  [
    "custom networking with prefixes",
    "custom-prefix",
    ["--nodes", "3", "--pods-per-node", "40", "--zones", "us-east-1a", "us-east-1b", "--routable", "10.20.0.0/24", "--isolated-pods", "2"],
    "pods",
  ],
  [
    "single addresses of the nodes' subnets",
    "secondary",
    ["--nodes", "3", "--pods-per-node", "10", "--zones", "us-east-1a", "us-east-1b", "--instance-type", "m4.large"],
    "nodes",
  ],
])("a lab of what slash28 plan wrote: %s", (_what, mode, args, podsIn) => {
  const lab = labUnderTest();
  const { apply, running } = workloadsOf(lab);
  const folder = mkdtempSync(join(tmpdir(), "slash28-plan-e2e-"));
  let made: Planned | undefined;
  const plan = (): Plan => {
    if (made === undefined) throw new Error("there is no plan yet");
    return made.plan;
  };
  afterAll(async () => {
    await lab.down();
    rmSync(folder, { recursive: true });
  }, 90_000);

  test("is brought up from cluster.yaml, with the plan's subnets, settings and max pods", async () => {
    made = await planned(lab, folder, args);
    expect(made).toMatchObject({ plan: { mode }, simulation: { kind: "simulated", firstExhaustion: null, podsNeverStarted: 0 } });
    await lab.up({ file: join(folder, "cluster.yaml") });
    await expectSubnets(lab, plan());
    await expectNodes(lab, plan());
  }, 200_000);

  test.runIf(podsIn === "pods")(
    "takes the written manifests, each checked strictly by its API",
    async () => {
      const variables = { isolated_security_group: "sg-0123456789abcdef0" };
      const ran = await lab.paste(APPLY, { cwd: folder, variables });
      // The lab has ENIConfigs from cluster.yaml, which no `kubectl apply` made: kubectl says so, and takes them over.
      const said = ran.stderr.split("\n").filter((line) => line !== "" && !line.startsWith("Warning: resource eniconfigs/"));
      expect({ code: ran.code, said }).toEqual({ code: 0, said: [] });
      const files = readdirSync(join(folder, "kubernetes")).toSorted();
      expect(files).toEqual(["eniconfigs.yaml", "security-group-policy.yaml"]);
      const subnets = await lab.kubectl(["get", "eniconfigs", "-o", "jsonpath={.items[*].spec.subnet}"]);
      expect(subnets).toMatch(/^subnet-[0-9a-f]+ subnet-[0-9a-f]+$/);
      expect(await lab.kubectl(["get", "securitygrouppolicies", "-o", "name"])).toContain("isolated");
    },
    120_000,
  );

  test("runs pods, which have addresses of the planned subnets", async () => {
    await apply(webDeployment("web", 12));
    const pods = await running(12, 90_000, "-l", "app=web");
    expectPlanned(
      pods.map(({ status }) => status.podIP),
      plan(),
      podsIn,
    );
    const nodes = await lab.kubectl(["get", "nodes", "-o", "jsonpath={.items[*].status.addresses[?(@.type=='InternalIP')].address}"]);
    expectPlanned(nodes.split(" "), plan(), "nodes");
  }, 120_000);
});
