import { randomUUID } from "node:crypto";
import { createEks, REPAIR_INTERVAL_MS, USUAL_SERVICE_RANGES, type Eks, type EksCall } from "@slash28/eks";
import { RESOURCES, type KubeEvent } from "@slash28/kube";
import type { KubeObject } from "@slash28/ports";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { LabEvent } from "../../../src/control/index.ts";
import { createApiServer, type ApiServer } from "../../../src/kubernetes/api-server/index.ts";
import { startControllers, type Controllers } from "../../../src/kubernetes/controllers/start-controllers.ts";
import { startAddonDriver, type AddonDriver } from "../../../src/supervisor/eks/addon-driver.ts";
import { vpcCniObjects } from "../../../src/supervisor/eks/addon-objects.ts";

const NO_LOG = { debug() {}, info() {}, warn() {}, error() {}, child: () => NO_LOG } as never;
const ROLE = "arn:aws:iam::123456789012:role/r";
const name = { cluster: "one", addon: "vpc-cni" };

/** Lab time: it goes on by itself, fifty times as fast when somebody waits, and by leaps. */
const time = { leapsMs: 0 };
const clock = {
  now: () => Date.now() + time.leapsMs,
  sleep: (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, Math.min(ms / 50, 50))),
};

const told: LabEvent[] = [];
const events = { record: (kind: LabEvent["kind"], object: string, message: string) => void told.push({ at: "", kind, object, message }) };

let api: ApiServer;
let controllers: Controllers;
let driver: AddonDriver;
let eks: Eks;

const call = (): EksCall => ({
  now: clock.now(),
  callerArn: "arn:aws:iam::123456789012:root",
  network: {
    subnet: (id) => ({ vpcId: "v", zone: id, freeAddresses: 9, hasIpv6: false }),
    securityGroup: () => undefined,
    vpcCidrs: () => [],
  },
  newUuid: randomUUID,
  nodeGroups: () => [],
});
const until = async (what: string, isSo: () => Promise<boolean> | boolean): Promise<void> => {
  for (let tries = 0; tries < 400; tries++) {
    if (await isSo()) return;
    await new Promise((resolve) => void setTimeout(resolve, 10));
  }
  throw new Error(`waited in vain for ${what}`);
};
const status = (): string | undefined => eks.state.clusters["one"]?.addons["vpc-cni"]?.status;
const daemonSet = (): Promise<KubeObject | undefined> => api.kube.get(RESOURCES.daemonSets, "aws-node", "kube-system");
const env = async (variable: string): Promise<string | undefined> => {
  const spec = (await daemonSet())?.["spec"] as
    | { template: { spec: { containers: { env: { name: string; value?: string }[] }[] } } }
    | undefined;
  return spec?.template.spec.containers[0]?.env.find((one) => one.name === variable)?.value;
};
/** What `kubectl set env` sends. */
const setEnv = async (variable: string, value: string | undefined): Promise<void> => {
  const entry = value === undefined ? { $patch: "delete", name: variable } : { name: variable, value };
  const body = { spec: { template: { spec: { containers: [{ name: "aws-node", env: [entry] }] } } } };
  const response = await api.handle(
    new Request("https://cluster/apis/apps/v1/namespaces/kube-system/daemonsets/aws-node?fieldManager=kubectl-set", {
      method: "PATCH",
      headers: { "content-type": "application/strategic-merge-patch+json" },
      body: JSON.stringify(body),
    }),
    { name: "kubernetes-admin", groups: ["system:masters", "system:authenticated"] },
  );
  expect(response.status).toBe(200);
};
const update = async (resolveConflicts: string, text: string, version?: string): Promise<string | undefined> => {
  const configuration = { text, values: JSON.parse(text) as unknown };
  const result = eks.act("updateAddon", { ...name, resolveConflicts, configuration, version }, call());
  if (!result.ok) throw new Error(result.error.message);
  driver.wake();
  await until("the update to end", () => status() !== "UPDATING");
  return eks.state.clusters["one"]?.updates.find(({ id }) => id === result.value.id)?.status;
};

