import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { Identity } from "../../../src/kubernetes/api-server/index.ts";
import { body, RESOURCE, startInProcess, type InProcess } from "./in-process.ts";
import { aNode, findKubectl, startLabCluster, type LabCluster, type Outcome } from "./lab-cluster.ts";

const kubectl = findKubectl();
const RBAC = "rbac.authorization.k8s.io/v1";
const NODES = { group: "", version: "v1", plural: "nodes" };

describe.skipIf(kubectl === undefined)("kubectl, by people with few rights", () => {
  let cluster: LabCluster;
  const run = (command: string, input?: string): Promise<string> => cluster.kubectl(command, input);
  const attempt = (command: string, input?: string): Promise<Outcome> => cluster.run(command.split(" "), input);

  beforeAll(async () => {
    cluster = await startLabCluster(kubectl ?? "");
    await run("create namespace shop");
    await run("create rolebinding ann-views -n shop --clusterrole=view --user=ann");
    await run("create rolebinding devs-edit -n shop --clusterrole=edit --group=devs");
  });

  afterAll(async () => {
    expect(cluster.failures).toEqual([]);
    await cluster.close();
  });

  test("auth can-i says yes and no with its exit code, for others and for paths", async () => {
    expect(await run("auth can-i delete nodes")).toBe("yes\n");
    expect(await run("auth can-i list pods -n shop --as=ann")).toBe("yes\n");
    const no = await attempt("auth can-i delete pods -n shop --as=ann");
    expect([no.code, no.stdout]).toEqual([1, "no\n"]);
    expect((await attempt("auth can-i get secrets -n shop --as=ann -q")).code).toBe(1);
    expect(await run("auth can-i create deployments.apps -n shop --as=bob --as-group=devs")).toBe("yes\n");
    expect(await run("auth can-i create deployments --subresource=scale -n shop --as=bob --as-group=devs")).toBe("yes\n");
    expect((await attempt("auth can-i create deployments.apps -n default --as=bob --as-group=devs")).code).toBe(1);
    expect(await run("auth can-i get /version --as=ann")).toBe("yes\n");
    expect((await attempt("auth can-i get /metrics --as=ann")).code).toBe(1);
  });

  test("auth can-i --list names the rules of a namespace", async () => {
    const list = await run("auth can-i --list -n shop --as=ann");
    expect(list).toMatch(/selfsubjectreviews\.authentication\.k8s\.io +\[\] +\[\] +\[create\]/);
    expect(list).toMatch(/pods\/log +\[\] +\[\] +\[get list watch\]/);
    expect(list).not.toMatch(/^secrets/m);
    expect(list).toMatch(/\[\/healthz\] +\[\] +\[get\]/);
  });

  test("whoami shows who a request is made as", async () => {
    expect(await run("auth whoami -o jsonpath={.status.userInfo.username}:{.status.userInfo.groups}")).toBe(
      'kubernetes-admin:["system:masters","system:authenticated"]',
    );
    expect(await run("auth whoami --as=ann --as-group=devs --as-uid=7 -o jsonpath={.status.userInfo}")).toBe(
      '{"groups":["devs","system:authenticated"],"uid":"7","username":"ann"}',
    );
    expect(await run("auth whoami --as=system:serviceaccount:shop:default -o jsonpath={.status.userInfo.groups}")).toBe(
      '["system:serviceaccounts","system:serviceaccounts:shop","system:authenticated"]',
    );
  });

  test("a refusal says who, what and where", async () => {
    const said = async (command: string): Promise<string> => (await attempt(command)).stderr.trim();
    expect(await said("get pods --as=ann")).toBe(
      'Error from server (Forbidden): pods is forbidden: User "ann" cannot list resource "pods" in API group "" in the namespace "default"',
    );
    expect(await said("get nodes --as=ann")).toBe(
      'Error from server (Forbidden): nodes is forbidden: User "ann" cannot list resource "nodes" in API group "" at the cluster scope',
    );
    expect(await said("delete deployment web -n shop --as=ann")).toBe(
      'Error from server (Forbidden): deployments.apps "web" is forbidden: User "ann" cannot delete resource "deployments" in API group "apps" in the namespace "shop"',
    );
    expect(await said("create configmap c -n shop --as=ann")).toBe(
      'error: failed to create configmap: configmaps is forbidden: User "ann" cannot create resource "configmaps" in API group "" in the namespace "shop"',
    );
    expect(await said("get --raw /metrics --as=ann")).toContain('User "ann" cannot get path "/metrics"');
    expect(await run("get pods -n shop --as=ann")).toBe("");
    // A name that rules may speak of, in a collection narrowed to it.
    await run("create role one-map -n shop --verb=list,watch,get --resource=configmaps --resource-name=mine");
    await run("create rolebinding cleo -n shop --role=one-map --user=cleo");
    await run("create configmap mine -n shop");
    expect(await run("get configmap -n shop --field-selector=metadata.name=mine -o name --as=cleo")).toBe("configmap/mine\n");
    expect((await attempt("get configmaps -n shop --as=cleo")).code).toBe(1);
  });

  test("whoever may not impersonate is told so", async () => {
    const config = ["--kubeconfig=/dev/null", `--server=${cluster.url}`, "--insecure-skip-tls-verify"];
    const token = (await run("create token default -n shop")).trim();
    const outcome = await cluster.run([...config, `--token=${token}`, "get", "pods", "--as=ann"]);
    expect(outcome.stderr).toContain(
      'users "ann" is forbidden: User "system:serviceaccount:shop:default" cannot impersonate resource "users" in API group "" at the cluster scope',
    );
    const bad = await cluster.run([...config, `--token=${token.slice(0, -9)}AAAAAAAAA`, "get", "pods"]);
    expect(bad.stderr).toBe("error: You must be logged in to the server (Unauthorized: the token's signature does not hold)\n");
    expect((await cluster.run([...config, "--username=x", "--password=y", "get", "pods"])).stderr).toContain("Unauthorized");
  });

  test("nobody gives away what they do not have", async () => {
    await run("create rolebinding ada -n shop --clusterrole=admin --user=ada");
    expect(await run("create role readers -n shop --verb=get --resource=pods --as=ada")).toContain("created");
    const outcome = await attempt("create role nodes -n shop --verb=get --resource=nodes --as=ada");
    expect(outcome.stderr).toContain(
      'roles.rbac.authorization.k8s.io "nodes" is forbidden: user "ada" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:',
    );
    expect(outcome.stderr).toContain('{APIGroups:[""], Resources:["nodes"], Verbs:["get"]}');
    expect(await run("create rolebinding more -n shop --clusterrole=edit --user=eve --as=ada")).toContain("created");
    expect((await attempt("create rolebinding all -n shop --clusterrole=cluster-admin --user=eve --as=ada")).stderr).toContain(
      "is attempting to grant RBAC permissions not currently held",
    );
    expect((await attempt("create clusterrolebinding all --clusterrole=view --user=eve --as=ada")).stderr).toContain("cannot create");
    // `bind` and `escalate` are the ways around it.
    await run("create clusterrole binder --verb=bind --resource=clusterroles --resource-name=cluster-admin");
    await run("create rolebinding ada-binds -n shop --clusterrole=binder --user=ada");
    expect(await run("create rolebinding all -n shop --clusterrole=cluster-admin --user=eve --as=ada")).toContain("created");
  });

  test("roles that are put together follow their parts", async () => {
    const role = {
      apiVersion: RBAC,
      kind: "ClusterRole",
      metadata: { name: "see-leases", labels: { "rbac.authorization.k8s.io/aggregate-to-view": "true" } },
      rules: [{ apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["get"] }],
    };
    const asked = "auth can-i get leases.coordination.k8s.io -n shop --as=ann";
    expect((await attempt(asked)).code).toBe(1);
    await run("apply -f -", JSON.stringify(role));
    expect((await attempt(asked)).stdout).toBe("yes\n");
    await run("delete clusterrole see-leases");
    expect((await attempt(asked)).code).toBe(1);
  });

  test("auth reconcile, describe and create clusterrole with an aggregation rule", async () => {
    const role = {
      apiVersion: RBAC,
      kind: "ClusterRole",
      metadata: { name: "rec" },
      rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }],
    };
    expect(await run("auth reconcile -f -", JSON.stringify(role))).toContain("clusterrole.rbac.authorization.k8s.io/rec reconciled");
    expect(await run("describe clusterrole rec")).toMatch(/pods +\[\] +\[\] +\[get\]/);
    await run("create clusterrole monitoring --aggregation-rule=team=ops");
    await run("create clusterrole ops-part --verb=list --resource=nodes");
    await run("label clusterrole ops-part team=ops");
    expect(await run("get clusterrole monitoring -o jsonpath={.rules[0].resources}")).toBe('["nodes"]');
    expect(await run("get clusterrolebinding cluster-admin -o wide")).toContain("system:masters");
  });
});

