import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloudWatchClient, PutMetricAlarmCommand } from "@aws-sdk/client-cloudwatch";
import {
  AssociateAccessPolicyCommand,
  CreateAccessEntryCommand,
  CreateClusterCommand,
  CreatePodIdentityAssociationCommand,
  EKSClient,
  UpdateAddonCommand,
} from "@aws-sdk/client-eks";
import { CreateAccessKeyCommand, CreatePolicyCommand, CreateUserCommand, IAMClient } from "@aws-sdk/client-iam";
import { GetSessionTokenCommand, STSClient } from "@aws-sdk/client-sts";
import { checkClusterFile } from "@slash28/cluster-file";
import { systemClock } from "@slash28/linux";
import { afterAll, beforeAll, expect, test } from "vitest";
import { labPaths } from "../../src/control/index.ts";
import { checkState, DamagedState, openFileState } from "../../src/state/index.ts";
import { keptShapes } from "../../src/supervisor/kept-shapes/index.ts";
import { startLab } from "../../src/supervisor/lab.ts";

const NO_LOG = { debug() {}, info() {}, warn() {}, error() {}, child: () => NO_LOG } as never;
const NAME = "kept";
const ROLE = "arn:aws:iam::123456789012:role/slash28-cluster";
const root = mkdtempSync(join(tmpdir(), "s28-shapes-"));
const whole = join(root, "whole");

const run = async (use: (awsUrl: string, subnetIds: string[]) => Promise<void>): Promise<void> => {
  const subnets = [
    { zone: "us-east-1a", cidr: "10.0.0.0/24" },
    { zone: "us-east-1b", cidr: "10.0.1.0/24" },
  ];
  const document = { name: NAME, vpc: { subnets }, nodeGroups: [{ name: "none", instanceType: "m5.large", nodes: 0 }] };
  const checked = checkClusterFile(document);
  if (!checked.ok) throw new Error(JSON.stringify(checked.problems));
  const state = openFileState(whole);
  const order = { dataPlane: "simulated", ec2Profile: "instant", apiPort: 0, awsPort: 0, seed: 1, iam: "open" } as const;
  const paths = labPaths(root);
  const lab = await startLab({
    file: checked.file,
    order,
    paths,
    clock: systemClock,
    random: Math.random,
    log: NO_LOG,
    state,
    onStep() {},
  });
  try {
    const { endpoints, subnets: made } = await lab.status();
    await use(
      endpoints.aws,
      made.map(({ id }) => id),
    );
  } finally {
    await lab.close();
    state.close();
  }
};

/** Has every part of a lab keep something. */
beforeAll(async () => {
  await run(async (endpoint, subnetIds) => {
    const settings = { endpoint, region: "us-east-1", credentials: { accessKeyId: "slash28", secretAccessKey: "slash28" } };
    const [eks, iam, sts] = [new EKSClient(settings), new IAMClient(settings), new STSClient(settings)];
    await iam.send(new CreateUserCommand({ UserName: "ann", Tags: [{ Key: "team", Value: "net" }] }));
    await iam.send(new CreateAccessKeyCommand({ UserName: "ann" }));
    const PolicyDocument = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}';
    await iam.send(new CreatePolicyCommand({ PolicyName: "all", PolicyDocument }));
    await sts.send(new GetSessionTokenCommand({}));
    const alarm = { MetricName: "m", Namespace: "n", Period: 60, EvaluationPeriods: 1, Threshold: 1, Statistic: "Sum" } as const;
    await new CloudWatchClient(settings).send(
      new PutMetricAlarmCommand({ ...alarm, AlarmName: "a", ComparisonOperator: "GreaterThanThreshold" }),
    );
    await eks.send(new UpdateAddonCommand({ clusterName: NAME, addonName: "vpc-cni", configurationValues: '{"env":{"MAX_ENI":"2"}}' }));
    const association = { clusterName: NAME, namespace: "n", serviceAccount: "a", roleArn: ROLE };
    await eks.send(new CreatePodIdentityAssociationCommand(association));
    const entry = { clusterName: NAME, principalArn: "arn:aws:iam::123456789012:user/ann" };
    await eks.send(new CreateAccessEntryCommand(entry));
    const accessScope = { type: "namespace" as const, namespaces: ["n"] };
    const policyArn = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy";
    await eks.send(new AssociateAccessPolicyCommand({ ...entry, policyArn, accessScope }));
    await eks.send(new CreateClusterCommand({ name: "second", roleArn: ROLE, resourcesVpcConfig: { subnetIds } }));
    // Written once the second cluster runs.
    while (!/"port":/.test(textOf("cluster-endpoints.json"))) await systemClock.sleep(20);
  });
}, 60_000);
afterAll(() => rmSync(root, { recursive: true, force: true }));