/** The driver of a lab whose EC2 answers there. */
function startDriver(ec2Endpoint: string): AddonDriver {
  const manifest = { clusterName: "one", region: "us-east-1", vpcId: "v", clusterEndpoint: "https://x", ec2Endpoint, isSimulated: true };
  const addons = { "vpc-cni": vpcCniObjects({ ...manifest, extraEnv: { EXTRA: "1" } }) };
  return startAddonDriver({ eks, call, targetOf: () => ({ api, kube: api.kube, addons }), events, clock, log: NO_LOG });
}

beforeAll(async () => {
  api = await createApiServer({ clock, log: NO_LOG, runtimeFor: () => undefined, serviceRange: USUAL_SERVICE_RANGES[0] });
  controllers = startControllers({ kube: api.kube, clock, random: Math.random, log: NO_LOG });
  await controllers.synced;
  eks = createEks({ region: "us-east-1", accountId: "123456789012" });
  eks.act("createCluster", { name: "one", roleArn: ROLE, vpcConfig: { subnetIds: ["a", "b"] } }, call());
  eks.act("clusterStarted", { name: "one", connection: { endpoint: "https://x", caPem: "" }, clusterSecurityGroupId: "sg" }, call());
  driver = startDriver("http://x");
  const values = { env: { WARM_IP_TARGET: "2" } };
  eks.act("createAddon", { ...name, serviceAccountRoleArn: ROLE, configuration: { text: JSON.stringify(values), values } }, call());
  driver.wake();
  await until("the add-on to be there", () => status() === "ACTIVE");
});
afterAll(async () => {
  await driver.close();
  await controllers.stop();
  await api.close();
});

test("its objects are there, configured, and EKS's", async () => {
  expect([await env("WARM_IP_TARGET"), await env("WARM_ENI_TARGET"), await env("EXTRA")]).toEqual(["2", "1", "1"]);
  expect((await account())?.metadata.annotations).toMatchObject({ "eks.amazonaws.com/role-arn": ROLE });
  const managers = (await daemonSet())?.metadata["managedFields"] as { manager: string; operation: string }[];
  expect(managers).toContainEqual(expect.objectContaining({ manager: "eks", operation: "Apply" }));
});

const account = (): Promise<KubeObject | undefined> => api.kube.get(RESOURCES.serviceAccounts, "aws-node", "kube-system");
const labels = async (): Promise<Readonly<Record<string, string>>> => (await daemonSet())?.metadata.labels ?? {};
const label = (name: string, value: string | null): Promise<KubeObject> =>
  api.kube.patch(RESOURCES.daemonSets, "aws-node", "kube-system", { kind: "merge", body: { metadata: { labels: { [name]: value } } } });
/** Has the next repair come, and waits until it has been. */
const nextRepair = async (): Promise<void> => {
  const repairedAt = (): number | undefined => eks.state.clusters["one"]?.addons["vpc-cni"]?.repairedAt;
  const before = repairedAt();
  time.leapsMs += REPAIR_INTERVAL_MS;
  await until("the next repair", () => repairedAt() !== before);
};

/** Every kind of drift: what somebody does to the live objects, what is to be seen of it, and of what the next repair makes of it. */
const DRIFTS: readonly {
  readonly what: string;
  readonly happens: () => Promise<unknown>;
  readonly look: () => Promise<unknown>;
  readonly drifted: unknown;
  readonly repaired: unknown;
}[] = [
  {
    what: "an object that was deleted is back",
    happens: () => api.kube.delete(RESOURCES.serviceAccounts, "aws-node", "kube-system"),
    look: async () => (await account()) !== undefined,
    drifted: false,
    repaired: true,
  },
  {
    what: "a field of EKS's that was removed is back",
    happens: () => setEnv("WARM_IP_TARGET", undefined),
    look: () => env("WARM_IP_TARGET"),
    drifted: undefined,
    repaired: "2",
  },
  {
    what: "a field of EKS's that another manager changed stays as that one has it",
    happens: () => setEnv("WARM_ENI_TARGET", "7"),
    look: () => env("WARM_ENI_TARGET"),
    drifted: "7",
    repaired: "7",
  },
  {
    what: "a field that is none of EKS's stays",
    happens: () => Promise.all([setEnv("MINIMUM_IP_TARGET", "5"), label("team", "net")]),
    look: async () => [await env("MINIMUM_IP_TARGET"), (await labels())["team"]],
    drifted: ["5", "net"],
    repaired: ["5", "net"],
  },
];

