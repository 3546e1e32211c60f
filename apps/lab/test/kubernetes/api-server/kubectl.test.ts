import { request as httpsRequest } from "node:https";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { aNode, findKubectl, realClock, startLabCluster, type LabCluster } from "./lab-cluster.ts";

const kubectl = findKubectl();
if (kubectl === undefined) console.warn("kubectl is not here (SLASH28_KUBECTL, PATH, .cache/bin): the tests that run it are skipped");

const PODS = { group: "", version: "v1", plural: "pods" };
const NODES = { group: "", version: "v1", plural: "nodes" };
const DAEMON_SETS = { group: "apps", version: "v1", plural: "daemonsets" };
const DEPLOYMENTS = { group: "apps", version: "v1", plural: "deployments" };
const EVENTS = { group: "", version: "v1", plural: "events" };

const DAEMON_SET = `
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: aws-node, namespace: kube-system}
spec:
  selector: {matchLabels: {k8s-app: aws-node}}
  template:
    metadata: {labels: {k8s-app: aws-node}}
    spec:
      hostNetwork: true
      containers:
      - name: aws-node
        image: agent:1
        env: [{name: WARM_ENI_TARGET, value: "1"}]
`;

const CRD = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: eniconfigs.crd.example.com}
spec:
  group: crd.example.com
  scope: Cluster
  names: {plural: eniconfigs, singular: eniconfig, kind: ENIConfig, shortNames: [ec]}
  versions:
  - name: v1alpha1
    served: true
    storage: true
    additionalPrinterColumns:
    - {name: Subnet, type: string, jsonPath: .spec.subnet}
    - {name: Age, type: date, jsonPath: .metadata.creationTimestamp}
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            required: [subnet]
            properties:
              subnet: {type: string, pattern: "^subnet-"}
              mode: {type: string, enum: [standard, strict], default: standard}
