import { at, listOf } from "@slash28/kube-store";
import type { KubeObject } from "@slash28/ports";
import { WebSocket } from "ws";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";

import { body, RESOURCE } from "./in-process.ts";
import { MUTATING, webhookClusterOfTests, VALIDATING } from "./webhook-cluster.ts";
import { patchOf, type Review } from "./webhook-server.ts";

const POLICIES = { group: "admissionregistration.k8s.io", version: "v1", plural: "validatingadmissionpolicies" };
const POLICY_BINDINGS = { group: "admissionregistration.k8s.io", version: "v1", plural: "validatingadmissionpolicybindings" };
const NAMESPACE = "/api/v1/namespaces/default";

const { server, hook, register } = await webhookClusterOfTests();

function ruleFor(resource: string, operation: string, apiGroup = ""): object {
  return { operations: [operation], apiGroups: [apiGroup], apiVersions: ["v1"], resources: [resource] };
}

function rulesFor(...rule: Parameters<typeof ruleFor>): Record<string, unknown> {
  return { rules: [ruleFor(...rule)] };
}

async function aPod(name: string): Promise<void> {
  await server.api.kube.create(RESOURCE.pods, {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default", labels: { app: name } },
    spec: { containers: [{ name: "c", image: "nginx" }], terminationGracePeriodSeconds: 0 },
  });
}

async function aDeployment(name: string): Promise<void> {
  await server.api.kube.create(RESOURCE.deployments, {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace: "default" },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: "c", image: "nginx" }] } },
    },
  });
}

function evictionOf(name: string): KubeObject {
  return { apiVersion: "policy/v1", kind: "Eviction", metadata: { name, namespace: "default" } };
}

function bindingOf(name: string): KubeObject {
  return { apiVersion: "v1", kind: "Binding", metadata: { name, namespace: "default" }, target: { kind: "Node", name: "node-a" } };
}

function scaleTo(name: string, replicas: number): object {
  return { apiVersion: "autoscaling/v1", kind: "Scale", metadata: { name, namespace: "default" }, spec: { replicas } };
}

function put(value: unknown): RequestInit {
  return { ...body(value), method: "PUT" };
}

function only(): Review["request"] {
  expect(hook.seen).toHaveLength(1);
  const request = hook.seen[0]?.review.request;
  if (request === undefined) throw new Error("no review was asked for");
  return request;
}