describe("drift is put right every fifteen minutes of lab time", () => {
  test.each(DRIFTS)("$what", async ({ happens, look, drifted, repaired }) => {
    await happens();
    expect(await look()).toEqual(drifted);
    await nextRepair();
    expect(await look()).toEqual(repaired);
    // And as often again: a field left to somebody stays left.
    await nextRepair();
    expect(await look()).toEqual(repaired);
  });

  test("nothing of it before the fifteen minutes are over", async () => {
    await nextRepair();
    await api.kube.delete(RESOURCES.serviceAccounts, "aws-node", "kube-system");
    time.leapsMs += REPAIR_INTERVAL_MS - 60_000;
    await clock.sleep(5_000);
    expect(await account()).toBeUndefined();
    time.leapsMs += 60_000;
    await until("the account to be back", async () => (await account()) !== undefined);
  });

  test("a field that somebody changed and then removed is EKS's again", async () => {
    await setEnv("WARM_IP_TARGET", "9");
    await nextRepair();
    expect(await env("WARM_IP_TARGET")).toBe("9");
    await setEnv("WARM_IP_TARGET", undefined);
    await nextRepair();
    expect(await env("WARM_IP_TARGET")).toBe("2");
  });

  test("of an object made anew nothing is left that others had set", async () => {
    await api.kube.delete(RESOURCES.daemonSets, "aws-node", "kube-system");
    await nextRepair();
    expect([await env("WARM_ENI_TARGET"), await env("MINIMUM_IP_TARGET"), (await labels())["team"]]).toEqual(["1", undefined, undefined]);
  });
});

test("a lab that goes on at other endpoints puts add-ons right at once; what others have set stays", async () => {
  await setEnv("WARM_ENI_TARGET", "7");
  await driver.close();
  time.leapsMs += 1;
  driver = startDriver("http://y");
  await until("the new endpoint", async () => (await env("AWS_ENDPOINT_URL_EC2")) === "http://y");
  expect(await env("WARM_ENI_TARGET")).toBe("7");
  // Once: another change waits for the next repair, as ever.
  await api.kube.delete(RESOURCES.serviceAccounts, "aws-node", "kube-system");
  await clock.sleep(5_000);
  expect(await account()).toBeUndefined();
  await nextRepair();
  expect(await account()).toBeDefined();
});

test("a configuration that was read from the add-on restores it", async () => {
  const backup = eks.state.clusters["one"]?.addons["vpc-cni"]?.configurationValues ?? "";
  expect(backup).toBe('{"env":{"WARM_IP_TARGET":"2"}}');
  await update("OVERWRITE", '{"env":{"WARM_IP_TARGET":"6","MINIMUM_IP_TARGET":"8"}}');
  expect([await env("WARM_IP_TARGET"), await env("MINIMUM_IP_TARGET")]).toEqual(["6", "8"]);
  await update("OVERWRITE", backup);
  expect([await env("WARM_IP_TARGET"), await env("MINIMUM_IP_TARGET")]).toEqual(["2", undefined]);
});

test("conflicts: NONE fails and changes nothing, PRESERVE leaves the field, OVERWRITE takes it", async () => {
  await setEnv("WARM_IP_TARGET", "9");
  expect(await update("NONE", '{"env":{"WARM_IP_TARGET":"3","MINIMUM_IP_TARGET":"4"}}')).toBe("Failed");
  expect(status()).toBe("UPDATE_FAILED");
  expect(eks.state.clusters["one"]?.addons["vpc-cni"]?.health[0]?.message).toContain(
    'DaemonSet.apps aws-node - .spec.template.spec.containers[name="aws-node"].env[name="WARM_IP_TARGET"].value',
  );
  expect([await env("WARM_IP_TARGET"), await env("MINIMUM_IP_TARGET")]).toEqual(["9", undefined]);
  expect(await update("PRESERVE", '{"env":{"WARM_IP_TARGET":"3","MINIMUM_IP_TARGET":"4"}}')).toBe("Successful");
  expect([await env("WARM_IP_TARGET"), await env("MINIMUM_IP_TARGET")]).toEqual(["9", "4"]);
  expect(await update("OVERWRITE", '{"env":{"WARM_IP_TARGET":"3"}}')).toBe("Successful");
  expect([await env("WARM_IP_TARGET"), await env("MINIMUM_IP_TARGET")]).toEqual(["3", undefined]);
});

