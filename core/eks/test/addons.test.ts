import { describe, expect, test } from "vitest";
import { fc, test as property } from "@fast-check/vitest";
import {
  ADDONS,
  addonsToRepair,
  addonTasks,
  configurationFaults,
  defaultVersionOf,
  isDefault,
  KUBERNETES_VERSIONS,
  parseFieldPath,
  planApply,
  REPAIR_INTERVAL_MS,
  versionSkipOf,
  withoutField,
} from "../src/index.ts";
import { calls, withRunningCluster } from "./an-account.ts";

describe("the catalogue", () => {
  test.each(KUBERNETES_VERSIONS.map(({ name }) => name))("every add-on has exactly one default version for Kubernetes %s", (kubernetes) => {
    for (const addon of ADDONS) {
      expect(addon.versions.filter((version) => isDefault(version, kubernetes)).map(({ name }) => name)).toHaveLength(1);
      expect(defaultVersionOf(addon, kubernetes)).toBeDefined();
    }
  });

  test.each([
    ["v1.19.0-eksbuild.1", "v1.22.3-eksbuild.1", "1.32", ["1.20", "1.21"], ["v1.20.5-eksbuild.1", "v1.21.2-eksbuild.2"]],
    // The agent's own manifest has the version without its build.
    ["v1.20.5", "v1.22.3-eksbuild.1", "1.35", ["1.21"], ["v1.21.2-eksbuild.2"]],
    ["v1.21.2-eksbuild.2", "v1.19.6-eksbuild.7", "1.33", ["1.20"], ["v1.20.5-eksbuild.1"]],
    // 1.17 and 1.18 have nothing that goes with Kubernetes 1.33.
    ["v1.16.4-eksbuild.2", "v1.20.5-eksbuild.1", "1.33", ["1.17", "1.18", "1.19"], ["v1.19.6-eksbuild.7"]],
  ])("vpc-cni from %s to %s skips minor versions", (from, to, kubernetes, skipped, between) => {
    expect(versionSkipOf("vpc-cni", from, to, kubernetes)).toEqual({ from, to, skipped, steps: [...between, to] });
  });

  test.each([
    ["vpc-cni", "v1.21.2-eksbuild.2", "v1.22.3-eksbuild.1"],
    ["vpc-cni", "v1.22.1-eksbuild.2", "v1.22.3-eksbuild.1"],
    ["vpc-cni", "unknown", "v1.22.3-eksbuild.1"],
    ["kube-proxy", "v1.32.6-eksbuild.8", "v1.35.3-eksbuild.11"],
  ])("%s from %s to %s skips nothing that it should not", (addon, from, to) => {
    expect(versionSkipOf(addon, from, to, "1.35")).toBeUndefined();
  });
});

describe("conflicts", () => {
  const conflicts = [{ object: "DaemonSet.apps aws-node", field: ".spec.x" }];
  test.each([
    ["create", "NONE", "refuse"],
    ["create", "PRESERVE", "refuse"],
    ["create", "OVERWRITE", "apply all"],
    ["update", "NONE", "refuse"],
    ["update", "PRESERVE", "leave"],
    ["update", "OVERWRITE", "apply all"],
    ["repair", "OVERWRITE", "leave"],
    ["repair", "NONE", "leave"],
  ] as const)("%s with %s: %s", (reason, mode, outcome) => {
    const plan = planApply(reason, mode, conflicts);
    expect(plan.kind === "refuse" ? "refuse" : plan.leave.length === 0 ? "apply all" : "leave").toBe(outcome);
    expect(planApply(reason, mode, [])).toEqual({ kind: "apply", leave: [] });
  });
});

describe("fields", () => {
  const object = {
    metadata: { labels: { "app.kubernetes.io/version": "v1", other: "x" } },
    spec: {
      containers: [
        {
          name: "aws-node",
          env: [
            { name: "A", value: "1" },
            { name: "B", value: "2" },
          ],
          ports: [{ containerPort: 80, protocol: "TCP" }],
        },
      ],
    },
  };

  test.each([
    ['.spec.containers[name="aws-node"].env[name="A"].value', { env: [{ name: "A" }, { name: "B", value: "2" }] }],
    ['.spec.containers[name="aws-node"].env[name="B"]', { env: [{ name: "A", value: "1" }] }],
    ['.spec.containers[name="aws-node"].ports[containerPort=80,protocol="TCP"]', { ports: [] }],
    [".spec.containers[0].env", { env: undefined }],
  ])("%s is taken out, and nothing else", (path, change) => {
    const after = withoutField(object, path);
    expect(after.spec.containers).toEqual([{ ...object.spec.containers[0], ...change }]);
    expect(after.metadata).toBe(object.metadata);
  });

  test("a label whose name has dots is found", () => {
    expect(withoutField(object, ".metadata.labels.app.kubernetes.io/version").metadata).toEqual({ labels: { other: "x" } });
  });

  test("a path that leads nowhere changes nothing", () => {
    for (const path of [".spec.missing", '.spec.containers[name="x"].env', "nonsense", ".metadata.labels.a.b.c"])
      expect(withoutField(object, path)).toEqual(object);
  });

  property.prop([fc.array(fc.stringMatching(/^[a-z]{1,5}$/), { minLength: 1, maxLength: 4 })])(
    "a path of names is read as it was written",
    (names) => {
      expect(parseFieldPath(names.map((name) => `.${name}`).join(""))).toEqual(names.map((name) => ({ kind: "field", name })));
    },
  );
});

