import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { clusterUserOf, configMapUserOf, millisOf, page, type EksActionName, type EksCall, type EksResult } from "../src/index.ts";
import { ACCOUNT, anAccount, calls, CREATOR, ROLE, withRunningCluster } from "./an-account.ts";

/** Requests a client may send, most of them about things that are there. */
const requests = fc.oneof(
  fc.record({
    name: fc.constant("createCluster" as const),
    input: fc.record({
      name: fc.constantFrom("one", "two", "-bad"),
      roleArn: fc.constantFrom(ROLE, "nobody"),
      vpcConfig: fc.record({ subnetIds: fc.constantFrom(["a", "b"], ["a"], ["z"]) }),
      token: fc.option(fc.constantFrom("t1", "t2"), { nil: undefined }),
      version: fc.constantFrom("1.32", "1.35", "1.10"),
    }),
  }),
  fc.record({ name: fc.constant("deleteCluster" as const), input: fc.record({ name: fc.constantFrom("one", "two") }) }),
  fc.record({
    name: fc.constant("clusterStarted" as const),
    input: fc.record({
      name: fc.constantFrom("one", "two"),
      connection: fc.constant({ endpoint: "https://x", caPem: "pem" }),
      clusterSecurityGroupId: fc.constant("sg"),
    }),
  }),
  fc.record({
    name: fc.constant("createAddon" as const),
    input: fc.record({
      cluster: fc.constantFrom("one", "two"),
      addon: fc.constantFrom("vpc-cni", "coredns", "nothing"),
      version: fc.constantFrom(undefined, "v1.22.3-eksbuild.1", "v9"),
      token: fc.option(fc.constantFrom("t1", "t2"), { nil: undefined }),
    }),
  }),
  fc.record({
    name: fc.constant("finishAddonWork" as const),
    input: fc.record({ cluster: fc.constantFrom("one", "two"), addon: fc.constantFrom("vpc-cni", "coredns"), issues: fc.constant([]) }),
  }),
  fc.record({
    name: fc.constant("createAssociation" as const),
    input: fc.record({
      cluster: fc.constantFrom("one", "two"),
      namespace: fc.constantFrom("a", "b"),
      serviceAccount: fc.constantFrom("x", "y"),
      roleArn: fc.constantFrom(ROLE, "nobody"),
      token: fc.option(fc.constantFrom("t1", "t2"), { nil: undefined }),
    }),
  }),
);

property.prop([fc.array(requests, { maxLength: 30 })])(
  "whatever is asked: a refusal changes nothing, a success is kept, and the kept state goes on the same",
  (asked) => {
    const { eks, call, kept } = anAccount();
    const act = eks.act as (name: EksActionName, input: unknown, call: EksCall) => EksResult<unknown>;
    for (const { name, input } of asked) {
      const before = eks.state;
      const result = act(name, input, call);
      if (!result.ok) expect(eks.state).toBe(before);
      if (eks.state !== before) expect(kept.at(-1)).toBe(eks.state);
      expect(JSON.parse(JSON.stringify(eks.state))).toEqual(eks.state);
      for (const cluster of Object.values(eks.state.clusters)) {
        const owners = Object.values(cluster.associations).map(({ namespace, serviceAccount }) => `${namespace}/${serviceAccount}`);
        expect(new Set(owners).size).toBe(owners.length);
      }
    }
    const again = anAccount(JSON.parse(JSON.stringify(eks.state)) as typeof eks.state);
    expect(again.eks.act("deleteCluster", { name: "one" }, call)).toEqual(eks.act("deleteCluster", { name: "one" }, call));
  },
);

property.prop([fc.string({ minLength: 1 }), fc.integer({ min: 1, max: 4 })])(
  "the same request with the same token is carried out once, however often it is sent",
  (token, times) => {
    const { eks, call } = withRunningCluster();
    const input = { cluster: "one", namespace: "a", serviceAccount: "x", roleArn: ROLE, token };
    const answers = Array.from({ length: times + 1 }, () => eks.act("createAssociation", input, call));
    expect(new Set(answers.map((one) => JSON.stringify(one))).size).toBe(1);
    expect(eks.act("createAssociation", { ...input, token: `${token}2` }, call)).toMatchObject({
      ok: false,
      error: { code: "ResourceInUseException" },
    });
  },
);