/** Warnings about versions of the DaemonSet that is there now. */
const versionWarnings = async (): Promise<readonly (readonly [string, string])[]> => {
  const uid = (await daemonSet())?.metadata.uid;
  const { items } = await api.kube.list<KubeEvent>({ group: "", version: "v1", plural: "events" }, { namespace: "kube-system" });
  return items
    .filter((event) => event.reason === "AddonVersionsSkipped" && event.involvedObject["uid"] === uid)
    .map((event) => [event.type, event.message]);
};

test("an update that skips minor versions is carried out, and told in both books with the steps between", async () => {
  expect(await update("OVERWRITE", "{}", "v1.21.2-eksbuild.2")).toBe("Successful");
  expect([told, await versionWarnings()]).toEqual([[], []]);
  expect(await update("OVERWRITE", "{}", "v1.20.5-eksbuild.1")).toBe("Successful");
  expect(await update("OVERWRITE", "{}", "v1.23.1-eksbuild.1")).toBe("Successful");
  expect(told).toMatchObject([{ kind: "addon-versions-skipped", object: "one/vpc-cni" }]);
  const message = told[0]?.message ?? "";
  expect(message).toContain("vpc-cni went from v1.20.5 to v1.23.1-eksbuild.1 and skipped 1.21, 1.22. EKS allows that");
  expect(message).toContain(
    "for v in v1.21.2-eksbuild.2 v1.22.3-eksbuild.1 v1.23.1-eksbuild.1; do aws eks update-addon --cluster-name one",
  );
  expect(message.length).toBeLessThan(1_024);
  expect(await versionWarnings()).toEqual([["Warning", message]]);
});

test("a skip that EKS refused, for a field of somebody else, is not told", async () => {
  const before = told.length;
  await setEnv("WARM_IP_TARGET", "9");
  expect(await update("NONE", '{"env":{"WARM_IP_TARGET":"3"}}', "v1.20.5-eksbuild.1")).toBe("Failed");
  expect(told).toHaveLength(before);
  expect(await update("OVERWRITE", "{}", "v1.22.3-eksbuild.1")).toBe("Successful");
  expect(told).toHaveLength(before);
});

test("eniConfig of the configuration makes an ENIConfig per zone", async () => {
  const eniConfig = { create: true, region: "us-east-1", subnets: { "us-east-1a": { id: "subnet-1", securityGroups: ["sg-1"] } } };
  await update("OVERWRITE", JSON.stringify({ eniConfig }));
  const made = await api.kube.get({ group: "crd.k8s.amazonaws.com", version: "v1alpha1", plural: "eniconfigs" }, "us-east-1a");
  expect(made?.["spec"]).toEqual({ subnet: "subnet-1", securityGroups: ["sg-1"] });
});

test("deleting leaves the objects when they are to be preserved; an add-on made again takes them over, and takes them along", async () => {
  eks.act("deleteAddon", { ...name, isPreserving: true }, call());
  driver.wake();
  await until("the add-on to be gone", () => status() === undefined);
  expect(await daemonSet()).toBeDefined();
  const before = told.length;
  eks.act("createAddon", { ...name, version: "v1.20.5-eksbuild.1" }, call());
  driver.wake();
  await until("the add-on to be back", () => status() === "ACTIVE");
  expect(told.slice(before).map(({ message }) => message)).toEqual([expect.stringContaining("from v1.22.3 to v1.20.5-eksbuild.1")]);
  eks.act("deleteAddon", { ...name, isPreserving: false }, call());
  driver.wake();
  await until("the add-on to be gone", () => status() === undefined);
  await until("its objects to be gone", async () => (await daemonSet()) === undefined);
});
