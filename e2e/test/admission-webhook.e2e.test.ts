import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultCluster } from "@slash28/cluster-file";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually, labUnderTest, run, workloadsOf } from "../src/index.ts";

const lab = labUnderTest();
const { apply, running } = workloadsOf(lab);
const dir = mkdtempSync(join(tmpdir(), "s28-webhook-"));
const HOST = "hook.tools.svc";

/** A webhook as one runs in a pod: adds an environment variable to every container, and refuses pods of one name. */
const PROGRAM = `
const { createServer } = require("node:https");
const { readFileSync } = require("node:fs");
createServer({ cert: readFileSync("/tls/tls.crt"), key: readFileSync("/tls/tls.key") }, (incoming, outgoing) => {
  let text = "";
  incoming.on("data", (chunk) => (text += chunk)).on("end", () => {
    const { request } = JSON.parse(text);
    const { uid, object } = request;
    const env = { name: "FROM_HOOK", value: request.userInfo.username };
    const patch = object.spec.containers.map((one, index) => one.env === undefined
      ? { op: "add", path: "/spec/containers/" + index + "/env", value: [env] }
      : { op: "add", path: "/spec/containers/" + index + "/env/-", value: env });
    const response = (object.metadata.labels ?? {}).app === "unwanted"
      ? { uid, allowed: false, status: { message: "nobody wants it" } }
      : { uid, allowed: true, warnings: ["seen by the hook"], patchType: "JSONPatch", patch: Buffer.from(JSON.stringify(patch)).toString("base64") };
    outgoing.setHeader("content-type", "application/json");
    outgoing.end(JSON.stringify({ apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", response }));
  });
}).listen(9443);
`;

beforeAll(async () => {
  const file = defaultCluster();
  await lab.up({ cluster: { ...file, nodeGroups: file.nodeGroups?.map((group) => ({ ...group, nodes: 2 })) ?? [] } });
});

afterAll(async () => {
  rmSync(dir, { recursive: true, force: true });
  expect((await lab.down()).code).toBe(0);
});

async function startHook(): Promise<string> {
  const made = await run("openssl", [
    ..."req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=hook".split(" "),
    "-addext",
    `subjectAltName=DNS:${HOST}`,
    "-keyout",
    join(dir, "tls.key"),
    "-out",
    join(dir, "tls.crt"),
  ]);
  expect(made.code, made.stderr).toBe(0);
  await lab.kubectl(["create", "namespace", "tools"]);
  await lab.kubectl([
    "create",
    "secret",
    "tls",
    "hook-tls",
    "-n",
    "tools",
    `--cert=${join(dir, "tls.crt")}`,
    `--key=${join(dir, "tls.key")}`,
  ]);
  await lab.kubectl(["create", "configmap", "hook", "-n", "tools", `--from-literal=server.cjs=${PROGRAM}`]);
  await apply({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "hook", namespace: "tools", labels: { app: "hook" } },
    spec: {
      containers: [
        {
          name: "hook",
          image: "debian",
          command: [process.execPath, "/hook/server.cjs"],
          ports: [{ containerPort: 9443 }],
          readinessProbe: { tcpSocket: { port: 9443 }, periodSeconds: 1 },
          volumeMounts: [
            { name: "program", mountPath: "/hook" },
            { name: "tls", mountPath: "/tls" },
          ],
        },
      ],
      volumes: [
        { name: "program", configMap: { name: "hook" } },
        { name: "tls", secret: { secretName: "hook-tls" } },
      ],
    },
  });
  await apply({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "hook", namespace: "tools" },
    spec: { selector: { app: "hook" }, ports: [{ port: 443, targetPort: 9443 }] },
  });
  await lab.kubectl(["wait", "-n", "tools", "--for=condition=Ready", "pod/hook", "--timeout=60s"]);
  return readFileSync(join(dir, "tls.crt")).toString("base64");
}

async function register(caBundle: string): Promise<void> {
  await apply({
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "MutatingWebhookConfiguration",
    metadata: { name: "hook" },
    webhooks: [
      {
        name: "hook.tools.example.com",
        admissionReviewVersions: ["v1"],
        sideEffects: "None",
        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "default" } },
        rules: [{ operations: ["CREATE"], apiGroups: [""], apiVersions: ["v1"], resources: ["pods"] }],
        clientConfig: { caBundle, service: { name: "hook", namespace: "tools" } },
      },
    ],
  });
}