describe("admission of what is sent to a part of an object", () => {
  test("an eviction is a CREATE of policy/v1 Eviction; a refusal keeps the pod, a dry run says so", async () => {
    await aPod("held");
    hook.answer("/evictions", () => ({ allowed: false, status: { code: 403, message: "not now" } }));
    await register(VALIDATING, "evictions", [rulesFor("pods/eviction", "CREATE")]);
    const refused = await server.json(`${NAMESPACE}/pods/held/eviction?dryRun=All`, body(evictionOf("held")));
    expect(refused).toMatchObject({ code: 403, message: 'admission webhook "w0.evictions.example.com" denied the request: not now' });
    expect(only()).toMatchObject({
      operation: "CREATE",
      name: "held",
      namespace: "default",
      subResource: "eviction",
      kind: { group: "policy", version: "v1", kind: "Eviction" },
      requestKind: { group: "policy", version: "v1", kind: "Eviction" },
      resource: { group: "", version: "v1", resource: "pods" },
      object: { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: "held", namespace: "default" } },
      oldObject: null,
      options: { kind: "CreateOptions" },
      dryRun: true,
    });
    // A drain of the lab's own, which has no connection, is judged alike.
    const own = server.api.kube.create(RESOURCE.evictions, evictionOf("held"));
    await expect(own).rejects.toMatchObject({ fields: { status: 403 } });
    expect(await server.json(`${NAMESPACE}/pods/held`)).toMatchObject({ metadata: { name: "held" } });
    hook.answer("/evictions", () => ({ allowed: true, warnings: ["the last one"] }));
    const gone = await server.fetch(`${NAMESPACE}/pods/held/eviction`, body(evictionOf("held")));
    expect([gone.status, gone.headers.get("warning")]).toEqual([201, '299 - "the last one"']);
    // The deletion that an eviction comes to is nobody's DELETE of a pod.
    expect(hook.seen.map(({ review }) => review.request.operation)).toEqual(["CREATE", "CREATE", "CREATE"]);
    expect((await server.fetch(`${NAMESPACE}/pods/held`)).status).toBe(404);
  });

  test.each([
    ["a part of the pod", `${NAMESPACE}/pods/bound/binding`, "pods", "binding"],
    ["an object of its own", `${NAMESPACE}/bindings`, "bindings", undefined],
  ])("a binding sent to %s is a CREATE of Binding, and binds as mutating webhooks leave it", async (_, path, resource, part) => {
    await aPod("bound");
    hook.answer("/moves", () => patchOf([{ op: "replace", path: "/target/name", value: "node-b" }]));
    await register(MUTATING, "moves", [rulesFor(part === undefined ? resource : `${resource}/${part}`, "CREATE")]);
    expect((await server.fetch(`${path}?dryRun=All`, body(bindingOf("bound")))).status).toBe(201);
    expect(at(await server.json(`${NAMESPACE}/pods/bound`), "spec", "nodeName")).toBeUndefined();
    expect((await server.fetch(path, body(bindingOf("bound")))).status).toBe(201);
    const [dry, wet] = hook.seen.map(({ review }) => review.request);
    expect([dry?.dryRun, wet?.dryRun]).toEqual([true, false]);
    expect(wet).toMatchObject({
      operation: "CREATE",
      name: "bound",
      kind: { group: "", version: "v1", kind: "Binding" },
      resource: { resource },
      object: { kind: "Binding", target: { name: "node-a" } },
    });
    expect(wet?.subResource).toBe(part);
    expect(at(await server.json(`${NAMESPACE}/pods/bound`), "spec", "nodeName")).toBe("node-b");
    await server.api.kube.delete(RESOURCE.pods, "bound", "default", { gracePeriodSeconds: 0 });
  });

  test("the scheduler's binding is one of the pod", async () => {
    await aPod("scheduled");
    hook.answer("/sees", () => ({ allowed: true }));
    await register(VALIDATING, "sees", [rulesFor("pods/binding", "CREATE")]);
    await server.api.kubeOf("kube-scheduler").create(RESOURCE.bindings, bindingOf("scheduled"));
    expect(only()).toMatchObject({ name: "scheduled", subResource: "binding", kind: { kind: "Binding" } });
  });

  test("scaling is an UPDATE from Scale to Scale, whichever way it is asked for; mutating webhooks change the replicas", async () => {
    await aDeployment("web");
    hook.answer("/caps", ({ request }) =>
      Number(at(request.object, "spec", "replicas")) > 5
        ? patchOf([{ op: "replace", path: "/spec/replicas", value: 5 }])
        : { allowed: true },
    );
    await register(MUTATING, "caps", [rulesFor("deployments/scale", "UPDATE", "apps")]);
    await register(VALIDATING, "sees", [rulesFor("deployments/scale", "UPDATE", "apps")]);
    hook.answer("/sees", () => ({ allowed: true }));
    const path = "/apis/apps/v1/namespaces/default/deployments/web/scale";
    const replaced = await server.json(path, put(scaleTo("web", 9)));
    expect(at(replaced, "spec", "replicas")).toBe(5);
    const seen = hook.seen.map(({ review }) => review.request);
    expect(seen.map(({ object, oldObject }) => [at(oldObject, "spec", "replicas"), at(object, "spec", "replicas")])).toEqual([
      [2, 9],
      [2, 5],
    ]);
    expect(seen[0]).toMatchObject({
      operation: "UPDATE",
      name: "web",
      subResource: "scale",
      kind: { group: "autoscaling", version: "v1", kind: "Scale" },
      resource: { group: "apps", version: "v1", resource: "deployments" },
      object: { kind: "Scale", apiVersion: "autoscaling/v1", status: { selector: "app=web" } },
    });
    const headers = { "content-type": "application/merge-patch+json" };
    const patch = { method: "PATCH", headers, body: JSON.stringify({ spec: { replicas: 7 } }) };
    expect(at(await server.json(path, patch), "spec", "replicas")).toBe(5);
    const apply = { method: "PATCH", headers: { "content-type": "application/apply-patch+yaml" }, body: JSON.stringify(scaleTo("web", 3)) };
    expect(at(await server.json(`${path}?fieldManager=me&force=true&dryRun=All`, apply), "spec", "replicas")).toBe(3);
    expect(hook.seen.at(-1)?.review.request).toMatchObject({ dryRun: true, kind: { kind: "Scale" } });
    expect(at(await server.json(path), "spec", "replicas")).toBe(5);
  });

  test("a token is a CREATE of TokenRequest, also a pod's that its kubelet asks for", async () => {
    hook.answer("/tokens", () => patchOf([{ op: "replace", path: "/spec/expirationSeconds", value: 700 }]));
    await register(MUTATING, "tokens", [rulesFor("serviceaccounts/token", "CREATE")]);
    const asked = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: { audiences: ["a"], expirationSeconds: 3600 } };
    const before = Date.now();
    const issued = await server.json(`${NAMESPACE}/serviceaccounts/default/token`, body(asked));
    expect(Date.parse(String(at(issued, "status", "expirationTimestamp"))) - before).toBeLessThan(3_000_000);
    expect(only()).toMatchObject({
      operation: "CREATE",
      name: "default",
      subResource: "token",
      kind: { group: "authentication.k8s.io", version: "v1", kind: "TokenRequest" },
      resource: { resource: "serviceaccounts" },
      object: { spec: { audiences: ["a"], expirationSeconds: 3600 } },
    });
    hook.answer("/tokens", () => ({ allowed: false, status: { message: "no tokens today" } }));
    const own = server.api.issueToken({ namespace: "default", name: "default" });
    await expect(own).rejects.toMatchObject({ fields: { status: 403, detail: expect.stringContaining("no tokens today") } });
  });

  test("an ephemeral container is an UPDATE of the Pod through its part", async () => {
    await aPod("looked-into");
    hook.answer("/debugs", () => ({ allowed: false, status: { code: 403, message: "no debugging here" } }));
    await register(VALIDATING, "debugs", [rulesFor("pods/ephemeralcontainers", "UPDATE")]);
    const refused = await server.json(`${NAMESPACE}/pods/looked-into/ephemeralcontainers`, {
      method: "PATCH",
      headers: { "content-type": "application/merge-patch+json" },
      body: JSON.stringify({ spec: { ephemeralContainers: [{ name: "look", image: "busybox" }] } }),
    });
    expect(refused).toMatchObject({ code: 403, message: expect.stringContaining("no debugging here") });
    expect(only()).toMatchObject({
      operation: "UPDATE",
      name: "looked-into",
      subResource: "ephemeralcontainers",
      kind: { group: "", version: "v1", kind: "Pod" },
      object: { spec: { ephemeralContainers: [{ name: "look" }] } },
      oldObject: { spec: { containers: [{ name: "c" }] } },
    });
  });

  test("who asks for pods alone hears of no part of them", async () => {
    await aPod("plain");
    hook.answer("/parts", () => ({ allowed: true }));
    await register(VALIDATING, "parts", [rulesFor("pods", "*")]);
    await server.fetch(`${NAMESPACE}/pods/plain/eviction`, body(evictionOf("plain")));
    expect(hook.seen).toEqual([]);
  });
});

