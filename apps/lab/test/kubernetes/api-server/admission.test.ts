import type { KubeObject } from "@slash28/ports";
import { beforeEach, describe, expect, test } from "vitest";

import { body, RESOURCE, startInProcess, type InProcess } from "./in-process.ts";

const ACCOUNTS = { group: "", version: "v1", plural: "serviceaccounts" };
const RANGES = { group: "", version: "v1", plural: "limitranges" };
const QUOTAS = { group: "", version: "v1", plural: "resourcequotas" };
const CLASSES = { group: "scheduling.k8s.io", version: "v1", plural: "priorityclasses" };
const MOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";

let server: InProcess;
beforeEach(async () => {
  server = await startInProcess();
});

interface PodSpec {
  readonly volumes?: readonly { readonly name: string; readonly projected?: unknown }[];
  readonly containers: readonly { readonly volumeMounts?: readonly object[]; readonly resources: object }[];
  readonly imagePullSecrets?: readonly object[];
}

function aPod(name: string, spec: object = {}, container: object = {}): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default" },
    spec: { containers: [{ name: "main", image: "nginx", ...container }], ...spec },
  };
}

async function made(pod: KubeObject): Promise<PodSpec> {
  return (await server.api.kube.create(RESOURCE.pods, pod))["spec"] as PodSpec;
}

async function refusal(pod: KubeObject): Promise<string> {
  const { message } = await server.json("/api/v1/namespaces/default/pods", body(pod));
  return typeof message === "string" ? message : "";
}

describe("service accounts", () => {
  test("a pod gets its account's token, the CA and its namespace where it has nothing else", async () => {
    const spec = await made(aPod("plain"));
    const [volume] = spec.volumes ?? [];
    expect(volume?.name).toMatch(/^kube-api-access-[a-z0-9]{5}$/);
    expect(volume?.projected).toEqual({
      defaultMode: 420,
      sources: [
        { serviceAccountToken: { expirationSeconds: 3607, path: "token" } },
        { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
        { downwardAPI: { items: [{ path: "namespace", fieldRef: { apiVersion: "v1", fieldPath: "metadata.namespace" } }] } },
      ],
    });
    expect(spec.containers[0]?.volumeMounts).toEqual([{ name: volume?.name, readOnly: true, mountPath: MOUNT }]);
    const own = await made(aPod("own", { volumes: [{ name: "o", emptyDir: {} }] }, { volumeMounts: [{ name: "o", mountPath: MOUNT }] }));
    expect(own.volumes).toHaveLength(1);
  });

  test("neither a pod nor an account that declines gets one; the pod's word counts first", async () => {
    expect((await made(aPod("declines", { automountServiceAccountToken: false }))).volumes).toBeUndefined();
    await server.api.kube.create(ACCOUNTS, {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name: "shy", namespace: "default" },
      automountServiceAccountToken: false,
      imagePullSecrets: [{ name: "registry" }],
    });
    const shy = await made(aPod("shy", { serviceAccountName: "shy" }));
    expect([shy.volumes, shy.imagePullSecrets]).toEqual([undefined, [{ name: "registry" }]]);
    expect((await made(aPod("bold", { serviceAccountName: "shy", automountServiceAccountToken: true }))).volumes).toHaveLength(1);
    const own = await made(aPod("own", { serviceAccountName: "shy", imagePullSecrets: [{ name: "mine" }] }));
    expect(own.imagePullSecrets).toEqual([{ name: "mine" }]);
  });
});

describe("priorities", () => {
  test("come from the pod's class, or from the one for all", async () => {
    expect((await server.api.kube.get(CLASSES, "system-node-critical"))?.["value"]).toBe(2_000_001_000);
    expect(await made(aPod("none"))).toMatchObject({ priority: 0, preemptionPolicy: "PreemptLowerPriority" });
    await server.api.kube.create(CLASSES, {
      apiVersion: "scheduling.k8s.io/v1",
      kind: "PriorityClass",
      metadata: { name: "usual" },
      value: 7,
      globalDefault: true,
      preemptionPolicy: "Never",
    });
    expect(await made(aPod("usual"))).toMatchObject({ priorityClassName: "usual", priority: 7, preemptionPolicy: "Never" });
    expect(await made(aPod("critical", { priorityClassName: "system-cluster-critical" }))).toMatchObject({ priority: 2_000_000_000 });
    expect(await refusal(aPod("odd", { priorityClassName: "nobody" }))).toBe(
      'pods "odd" is forbidden: no PriorityClass with name nobody was found',
    );
  });
});