test("a webhook in a pod changes and refuses pods, those of controllers too; without it pods are told why", async () => {
  const caBundle = await startHook();
  await eventually("an endpoint of the hook", async () => {
    const addresses = await lab.kubectl(["get", "endpointslices", "-n", "tools", "-o", "jsonpath={.items[*].endpoints[*].addresses[*]}"]);
    return addresses.trim() === "" ? undefined : addresses;
  });
  await register(caBundle);

  const ran = await lab.kubectlRaw(["run", "changed", "--image=nginx"]);
  expect(ran.stderr).toContain("Warning: seen by the hook");
  const env = await lab.kubectl(["get", "pod", "changed", "-o", "jsonpath={.spec.containers[0].env}"]);
  expect(JSON.parse(env)).toEqual([{ name: "FROM_HOOK", value: "kubernetes-admin" }]);
  await lab.kubectl(["wait", "--for=condition=Ready", "pod/changed", "--timeout=60s"]);
  expect(await lab.kubectl(["exec", "changed", "--", "/bin/sh", "-c", "echo $FROM_HOOK"])).toBe("kubernetes-admin\n");

  const refused = await lab.kubectlRaw(["run", "unwanted", "--image=nginx", "--labels=app=unwanted"]);
  expect(refused.stderr).toContain('admission webhook "hook.tools.example.com" denied the request: nobody wants it');

  await lab.kubectl(["create", "deployment", "web", "--image=nginx"]);
  const [pod] = await running(1, 60_000, "-l", "app=web");
  const ofPod = await lab.kubectl(["get", "pod", pod?.metadata.name ?? "", "-o", "jsonpath={.spec.containers[0].env[*].name}"]);
  expect(ofPod).toBe("FROM_HOOK");

  await lab.kubectl(["delete", "pod", "hook", "-n", "tools", "--grace-period=1"]);
  const orphaned = await eventually("the hook's endpoint to go", async () => {
    const tried = await lab.kubectlRaw(["run", "late", "--image=nginx", "--dry-run=server"]);
    return tried.stderr.includes("no endpoints available") ? tried : undefined;
  });
  expect(orphaned.stderr).toContain(
    `Internal error occurred: failed calling webhook "hook.tools.example.com": failed to call webhook: Post "https://${HOST}:443/?timeout=10s": no endpoints available for service "hook"`,
  );
  await lab.kubectl(["delete", "mutatingwebhookconfiguration", "hook"]);
  expect(await lab.kubectl(["run", "late", "--image=nginx"])).toContain("created");
});

test("pods act as their service account, and no further", async () => {
  await lab.kubectl(["create", "serviceaccount", "reader"]);
  await lab.kubectl(["create", "role", "reader", "--verb=get,list", "--resource=pods"]);
  await lab.kubectl(["create", "rolebinding", "reader", "--role=reader", "--serviceaccount=default:reader"]);
  const script = [
    "T=$(cat /var/run/secrets/kubernetes.io/serviceaccount/token)",
    "C=/var/run/secrets/kubernetes.io/serviceaccount/ca.crt",
    "U=https://$KUBERNETES_SERVICE_HOST:$KUBERNETES_SERVICE_PORT/api/v1/namespaces/default",
    'ask() { curl -s -o /dev/null -w "%{http_code} " --cacert $C -H "Authorization: Bearer $T" $U/$1; }',
    "ask pods; ask secrets; echo; sleep 600",
  ].join("\n");
  await apply({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "asks", namespace: "default" },
    spec: { serviceAccountName: "reader", containers: [{ name: "asks", image: "debian", command: ["/bin/sh", "-c", script] }] },
  });
  const log = await eventually(
    "the pod's answers",
    async () => {
      const { stdout } = await lab.kubectlRaw(["logs", "asks"]);
      return stdout.trim() === "" ? undefined : stdout;
    },
    60_000,
  );
  expect(log.trim()).toBe("200 403");
  // What the agent asks for on every node is what its role gives.
  for (const [verb, what] of [
    ["list", "pods"],
    ["patch", "nodes"],
    ["watch", "eniconfigs.crd.k8s.amazonaws.com"],
  ] as const) {
    expect(await lab.kubectl(["auth", "can-i", verb, what, "-A", "--as=system:serviceaccount:kube-system:aws-node"])).toBe("yes\n");
  }
  const secrets = await lab.kubectlRaw(["auth", "can-i", "get", "secrets", "-A", "--as=system:serviceaccount:kube-system:aws-node"]);
  expect([secrets.code, secrets.stdout]).toEqual([1, "no\n"]);
});