describe("over the wire, by identity", () => {
  let server: InProcess;
  const as = async (identity: Identity, path: string, init?: RequestInit): Promise<{ code: number; message: string }> => {
    const response = await server.api.handle(new Request(`https://kube${path}`, init), identity);
    const { message = "" } = (await response.json().catch(() => ({}))) as { message?: string };
    return { code: response.status, message };
  };
  const KUBELET: Identity = { name: "system:node:node-a", groups: ["system:nodes", "system:authenticated"] };

  beforeAll(async () => {
    server = await startInProcess();
    await server.api.kube.create(NODES, aNode("node-a"));
    await server.api.kube.create(NODES, aNode("node-b"));
  });

  afterAll(() => expect(server.failures).toEqual([]));

  test("a kubelet reaches what its pods use, and its own objects", async () => {
    const { kube } = server.api;
    for (const name of ["used", "unused"]) {
      await kube.create(
        { group: "", version: "v1", plural: "secrets" },
        { apiVersion: "v1", kind: "Secret", metadata: { name, namespace: "default" } },
      );
    }
    await kube.create(RESOURCE.pods, {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "p", namespace: "default" },
      spec: { nodeName: "node-a", containers: [{ name: "m", image: "i" }], volumes: [{ name: "s", secret: { secretName: "used" } }] },
    });
    expect((await as(KUBELET, "/api/v1/namespaces/default/secrets/used")).code).toBe(200);
    expect(await as(KUBELET, "/api/v1/namespaces/default/secrets/unused")).toMatchObject({
      code: 403,
      message: expect.stringContaining("no relationship found between node 'node-a' and this object") as unknown,
    });
    expect((await as(KUBELET, "/api/v1/namespaces/default/secrets")).code).toBe(403);
    expect((await as(KUBELET, "/api/v1/nodes/node-a")).code).toBe(200);
    expect((await as(KUBELET, "/api/v1/nodes/node-b")).code).toBe(403);
    expect((await as(KUBELET, "/api/v1/services")).code).toBe(200);
    expect((await as(KUBELET, "/api/v1/namespaces/default/pods/p")).code).toBe(200);
    expect((await as(KUBELET, "/apis/apps/v1/deployments")).code).toBe(403);
    const token = body({ apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: {} });
    expect((await as(KUBELET, "/api/v1/namespaces/kube-system/serviceaccounts/default/token", token)).code).toBe(403);
  });

  test("a kubelet changes its own node and the status of its own pods only", async () => {
    const patch = (value: object): RequestInit => ({
      method: "PATCH",
      body: JSON.stringify(value),
      headers: { "content-type": "application/merge-patch+json" },
    });
    const label = (name: string): RequestInit => patch({ metadata: { labels: { [name]: "x" } } });
    expect((await as(KUBELET, "/api/v1/nodes/node-a", label("team"))).code).toBe(200);
    expect(await as(KUBELET, "/api/v1/nodes/node-b", label("team"))).toMatchObject({ code: 403 });
    expect(await as(KUBELET, "/api/v1/nodes/node-a", label("node-restriction.kubernetes.io/team"))).toMatchObject({
      code: 403,
      message: expect.stringContaining("is not allowed to modify labels: node-restriction.kubernetes.io/team") as unknown,
    });
    expect(await as(KUBELET, "/api/v1/nodes/node-a", patch({ spec: { taints: [{ key: "a", effect: "NoSchedule" }] } }))).toMatchObject({
      code: 403,
    });
    await server.api.kube.create(RESOURCE.pods, {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "elsewhere", namespace: "default" },
      spec: { nodeName: "node-b", containers: [{ name: "m", image: "i" }] },
    });
    expect((await as(KUBELET, "/api/v1/namespaces/default/pods/p/status", patch({ status: { message: "m" } }))).code).toBe(200);
    expect((await as(KUBELET, "/api/v1/namespaces/default/pods/elsewhere/status", patch({ status: { message: "m" } }))).code).toBe(403);
  });

  test("without credentials only what is open is answered", async () => {
    for (const [path, code] of [
      ["/healthz", 200],
      ["/version", 200],
      ["/openid/v1/jwks", 200],
      ["/api/v1/pods", 401],
      ["/apis", 401],
      ["/", 401],
    ] as const) {
      expect((await server.api.handle(new Request(`https://kube${path}`), undefined)).status, path).toBe(code);
    }
  });

  test("the default roles let nobody do more than their name says", async () => {
    const ann: Identity = { name: "ann", groups: ["system:authenticated"] };
    for (const path of ["/api", "/apis", "/openapi/v3", "/version", "/api/v1", "/apis/apps/v1"])
      expect((await as(ann, path)).code, path).toBe(200);
    expect((await as(ann, "/")).code).toBe(403);
    const scheduler: Identity = { name: "system:kube-scheduler", groups: ["system:authenticated"] };
    expect((await as(scheduler, "/api/v1/pods")).code).toBe(200);
    expect((await as(scheduler, "/api/v1/secrets")).code).toBe(403);
    const proxy: Identity = { name: "system:kube-proxy", groups: ["system:authenticated"] };
    expect((await as(proxy, "/apis/discovery.k8s.io/v1/endpointslices")).code).toBe(200);
    expect((await as(proxy, "/api/v1/pods")).code).toBe(403);
  });

  test("a binding counts for its own subjects, among hundreds", async () => {
    const { kube } = server.api;
    const bindings = { group: "rbac.authorization.k8s.io", version: "v1", plural: "clusterrolebindings" };
    for (let index = 0; index < 300; index++) {
      await kube.create(bindings, {
        apiVersion: RBAC,
        kind: "ClusterRoleBinding",
        metadata: { name: `other-${index}` },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "view" },
        subjects: [{ kind: "User", name: `user-${index}` }],
      });
    }
    expect((await as({ name: "user-7", groups: ["system:authenticated"] }, "/api/v1/pods")).code).toBe(200);
    expect((await as({ name: "user-x", groups: ["system:authenticated"] }, "/api/v1/pods")).code).toBe(403);
  });
});