describe("limit ranges", () => {
  test("fill in what containers leave open, and refuse what is outside", async () => {
    await server.api.kube.create(RANGES, {
      apiVersion: "v1",
      kind: "LimitRange",
      metadata: { name: "r", namespace: "default" },
      spec: {
        limits: [
          {
            type: "Container",
            default: { cpu: "500m", memory: "256Mi" },
            defaultRequest: { cpu: "100m" },
            max: { cpu: "2" },
            min: { cpu: "50m" },
          },
          { type: "Pod", max: { memory: "1Gi" } },
        ],
      },
    });
    const spec = await made(aPod("open"));
    expect(spec.containers[0]?.resources).toEqual({
      limits: { cpu: "500m", memory: "256Mi" },
      requests: { cpu: "100m", memory: "256Mi" },
    });
    const pod = await server.api.kube.get(RESOURCE.pods, "open", "default");
    expect(pod?.metadata).toMatchObject({
      annotations: {
        "kubernetes.io/limit-ranger":
          "LimitRanger plugin set: cpu, memory request for container main; cpu, memory limit for container main",
      },
    });
    const sized = (resources: object): Promise<string> => refusal(aPod("sized", {}, { resources }));
    expect(await sized({ limits: { cpu: "3" } })).toBe('pods "sized" is forbidden: maximum cpu usage per Container is 2, but limit is 3');
    expect(await sized({ requests: { cpu: "10m" } })).toContain("minimum cpu usage per Container is 50m, but request is 10m");
    expect(await sized({ limits: { memory: "2Gi" } })).toContain("maximum memory usage per Pod is 1Gi, but limit is 2147483648");
  });
});

describe("quotas", () => {
  const quota = (hard: object, more: object = {}): Promise<KubeObject> =>
    server.api.kube.create(QUOTAS, {
      apiVersion: "v1",
      kind: "ResourceQuota",
      metadata: { name: "q", namespace: "default" },
      spec: { hard, ...more },
    });
  const status = async (): Promise<unknown> => {
    await new Promise((resolve) => setImmediate(resolve));
    return (await server.api.kube.get(QUOTAS, "q", "default"))?.["status"];
  };

  test("count pods and what they ask for, tell what is used, and refuse what is too much", async () => {
    await quota({ pods: "2", "requests.cpu": "1" });
    expect(await refusal(aPod("silent"))).toBe('pods "silent" is forbidden: failed quota: q: must specify requests.cpu for: main');
    const asks = (name: string, cpu: string): KubeObject => aPod(name, {}, { resources: { requests: { cpu } } });
    await made(asks("a", "600m"));
    expect(await status()).toEqual({ hard: { pods: "2", "requests.cpu": "1" }, used: { pods: "1", "requests.cpu": "600m" } });
    expect(await refusal(asks("b", "500m"))).toBe(
      'pods "b" is forbidden: exceeded quota: q, requested: requests.cpu=500m, used: requests.cpu=600m, limited: requests.cpu=1',
    );
    await made(asks("c", "100m"));
    expect(await refusal(asks("d", "100m"))).toBe(
      'pods "d" is forbidden: exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2',
    );
    await server.api.kube.patch(RESOURCE.pods, "a", "default", {
      kind: "merge",
      body: { status: { phase: "Succeeded" } },
      subresource: "status",
    });
    await made(asks("d", "100m"));
    expect(await status()).toMatchObject({ used: { pods: "2", "requests.cpu": "200m" } });
    await server.api.kube.delete(RESOURCE.pods, "c", "default", { gracePeriodSeconds: 0 });
    expect(await status()).toMatchObject({ used: { pods: "1", "requests.cpu": "100m" } });
  });

  test("count any type, services by kind, and only what is in their scope", async () => {
    await quota({ "count/configmaps": "2", "count/deployments.apps": "0", "services.loadbalancers": "0", pods: "0" }, { scopes: [] });
    const map = (name: string): Promise<Record<string, unknown>> =>
      server.json("/api/v1/namespaces/default/configmaps", body({ apiVersion: "v1", kind: "ConfigMap", metadata: { name } }));
    // One is there in every namespace: kube-root-ca.crt.
    expect((await map("one"))["kind"]).toBe("ConfigMap");
    expect((await map("two"))["message"]).toBe(
      'configmaps "two" is forbidden: exceeded quota: q, requested: count/configmaps=1, used: count/configmaps=2, limited: count/configmaps=2',
    );
    const service = { apiVersion: "v1", kind: "Service", metadata: { name: "s" }, spec: { type: "LoadBalancer", ports: [{ port: 80 }] } };
    expect((await server.json("/api/v1/namespaces/default/services", body(service)))["message"]).toContain("services.loadbalancers=1");
    await server.api.kube.delete(QUOTAS, "q", "default");
    await quota({ pods: "0" }, { scopes: ["BestEffort"] });
    expect(await refusal(aPod("best"))).toContain("exceeded quota: q");
    await made(aPod("better", {}, { resources: { requests: { cpu: "1" } } }));
  });
});