describe("a connection to a pod", () => {
  test.each([
    ["exec", "command=ls&command=-l&container=c&stdout=true&tty=true", { command: ["ls", "-l"], container: "c", stdout: true, tty: true }],
    ["attach", "container=c&stdin=true&stdout=true", { container: "c", stdin: true, stdout: true }],
    ["portforward", "ports=80&ports=8080", { ports: [80, 8080] }],
  ])("to %s is a CONNECT of its options, and is not made when it is refused", async (part, query, options) => {
    await aPod(`to-${part}`);
    hook.answer("/connects", () => ({ allowed: false, status: { code: 403, message: "hands off" } }));
    await register(VALIDATING, "connects", [rulesFor(`pods/${part}`, "CONNECT")]);
    const answer = await connect(`${NAMESPACE}/pods/to-${part}/${part}?${query}`);
    expect(answer).toMatchObject({ status: 403, body: expect.stringContaining("hands off") });
    const kind = { exec: "PodExecOptions", attach: "PodAttachOptions", portforward: "PodPortForwardOptions" }[part];
    const request = only();
    expect(request).toMatchObject({
      operation: "CONNECT",
      name: `to-${part}`,
      namespace: "default",
      subResource: part,
      kind: { group: "", version: "v1", kind },
      resource: { group: "", version: "v1", resource: "pods" },
      userInfo: { username: "kubernetes-admin" },
      oldObject: null,
      dryRun: false,
    });
    expect(request.object).toEqual({ apiVersion: "v1", kind, ...options });
    expect(request).toHaveProperty("options", null);
  });

  test("a policy sees it as webhooks do", async () => {
    await aPod("guarded");
    const spec = {
      matchConstraints: { resourceRules: [ruleFor("pods/exec", "CONNECT")] },
      validations: [{ expression: "request.operation == 'CONNECT' && !('sh' in object.command)", message: "no shells" }],
    };
    await server.api.kube.create(POLICIES, {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingAdmissionPolicy",
      metadata: { name: "no-shells" },
      spec,
    });
    await server.api.kube.create(POLICY_BINDINGS, {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingAdmissionPolicyBinding",
      metadata: { name: "no-shells" },
      spec: { policyName: "no-shells", validationActions: ["Deny"] },
    });
    const path = `${NAMESPACE}/pods/guarded/exec?stdout=true&container=c`;
    expect(await connect(`${path}&command=sh`)).toMatchObject({ status: 422, body: expect.stringContaining("no shells") });
    // Let through, it finds that the pod has no node yet.
    expect(await connect(`${path}&command=ls`)).toMatchObject({
      status: 400,
      body: expect.stringContaining("does not have a host assigned"),
    });
    await server.api.kube.delete(POLICY_BINDINGS, "no-shells");
    await server.api.kube.delete(POLICIES, "no-shells");
  });
});

/** Asks for an upgrade as the administrator of the kubeconfig; what it is refused with. */
async function connect(path: string): Promise<{ readonly status: number | undefined; readonly body: string }> {
  const listening = await server.api.listen({ host: "127.0.0.1", port: 0 });
  const config: unknown = parse(server.api.kubeconfig(listening.url));
  const user = at(listOf(at(config, "users"))[0], "user");
  const pem = (name: string): Buffer => Buffer.from(String(at(user, name)), "base64");
  const socket = new WebSocket(`${listening.url.replace("https", "wss")}${path}`, ["v5.channel.k8s.io"], {
    ca: server.api.caPem,
    cert: pem("client-certificate-data"),
    key: pem("client-key-data"),
  });
  socket.on("error", () => undefined);
  try {
    return await new Promise((resolve, reject) => {
      socket.on("open", () => reject(new Error("the connection was made")));
      socket.on("unexpected-response", (_, response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () => resolve({ status: response.statusCode, body: Buffer.concat(chunks).toString() }));
      });
    });
  } finally {
    socket.terminate();
    await listening.close();
  }
}