`;

/** Table text as rows of cells. */
function rows(text: string): string[][] {
  return text
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s{2,}/));
}

async function until<T>(read: () => T | undefined | Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const value = await read();
    if (value !== undefined) return value;
    if (Date.now() > deadline) throw new Error("waited ten seconds in vain");
    await realClock.sleep(20);
  }
}

describe.skipIf(kubectl === undefined)("stock kubectl", () => {
  let cluster: LabCluster;
  const run = (command: string, input?: string): Promise<string> => cluster.kubectl(command, input);

  beforeAll(async () => {
    cluster = await startLabCluster(kubectl ?? "");
    await cluster.api.kube.create(NODES, aNode("node-a"));
    await cluster.api.kube.create(NODES, aNode("node-b", 110));
  });

  afterAll(async () => {
    expect(cluster.failures).toEqual([]);
    await cluster.close();
  });

  /** A pod of the given name, placed on a node and reported as running. */
  async function runningPod(name: string, nodeName = "node-a"): Promise<void> {
    const { kube } = cluster.api;
    await kube.create(PODS, {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name, namespace: "default", labels: { app: name } },
      spec: { containers: [{ name: "main", image: "nginx" }] },
    });
    await kube.create(
      { group: "", version: "v1", plural: "bindings" },
      { apiVersion: "v1", kind: "Binding", metadata: { name, namespace: "default" }, target: { kind: "Node", name: nodeName } },
    );
    const status = {
      phase: "Running",
      podIP: "10.0.0.20",
      podIPs: [{ ip: "10.0.0.20" }],
      conditions: [{ type: "Ready", status: "True" }],
      containerStatuses: [
        {
          name: "main",
          ready: true,
          started: true,
          restartCount: 2,
          image: "nginx",
          imageID: "",
          state: { running: { startedAt: "2026-01-01T00:00:00Z" } },
          lastState: { terminated: { exitCode: 1, finishedAt: new Date(Date.now() - 300_000).toISOString() } },
        },
      ],
    };
    await kube.patch(PODS, name, "default", { kind: "strategic", body: { status }, subresource: "status" });
  }

  test("version and api-resources", async () => {
    expect(await run("version")).toMatch(/Server Version: v1\.35\./);
    const names = rows(await run("api-resources --no-headers")).map(([name]) => name);
    expect(names).toEqual(
      expect.arrayContaining(["pods", "nodes", "daemonsets", "deployments", "events", "customresourcedefinitions", "leases"]),
    );
  });

  test("nodes: wide, custom columns, provider id", async () => {
    const [head, first] = rows(await run("get nodes -o wide"));
    expect(head).toEqual([
      "NAME",
      "STATUS",
      "ROLES",
      "AGE",
      "VERSION",
      "INTERNAL-IP",
      "EXTERNAL-IP",
      "OS-IMAGE",
      "KERNEL-VERSION",
      "CONTAINER-RUNTIME",
    ]);
    expect(first?.filter((_cell, index) => index !== 3)).toEqual([
      "node-a",
      "Ready",
      "<none>",
      "v1.35.2",
      "10.0.0.10",
      "<none>",
      "slash28 lab",
      "6.1.0",
      "process://1",
    ]);
    const columns = await run(
      "get nodes -o custom-columns=NAME:.metadata.name,CAPACITY:.status.capacity.pods,ALLOCATABLE:.status.allocatable.pods",
    );
    expect(rows(columns)).toEqual([
      ["NAME", "CAPACITY", "ALLOCATABLE"],
      ["node-a", "29", "29"],
      ["node-b", "110", "110"],
    ]);
    const node = JSON.parse(await run("get node node-a -o json")) as { spec: { providerID: string } };
    expect(node.spec.providerID).toBe("aws:///us-east-1a/i-0123456789abcdef0");
    expect(await run("describe node node-a")).toMatch(/ProviderID: +aws:\/\/\/us-east-1a/);
  });

  test("create deployment, get, scale, set image, delete", async () => {
    expect(await run("create deployment web --image=nginx --replicas=20")).toBe("deployment.apps/web created\n");
    const [head, row] = rows(await run("get deployment web -o wide"));
    expect(head).toEqual(["NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE", "CONTAINERS", "IMAGES", "SELECTOR"]);
    expect(row?.filter((_cell, index) => index !== 4)).toEqual(["web", "0/20", "0", "0", "nginx", "nginx", "app=web"]);
    expect(await run("scale deployment web --replicas=3")).toBe("deployment.apps/web scaled\n");
    expect(await run("scale deployment web --current-replicas=3 --replicas=4")).toBe("deployment.apps/web scaled\n");
    await run("set image deployment/web nginx=nginx:2");
    expect(
      await run("get deployment web -o jsonpath={.spec.replicas}:{.metadata.generation}:{.spec.template.spec.containers[0].image}"),
    ).toBe("4:4:nginx:2");
    expect(await run("delete deployment web")).toContain('deployment.apps "web" deleted');
    const gone = await cluster.run(["get", "deployment", "web"]);
    expect(gone).toMatchObject({ code: 1, stderr: 'Error from server (NotFound): deployments.apps "web" not found\n' });
  });

  test("what is created twice, or wrong, is refused in Kubernetes' words", async () => {
    await run("create configmap twice --from-literal=a=b");
    expect((await cluster.run(["create", "configmap", "twice"])).stderr).toContain('configmaps "twice" already exists');
    const bad = await cluster.run(
      ["create", "-f", "-"],
      JSON.stringify({ apiVersion: "v1", kind: "Pod", metadata: { name: "Bad_Name" }, spec: { containers: [{ name: "c" }] } }),
    );
    expect(bad.stderr).toContain('metadata.name: Invalid value: "Bad_Name": a lowercase RFC 1123 subdomain');
    expect(bad.stderr).toContain("spec.containers[0].image: Required value");
    const unknown = await cluster.run(
      ["create", "-f", "-"],
      JSON.stringify({ apiVersion: "v1", kind: "Pod", metadata: { name: "p" }, spec: { nodeNam: "x", containers: [] } }),
    );
    expect(unknown.stderr).toContain('strict decoding error: unknown field "spec.nodeNam"');
  });

  test("daemon set: apply, set env, yaml, rollout, restore from a backup", async () => {
    expect(await run("apply -f -", DAEMON_SET)).toBe("daemonset.apps/aws-node created\n");
    expect(await run("apply -f -", DAEMON_SET)).toBe("daemonset.apps/aws-node unchanged\n");
    const backup = await run("get daemonset aws-node -n kube-system -o yaml");
    expect(await run("set env daemonset aws-node -n kube-system ENABLE_PREFIX_DELEGATION=true WARM_PREFIX_TARGET=1")).toBe(
      "daemonset.apps/aws-node env updated\n",
    );
    const env = "get daemonset aws-node -n kube-system -o jsonpath={.spec.template.spec.containers[0].env[*].name}";
    expect(await run(env)).toBe("WARM_ENI_TARGET ENABLE_PREFIX_DELEGATION WARM_PREFIX_TARGET");
    await run("set env daemonset aws-node -n kube-system WARM_PREFIX_TARGET-");
    expect(await run(env)).toBe("WARM_ENI_TARGET ENABLE_PREFIX_DELEGATION");
    const restored = await cluster.run(["apply", "-f", "-"], backup);
    expect(restored).toMatchObject({ code: 0, stdout: "daemonset.apps/aws-node configured\n" });
    expect(restored.stderr).toContain("take resourceVersion out of backups");
    await run("rollout restart daemonset aws-node -n kube-system");
    const status = cluster.start(["rollout", "status", "daemonset", "aws-node", "-n", "kube-system", "--timeout=10s"]);
    await until(() => (status.output().includes("Waiting for daemon set") ? true : undefined));
    const daemonSet = await cluster.api.kube.get(DAEMON_SETS, "aws-node", "kube-system");
    const counts = {
      currentNumberScheduled: 2,
      desiredNumberScheduled: 2,
      updatedNumberScheduled: 2,
      numberAvailable: 2,
      numberReady: 2,
      numberMisscheduled: 0,
    };
    const body = { status: { ...counts, observedGeneration: daemonSet?.metadata.generation } };
    await cluster.api.kube.patch(DAEMON_SETS, "aws-node", "kube-system", { kind: "merge", body, subresource: "status" });
    expect((await status.done).stdout).toContain('daemon set "aws-node" successfully rolled out');
    const table = rows(await run("get daemonset -n kube-system"));
    expect(table[0]).toEqual(["NAME", "DESIRED", "CURRENT", "READY", "UP-TO-DATE", "AVAILABLE", "NODE SELECTOR", "AGE"]);
    expect(table[1]?.slice(0, 7)).toEqual(["aws-node", "2", "2", "2", "2", "2", "<none>"]);
  });

  test("pods: table, describe, logs of every kind", async () => {
    await runningPod("talker");
    const [head, row] = rows(await run("get pods talker -o wide"));
    expect(head).toEqual(["NAME", "READY", "STATUS", "RESTARTS", "AGE", "IP", "NODE", "NOMINATED NODE", "READINESS GATES"]);
    expect(row?.slice(0, 4)).toEqual(["talker", "1/1", "Running", "2 (5m ago)"]);
    expect(row?.slice(5)).toEqual(["10.0.0.20", "node-a", "<none>", "<none>"]);
    expect(await run("describe pod talker")).toMatch(/Node: +node-a/);
    expect(await run("logs talker")).toBe("talker/main says one\ntwo\nthree\n");
    expect(await run("logs talker --tail=1")).toBe("three\n");
    expect(await run("logs talker --previous")).toBe("an earlier life\n");
    const missing = await cluster.run(["logs", "talker", "-c", "other"]);
    expect(missing.stderr).toContain("container other is not valid for pod talker");
    const follow = cluster.start(["logs", "-f", "talker"]);
    cluster.runtime.followed.write("first\n");
    await until(() => (follow.output() === "first\n" ? true : undefined));
    cluster.runtime.followed.end("second\n");
    expect(await follow.done).toMatchObject({ code: 0, stdout: "first\nsecond\n" });
  });

  test("logs of a daemon set go to one of its pods", async () => {
    const template = { metadata: { labels: { app: "chatty" } }, spec: { containers: [{ name: "main", image: "x" }] } };
    await cluster.api.kube.create(DAEMON_SETS, {
      apiVersion: "apps/v1",
      kind: "DaemonSet",
      metadata: { name: "chatty", namespace: "default" },
      spec: { selector: { matchLabels: { app: "chatty" } }, template },
    });
    await runningPod("chatty");
    expect(await run("logs daemonset/chatty --tail=2")).toBe("two\nthree\n");
  });

  test("exec: output, input, exit code, a dead node", async () => {
    await runningPod("worker");
    expect(await run("exec worker -- echo hello there")).toBe("hello there\n");
    expect(await cluster.run(["exec", "worker", "--", "complain"])).toMatchObject({ code: 0, stderr: "oh no\n" });
    expect(await cluster.run(["exec", "-i", "worker", "--", "cat"], "through and back")).toMatchObject({
      code: 0,
      stdout: "through and back",
    });
    const failed = await cluster.run(["exec", "worker", "--", "fail"]);
    expect(failed).toMatchObject({ code: 42, stderr: "command terminated with exit code 42\n" });
    expect((await run("exec worker -- flood")).length).toBe(2_000_000);
    await runningPod("stranded", "node-b");
    expect((await cluster.run(["exec", "stranded", "--", "echo"])).stderr).toContain(
      "node node-b, which runs pod stranded, does not answer",
    );
  });

  test("a placed pod is deleted by its node, an unplaced one at once", async () => {
    await run("run loose --image=nginx");
    expect(await run("delete pod loose")).toContain('pod "loose" deleted');
    await runningPod("leaving");
    const deleting = cluster.start(["delete", "pod", "leaving", "--grace-period=5"]);
    const pod = await until(async () => {
      const found = await cluster.api.kube.get(PODS, "leaving", "default");
      return found?.metadata.deletionTimestamp === undefined ? undefined : found;
    });
    expect(pod.metadata["deletionGracePeriodSeconds"]).toBe(5);
    expect(rows(await run("get pod leaving --no-headers"))[0]?.[2]).toBe("Terminating");
    await cluster.api.kube.delete(PODS, "leaving", "default", { gracePeriodSeconds: 0 });
    expect((await deleting.done).code).toBe(0);
  });

  test("get --watch shows what happens, label selectors narrow it", async () => {
    const watching = cluster.start(["get", "configmaps", "-l", "seen=yes", "--watch", "--no-headers"]);
    await until(async () => {
      await cluster.run(["create", "configmap", "probe"]);
      await cluster.run(["label", "configmap", "probe", "seen=yes", "--overwrite"]);
      await cluster.run(["label", "configmap", "probe", "seen-"]);
      return watching.output().includes("probe") ? true : undefined;
    });
    watching.stop();
    await watching.done;
  });

  test("wait for a condition and for deletion", async () => {
    await run("create deployment patient --image=nginx");
    const waiting = cluster.start(["wait", "--for=condition=Available", "deployment/patient", "--timeout=10s"]);
    const body = { status: { conditions: [{ type: "Available", status: "True" }] } };
    await cluster.api.kube.patch(DEPLOYMENTS, "patient", "default", { kind: "strategic", body, subresource: "status" });
    expect((await waiting.done).stdout).toBe("deployment.apps/patient condition met\n");
    const away = cluster.start(["wait", "--for=delete", "deployment/patient", "--timeout=10s"]);
    await run("delete deployment patient");
    expect((await away.done).code).toBe(0);
  });

  test("events: in order, in describe, by field", async () => {
    await runningPod("noisy");
    const noisy = await cluster.api.kube.get(PODS, "noisy", "default");
    const involvedObject = { kind: "Pod", name: "noisy", namespace: "default", apiVersion: "v1", uid: noisy?.metadata.uid };
    const moment = new Date().toISOString();
    await cluster.api.kube.create(EVENTS, {
      apiVersion: "v1",
      kind: "Event",
      metadata: { name: "noisy.1", namespace: "default" },
      involvedObject,
      type: "Warning",
      reason: "FailedCreatePodSandBox",
      message: "no free address",
      firstTimestamp: moment,
      lastTimestamp: moment,
      count: 3,
      source: { component: "kubelet", host: "node-a" },
    });
    const [head, row] = rows(await run("get events --field-selector=involvedObject.name=noisy"));
    expect(head).toEqual(["LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"]);
    expect(row?.slice(1)).toEqual(["Warning", "FailedCreatePodSandBox", "pod/noisy", "no free address"]);
    expect(await run("describe pod noisy")).toMatch(/FailedCreatePodSandBox.*kubelet.*no free address/);
    expect(await run("events --for pod/noisy")).toContain("no free address");
    expect(await run("get events.events.k8s.io noisy.1 -o jsonpath={.note}:{.regarding.name}")).toBe("no free address:noisy");
  });

  test("expose, label, annotate, patch, taint, cordon, drain", async () => {
    await run("create deployment front --image=nginx --port=80");
    expect(await run("expose deployment front --port=8080 --target-port=80")).toBe("service/front exposed\n");
    const service = rows(await run("get service front"))[1];
    expect([service?.[1], service?.[3], service?.[4]]).toEqual(["ClusterIP", "<none>", "8080/TCP"]);
    expect(service?.[2]).toMatch(/^10\.100\./);
    await run("label deployment front tier=web");
    await run("annotate deployment front note=hello");
    expect(await run("get deployments -l tier=web,app!=x -o name")).toBe("deployment.apps/front\n");
    await run(`patch deployment front --type=json -p [{"op":"replace","path":"/spec/replicas","value":7}]`);
    await run(`patch deployment front -p {"spec":{"template":{"spec":{"containers":[{"name":"side","image":"y"}]}}}}`);
    expect(await run("get deployment front -o jsonpath={.spec.replicas}:{.spec.template.spec.containers[*].name}")).toBe("7:side nginx");
    await run("taint node node-b dedicated=x:NoSchedule");
    expect(await run("get node node-b -o jsonpath={.spec.taints[*].key}")).toBe("dedicated");
    await run("cordon node-b");
    expect(rows(await run("get node node-b --no-headers"))[0]?.[1]).toBe("Ready,SchedulingDisabled");
    await run("uncordon node-b");
    await run("delete service,deployment front");
  });

  test("custom resources: served at once, checked, defaulted, printed, gone with their definition", async () => {
    await run("apply -f -", CRD);
    await run("wait --for=condition=Established crd/eniconfigs.crd.example.com --timeout=10s");
    const object = (spec: object): string =>
      JSON.stringify({ apiVersion: "crd.example.com/v1alpha1", kind: "ENIConfig", metadata: { name: "us-east-1a" }, spec });
    expect(await run("apply -f -", object({ subnet: "subnet-1" }))).toContain("created");
    expect(rows(await run("get ec"))[0]).toEqual(["NAME", "SUBNET", "AGE"]);
    expect(await run("get eniconfig us-east-1a -o jsonpath={.spec.mode}")).toBe("standard");
    const wrong = await cluster.run(["apply", "-f", "-"], object({ subnet: "net-1", mode: "lax" }));
    expect(wrong.stderr).toContain("spec.subnet in body should match '^subnet-'");
    expect(wrong.stderr).toContain('spec.mode: Unsupported value: "lax": supported values: "standard", "strict"');
    expect((await cluster.run(["apply", "-f", "-"], object({ subnet: "subnet-1", extra: 1 }))).stderr).toContain(
      'unknown field "spec.extra"',
    );
    expect(await run("explain eniconfig.spec")).toMatch(/subnet\s+<string> -required-/);
    await run("delete crd eniconfigs.crd.example.com");
    expect((await cluster.run(["get", "ec"])).code).toBe(1);
  });

  test("a namespace goes with everything in it", async () => {
    await run("create namespace demo");
    await run("create deployment -n demo web --image=nginx");
    expect(await run("delete namespace demo")).toContain('namespace "demo" deleted');
    expect((await cluster.run(["get", "all,cm,sa", "-n", "demo"])).stdout).toBe("");
  });

  test("explain knows the built-in types", async () => {
    expect(await run("explain daemonset.spec.template.spec.containers.env")).toMatch(/FIELD: env <\[\]EnvVar>/);
  });

  test("server-side apply takes away what it no longer gives", async () => {
    const map = (data: object): string => JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "merged" }, data });
    await run("apply --server-side -f -", map({ a: "1" }));
    await run("apply --server-side -f -", map({ b: "2" }));
    expect(await run("get configmap merged -o jsonpath={.data}")).toBe('{"b":"2"}');
    expect(await run("create configmap dry --dry-run=server")).toContain("created (server dry run)");
    expect((await cluster.run(["get", "configmap", "dry"])).code).toBe(1);
  });

  test("service account tokens are let in, strangers are not", async () => {
    await run("create serviceaccount robot");
    const token = (await run("create token robot")).trim();
    expect(await run(`auth whoami --token=${token} -o jsonpath={.status.userInfo.username}`)).toContain("kubernetes-admin");
    const asRobot = await cluster.run([
      "auth",
      "whoami",
      "--kubeconfig=/dev/null",
      `--server=${cluster.url}`,
      "--insecure-skip-tls-verify",
      `--token=${token}`,
      "-o",
      "jsonpath={.status.userInfo.username}",
    ]);
    expect(asRobot.stdout).toBe("system:serviceaccount:default:robot");
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const request = httpsRequest(`${cluster.url}/api/v1/pods`, { ca: cluster.api.caPem }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      request.on("error", reject).end();
    });
    expect(status).toBe(401);
  });

  test("large lists come in pages", async () => {
    const { kube } = cluster.api;
    for (let i = 0; i < 12; i++)
      await kube.create(
        { group: "", version: "v1", plural: "secrets" },
        { apiVersion: "v1", kind: "Secret", metadata: { name: `page-${i}`, namespace: "kube-public" } },
      );
    const names = (await run("get secrets -n kube-public --chunk-size=5 -o name")).trim().split("\n");
    expect(names).toHaveLength(12);
  });
});