describe("pod security", () => {
  const label = (labels: Record<string, string>): Promise<KubeObject> =>
    server.api.kube.patch(RESOURCE.namespaces, "default", undefined, { kind: "merge", body: { metadata: { labels } } });

  test("baseline and restricted pods are told apart, in upstream's words", async () => {
    await label({ "pod-security.kubernetes.io/enforce": "baseline" });
    await made(aPod("fine"));
    const privileged = {
      securityContext: { privileged: true, capabilities: { add: ["NET_ADMIN", "CHOWN"] } },
      ports: [{ containerPort: 80, hostPort: 80 }],
    };
    const volumes = [{ name: "v", hostPath: { path: "/" } }];
    expect(await refusal(aPod("bad", { hostPID: true, volumes }, privileged))).toBe(
      'pods "bad" is forbidden: violates PodSecurity "baseline:latest": host namespaces (hostPID=true), privileged (container "main" must not set securityContext.privileged=true), non-default capabilities (container "main" must not include "NET_ADMIN" in securityContext.capabilities.add), hostPath volumes (volume "v"), hostPort (container "main" uses hostPort 80)',
    );
    await label({ "pod-security.kubernetes.io/enforce": "restricted" });
    expect(await refusal(aPod("bad"))).toBe(
      'pods "bad" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "main" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "main" must set securityContext.capabilities.drop=["ALL"]), runAsNonRoot != true (pod or container "main" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container "main" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
    );
    const good = { securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } } };
    await made(aPod("good", { securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } } }, good));
  });

  test("warnings come for pods and for what makes pods", async () => {
    await label({ "pod-security.kubernetes.io/warn": "restricted" });
    const template = { metadata: { labels: { a: "b" } }, spec: { containers: [{ name: "main", image: "nginx" }] } };
    const deployment = {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "d" },
      spec: { selector: { matchLabels: { a: "b" } }, template },
    };
    const response = await server.fetch("/apis/apps/v1/namespaces/default/deployments", body(deployment));
    expect(response.status).toBe(201);
    expect(response.headers.get("warning")).toContain(
      'would violate PodSecurity \\"restricted:latest\\": allowPrivilegeEscalation != false',
    );
  });
});

describe("a pod's deadline", () => {
  const change = async (name: string, activeDeadlineSeconds: number | null): Promise<string> =>
    await server.api.kube.patch(RESOURCE.pods, name, "default", { kind: "merge", body: { spec: { activeDeadlineSeconds } } }).then(
      () => "taken",
      (error: unknown) => String(error),
    );

  test("is a number of seconds, and comes closer but is never put off", async () => {
    expect(await refusal(aPod("never", { activeDeadlineSeconds: 0 }))).toContain(
      "spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive",
    );
    await made(aPod("web"));
    expect(await change("web", 60)).toBe("taken");
    expect(await change("web", 30)).toBe("taken");
    expect(await change("web", 60)).toContain("must be less than or equal to previous value");
    expect(await change("web", null)).toContain("must not update from a positive integer to nil value");
  });
});