describe("configuration", () => {
  property.prop([fc.stringMatching(/^[A-Z_]{12,20}x$/), fc.string()])("a variable nobody knows is refused by name", (name, value) => {
    expect(configurationFaults("vpc-cni", { env: { [name]: value } })).toEqual([
      `$.env.${name}: is not defined in the schema and the schema does not allow additional properties`,
    ]);
  });

  property.prop([fc.constantFrom("WARM_IP_TARGET", "MINIMUM_IP_TARGET", "ENABLE_POD_ENI"), fc.string()])(
    "any text is taken for a variable, as EKS takes it",
    (name, value) => {
      expect(configurationFaults("vpc-cni", { env: { [name]: value } })).toEqual([]);
    },
  );

  test("several faults are told together", () => {
    expect(configurationFaults("coredns", { replicaCount: "2", computeTypes: 1, autoScaling: { minReplicas: 1 } })).toEqual([
      "$.autoScaling.minReplicas: must have a minimum value of 2",
      "$.computeTypes: is not defined in the schema and the schema does not allow additional properties",
      "$.replicaCount: string found, integer expected",
    ]);
  });
});

describe("work", () => {
  test("an add-on is to be worked on until it is reported, and to be put right every fifteen minutes after", () => {
    const { eks, call } = withRunningCluster();
    eks.act("createAddon", { cluster: "one", addon: "vpc-cni" }, call);
    expect(addonTasks(eks.state).map(({ addon }) => [addon.name, addon.work])).toEqual([
      ["vpc-cni", { kind: "create", resolveConflicts: "NONE" }],
    ]);
    expect(addonsToRepair(eks.state, call.now + REPAIR_INTERVAL_MS)).toEqual([]);
    eks.act("finishAddonWork", { cluster: "one", addon: "vpc-cni", issues: [] }, call);
    expect(addonTasks(eks.state)).toEqual([]);
    expect(addonsToRepair(eks.state, call.now + REPAIR_INTERVAL_MS - 1)).toEqual([]);
    expect(addonsToRepair(eks.state, call.now + REPAIR_INTERVAL_MS).map(({ addon }) => addon.name)).toEqual(["vpc-cni"]);
    // Whoever has looked after it since then has nothing to do; whoever begins now has.
    expect(addonsToRepair(eks.state, call.now + 1, call.now)).toEqual([]);
    expect(addonsToRepair(eks.state, call.now + 1, call.now + 1).map(({ addon }) => addon.name)).toEqual(["vpc-cni"]);
    eks.act("addonRepaired", { cluster: "one", addon: "vpc-cni" }, calls({ now: call.now + REPAIR_INTERVAL_MS }));
    expect(addonsToRepair(eks.state, call.now + REPAIR_INTERVAL_MS)).toEqual([]);
  });

  test("pods that are missing degrade an add-on; it recovers", () => {
    const { eks, call } = withRunningCluster();
    eks.act("createAddon", { cluster: "one", addon: "coredns" }, call);
    const missing = { code: "InsufficientNumberOfReplicas", message: "m", resourceIds: [] };
    const name = { cluster: "one", addon: "coredns" };
    const status = (): string | undefined => eks.state.clusters["one"]?.addons["coredns"]?.status;
    eks.act("finishAddonWork", { ...name, issues: [missing] }, call);
    expect(status()).toBe("DEGRADED");
    eks.act("noteAddonHealth", { ...name, issues: [] }, call);
    expect(status()).toBe("ACTIVE");
    eks.act("noteAddonHealth", { ...name, issues: [missing] }, call);
    expect(status()).toBe("DEGRADED");
  });

  test("an add-on's own pod identity associations come and go with it", () => {
    const { eks, call } = withRunningCluster();
    const identities = [{ serviceAccount: "aws-node", roleArn: "arn:aws:iam::123456789012:role/cni" }];
    eks.act("createAddon", { cluster: "one", addon: "vpc-cni", identities }, call);
    eks.act("finishAddonWork", { cluster: "one", addon: "vpc-cni", issues: [] }, call);
    const [association] = Object.values(eks.state.clusters["one"]?.associations ?? {});
    expect(association).toMatchObject({
      namespace: "kube-system",
      serviceAccount: "aws-node",
      ownerArn: eks.state.clusters["one"]?.addons["vpc-cni"]?.arn,
    });
    expect(eks.act("deleteAssociation", { cluster: "one", id: association?.id ?? "" }, call)).toMatchObject({
      ok: false,
      error: { code: "InvalidRequestException" },
    });
    eks.act("deleteAddon", { cluster: "one", addon: "vpc-cni", isPreserving: false }, call);
    eks.act("addonGone", { cluster: "one", addon: "vpc-cni" }, call);
    expect(eks.state.clusters["one"]?.associations).toEqual({});
  });
});
