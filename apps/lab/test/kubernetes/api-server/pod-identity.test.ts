import { afterEach, beforeAll, describe, expect, test } from "vitest";

import type { KubeObject } from "@slash28/ports";
import { body, RESOURCE } from "./in-process.ts";
import { MUTATING, webhookClusterOfTests, VALIDATING } from "./webhook-cluster.ts";
import { patchOf } from "./webhook-server.ts";

const ACCOUNTS = { group: "", version: "v1", plural: "serviceaccounts" };
const ROLE = "arn:aws:iam::111122223333:role/reader";
const associated = new Set<string>();
const { server, hook, register } = await webhookClusterOfTests({
  podIdentity: { region: "us-east-1", isIpv6: false, isAssociated: (namespace, account) => associated.has(`${namespace}/${account}`) },
});

beforeAll(async () => {
  for (const [name, annotations] of Object.entries({ web: {}, irsa: { "eks.amazonaws.com/role-arn": ROLE } })) {
    await server.api.kube.create(ACCOUNTS, {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name, namespace: "default", annotations },
    });
  }
});
afterEach(() => associated.clear());

interface TokenSource {
  readonly serviceAccountToken: { readonly expirationSeconds: number };
}

let count = 0;
const create = async (account: string, more: object = {}, query = ""): Promise<KubeObject> => {
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: `pod-${count++}`, ...more },
    spec: { serviceAccountName: account, containers: [{ name: "c", image: "busybox", command: ["true"] }] },
  };
  const response = await server.fetch(`/api/v1/namespaces/default/pods${query}`, body(pod));
  return (await response.json()) as KubeObject;
};
const namesOf = (pod: KubeObject): readonly string[] => {
  const { containers } = pod["spec"] as { containers: { env?: { name: string }[] }[] };
  return containers.flatMap(({ env = [] }) => env.map(({ name }) => name));
};
const PODS = [{ operations: ["CREATE"], apiGroups: [""], apiVersions: ["v1"], resources: ["pods"] }];

describe("new pods of a cluster that EKS knows", () => {
  test("are as they were asked for without an association or a role", async () => {
    expect(namesOf(await create("web"))).toEqual([]);
  });

  test("get Pod Identity's variables and volume by an association, with every default filled in", async () => {
    associated.add("default/web");
    const pod = await create("web");
    expect(namesOf(pod)).toEqual([
      "AWS_STS_REGIONAL_ENDPOINTS",
      "AWS_DEFAULT_REGION",
      "AWS_REGION",
      "AWS_CONTAINER_CREDENTIALS_FULL_URI",
      "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    ]);
    expect(pod.metadata.labels).toEqual({ "eks.amazonaws.com/pod-identity": "enabled" });
    const { volumes } = pod["spec"] as { volumes: { name: string; projected: { sources: TokenSource[] } }[] };
    const [volume, token] = volumes;
    expect(volume).toMatchObject({ name: "eks-pod-identity-token", projected: { defaultMode: 0o644 } });
    expect(token?.name).toMatch(/^kube-api-access-/);
    const seconds = volume?.projected.sources[0]?.serviceAccountToken.expirationSeconds;
    expect(seconds).toBeGreaterThanOrEqual(79_200);
    expect(seconds).toBeLessThanOrEqual(86_400);
  });

  test("get IRSA's by the account's annotation; what is there already is not touched when it comes or goes", async () => {
    const before = await create("irsa");
    expect(namesOf(before)).toEqual(expect.arrayContaining(["AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE"]));
    associated.add("default/irsa");
    const patched = await server.json(`/api/v1/namespaces/default/pods/${before.metadata.name}`, {
      method: "PATCH",
      headers: { "content-type": "application/merge-patch+json" },
      body: JSON.stringify({ metadata: { labels: { a: "b" } } }),
    });
    expect(patched["spec"]).toEqual(before["spec"]);
    expect(namesOf(await create("irsa"))).not.toContain("AWS_ROLE_ARN");
  });

  test("show it in a dry run, and have none of it when they say so", async () => {
    associated.add("default/web");
    expect(namesOf(await create("web", {}, "?dryRun=All"))).toContain("AWS_CONTAINER_CREDENTIALS_FULL_URI");
    expect(namesOf(await create("web", { labels: { "eks.amazonaws.com/skip-pod-identity-webhook": "true" } }))).toEqual([]);
  });

  test("of other namespaces have nothing of it", async () => {
    associated.add("tools/web");
    expect(namesOf(await create("web"))).toEqual([]);
  });

  test("have it as well in containers that a webhook adds, once; validating webhooks see it", async () => {
    associated.add("default/web");
    hook.answer("/sidecar", () => patchOf([{ op: "add", path: "/spec/containers/-", value: { name: "side", image: "side" } }]));
    hook.answer("/looks", () => ({ allowed: true }));
    await register(MUTATING, "sidecar", [{ rules: PODS }]);
    await register(VALIDATING, "looks", [{ rules: PODS }]);
    const pod = await create("web");
    const uris = namesOf(pod).filter((name) => name === "AWS_CONTAINER_CREDENTIALS_FULL_URI");
    expect(uris).toHaveLength(2);
    const seen = hook.seen.find(({ path }) => path.startsWith("/looks"))?.review.request.object as unknown as KubeObject;
    expect(seen["spec"]).toEqual(pod["spec"]);
    const stored = await server.api.kube.get(RESOURCE.pods, pod.metadata.name, "default");
    expect(stored?.["spec"]).toEqual(pod["spec"]);
  });
});