const textOf = (file: string, folder = whole): string => (existsSync(join(folder, file)) ? readFileSync(join(folder, file), "utf8") : "");
const files = (): readonly string[] => readdirSync(whole).filter((name) => /\.jsonl?$/.test(name));

test("what a lab has kept can be gone on from", async () => {
  const names = files().map((name) => name.replace(/cluster-[0-9a-f]{32}/, "cluster-ID"));
  const alphabetic =
    "cloud.jsonl cloudwatch-alarms.json cluster-ID-keys.json cluster-ID.jsonl cluster-endpoints.json cluster-kept.jsonl eks.json " +
    "events.jsonl iam.json kubernetes-keys.json lab.json network.json node-groups.json sts-sessions.json";
  expect(names.toSorted().join(" ")).toBe(alphabetic);
  expect(() => checkState(whole, keptShapes(NAME))).not.toThrow();
  await run(() => Promise.resolve());
}, 60_000);

/** The first place in a document or record at which something stands, changed. */
const damaged =
  (pattern: RegExp, by: string) =>
  (text: string): string => {
    expect(text).toMatch(pattern);
    return text.replace(pattern, by);
  };

const DAMAGES: readonly (readonly [file: string, damage: (text: string) => string, says: string])[] = [
  ["eks.json", (text) => text.slice(0, -10), "eks.json is not JSON."],
  ["eks.json", () => "[]", "eks.json is damaged: Invalid input: expected object, received array."],
  ["eks.json", damaged(/"clusters"/, '"klusters"'), "eks.json is damaged at clusters: "],
  [
    "eks.json",
    damaged(/"addons":\{"vpc-cni":\{/, '"addons":{"vpc-cni":7,"x":{'),
    'eks.json is damaged at clusters.kept.addons["vpc-cni"]: ',
  ],
  ["eks.json", damaged(/"status":"ACTIVE"/, '"status":"FINE"'), "Invalid option: expected one of"],
  ["iam.json", damaged(/"roles":\[/, '"roles":[null,'), "iam.json is damaged at roles[0]: Invalid input: expected object, received null."],
  ["iam.json", damaged(/"users":/, '"others":'), "iam.json is damaged at users: "],
  ["iam.json", damaged(/"secret":"[^"]+"/, '"secret":3'), "].secret: Invalid input: expected string, received number."],
  ["sts-sessions.json", () => "{}", "sts-sessions.json is damaged: Invalid input: expected array, received object."],
  ["sts-sessions.json", damaged(/"kind":"user"/, '"kind":"group"'), "sts-sessions.json is damaged at [0].subject.kind: "],
  ["node-groups.json", damaged(/"groups":\{/, '"groups":{"x":{},'), "node-groups.json is damaged at groups.x."],
  ["node-groups.json", damaged(/"minSize":\d+/, '"minSize":"0"'), "scaling.minSize: Invalid input: expected number, received string."],
  [
    "cloudwatch-alarms.json",
    damaged(/"dimensions":\[\]/, '"dimensions":["x"]'),
    "cloudwatch-alarms.json is damaged at [0].metric.dimensions[0]: ",
  ],
  ["cluster-endpoints.json", damaged(/"address":"[^"]+"/, '"address":"here"'), ".address: not an IP address."],
  ["kubernetes-keys.json", damaged(/"certPem"/, '"pem"'), "kubernetes-keys.json is damaged at authority.certPem: "],
  ["network.json", damaged(/"vpc":/, '"net":'), "network.json is damaged at vpc: "],
  ["lab.json", damaged(/"simulated"/, '"none"'), "lab.json is damaged at dataPlane: "],
  ["cloud.jsonl", damaged(/\n/, "\n7\n"), "cloud.jsonl is damaged at line 2: Invalid input: expected object, received number."],
  ["cloud.jsonl", damaged(/\n/, "\n{\n"), "cloud.jsonl, line 2, is not a record."],
  ["events.jsonl", damaged(/"kind":"[^"]+"/, '"kind":null'), "events.jsonl is damaged at line 1, kind: "],
  [`cluster-${NAME}.jsonl`, damaged(/"kind":"[^"]+"/, '"kind":{}'), "is damaged at line 1, object.kind: "],
  [`cluster-${NAME}.jsonl`, damaged(/"object":/, '"thing":'), "is damaged at line 1: neither an object nor the removal of one."],
  ["complete", () => '{"format":2}', "is in format 2, and this slash28 reads format 1: use the version that kept it"],
  ["complete", () => "", "complete is not JSON."],
];

const copyOfWhole = (): string => {
  const folder = mkdtempSync(join(root, "damaged-"));
  cpSync(whole, folder, { recursive: true });
  return folder;
};
const contents = (folder: string): unknown =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => [entry.parentPath, entry.name, readFileSync(join(entry.parentPath, entry.name), "latin1")]);
const refusal = (folder: string): string => {
  try {
    checkState(folder, keptShapes(NAME));
  } catch (cause) {
    if (cause instanceof DamagedState) return cause.message;
    throw cause;
  }
  throw new Error("a damaged folder was taken");
};

test.each(DAMAGES)("%s, damaged: refused with file, place and remedy, and left as it is", (file, damage, says) => {
  const folder = copyOfWhole();
  writeFileSync(join(folder, file), damage(textOf(file, folder)));
  const before = contents(folder);
  const said = refusal(folder);
  expect(said).toContain(folder);
  expect(said).toContain(says);
  expect(said).toMatch(/start with an empty (one|folder); nothing was changed$/);
  expect(contents(folder)).toEqual(before);
});

test("the keys and objects of a cluster that EKS made are checked as those of the lab's own", () => {
  for (const file of files().filter((name) => /^cluster-[0-9a-f]{32}/.test(name))) {
    const folder = copyOfWhole();
    writeFileSync(join(folder, file), "7\n");
    expect(refusal(folder)).toContain(`${file} is damaged`);
  }
});

test.each(keptShapes(NAME).required)("%s missing is told", (file) => {
  const folder = copyOfWhole();
  rmSync(join(folder, file));
  expect(refusal(folder)).toContain(`${join(folder, file)} is missing.`);
});

test("an IPv6 cluster's endpoint is one", () => {
  const folder = copyOfWhole();
  const ipv6 = damaged(/"address":"[^"]+"/, '"address":"2001:db8:51:101::81"');
  writeFileSync(join(folder, "cluster-endpoints.json"), ipv6(textOf("cluster-endpoints.json", folder)));
  expect(() => checkState(folder, keptShapes(NAME))).not.toThrow();
});

test("a folder with half a lab and files of others are none of its business", () => {
  const folder = copyOfWhole();
  writeFileSync(join(folder, "notes.json"), "mine");
  expect(() => checkState(folder, keptShapes(NAME))).not.toThrow();
  rmSync(join(folder, "complete"));
  writeFileSync(join(folder, "eks.json"), "{");
  expect(() => checkState(folder, keptShapes(NAME))).not.toThrow();
});