test("an association with an empty policy has none", () => {
  const { eks, call } = withRunningCluster();
  const input = { cluster: "one", namespace: "a", serviceAccount: "x", roleArn: ROLE, policy: "" };
  const made = eks.act("createAssociation", input, call);
  expect(made).toMatchObject({ ok: true });
  expect(made.ok && made.value).not.toHaveProperty("policy");
});

property.prop([fc.uniqueArray(fc.string({ minLength: 1 }), { maxLength: 40 }), fc.integer({ min: 1, max: 100 })])(
  "pages show every item once, in order",
  (items, maxResults) => {
    const seen: string[] = [];
    let nextToken: string | undefined;
    do {
      const shown = page(items, (item) => item, { maxResults, nextToken });
      if (!shown.ok) throw new Error(shown.error.message);
      seen.push(...shown.value.items);
      nextToken = shown.value.nextToken;
    } while (nextToken !== undefined);
    expect(seen).toEqual(items.toSorted((a, b) => (a < b ? -1 : 1)));
  },
);

test("page sizes from 1 to 100 are taken, others refused", () => {
  expect([0, 1, 100, 101, 1.5].map((maxResults) => page(["a"], (item) => item, { maxResults }).ok)).toEqual([
    false,
    true,
    true,
    false,
    false,
  ]);
});

property.prop([fc.date({ min: new Date("1970-01-01"), max: new Date("2099-12-31"), noInvalidDate: true })])(
  "days are counted as the calendar has them",
  (date) => {
    expect(millisOf(date.toISOString().slice(0, 10))).toBe(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()));
  },
);

describe("who a caller is in a cluster", () => {
  const session = `arn:aws:sts::${ACCOUNT}:assumed-role/dev/alice@corp`;
  const role = `arn:aws:iam::${ACCOUNT}:role/dev`;

  test("the creator, by its access entry or, in a cluster that goes by the ConfigMap, as kubernetes-admin", () => {
    const byApi = withRunningCluster("one", "API").eks.state.clusters["one"];
    const byMap = withRunningCluster("one", "CONFIG_MAP").eks.state.clusters["one"];
    if (byApi === undefined || byMap === undefined) throw new Error("no cluster");
    expect(clusterUserOf(byApi, CREATOR)).toMatchObject({ username: CREATOR, groups: [`eks:access-entry:${CREATOR}`] });
    expect(clusterUserOf(byMap, CREATOR)).toMatchObject({ username: "kubernetes-admin", groups: ["system:masters"] });
    expect(clusterUserOf(byMap, session)).toBeUndefined();
  });

  test("sessions of a role go by the role's entry, each by its own name", () => {
    const { eks, call } = withRunningCluster("one", "API");
    eks.act("createAccessEntry", { cluster: "one", principalArn: role, groups: ["devs"] }, call);
    const cluster = eks.state.clusters["one"];
    if (cluster === undefined) throw new Error("no cluster");
    expect(clusterUserOf(cluster, session)).toEqual({
      username: `arn:aws:sts::${ACCOUNT}:assumed-role/dev/alice-corp`,
      groups: ["devs"],
      principalArn: role,
      session: "alice@corp",
    });
  });

  test("the ConfigMap's mappings count where the mode has them", () => {
    const mappings = [{ arn: role, username: "dev:{{SessionName}}", groups: ["system:masters"] }];
    for (const [mode, username] of [
      ["API", undefined],
      ["API_AND_CONFIG_MAP", "dev:alice-corp"],
      ["CONFIG_MAP", "dev:alice-corp"],
    ] as const) {
      const cluster = withRunningCluster("one", mode).eks.state.clusters["one"];
      if (cluster === undefined) throw new Error("no cluster");
      expect(configMapUserOf(cluster, mappings, session)?.username).toBe(username);
    }
  });

  test("an account's root has no access entry", () => {
    const { eks } = anAccount();
    const call = calls({ callerArn: `arn:aws:iam::${ACCOUNT}:root` });
    eks.act("createCluster", { name: "one", roleArn: ROLE, vpcConfig: { subnetIds: ["a", "b"] }, authenticationMode: "API" }, call);
    expect(eks.state.clusters["one"]?.accessEntries).toEqual({});
  });
});
