import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { KubeObject } from "@slash28/ports";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { collectEvidence, type EvidenceOptions } from "../../src/evidence/index.ts";
import { objectWithoutSecrets, withoutSecrets } from "../../src/evidence/without-secrets.ts";

let rootDir = "";
beforeEach(() => {
  rootDir = mkdtempSync(join(tmpdir(), "slash28-evidence-"));
});
afterEach(() => rmSync(rootDir, { recursive: true, force: true }));

function put(path: string, text: string | Buffer): void {
  mkdirSync(dirname(join(rootDir, path)), { recursive: true });
  writeFileSync(join(rootDir, path), text);
}

const TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhd3Mtbm9kZSJ9.c2lnbmF0dXJl";

const event = (name: string, field: object): KubeObject => ({ apiVersion: "v1", kind: "Event", metadata: { name }, ...field });

type AskedKube = NonNullable<EvidenceOptions["kube"]>;

const kube: AskedKube = {
  get: (async (resource: { plural: string }, name: string) => ({
    kind: resource.plural,
    metadata: { name },
    spec: { env: [{ name: "DB_PASSWORD", value: "hunter2" }] },
  })) as unknown as AskedKube["get"],
  list: (async (resource: { plural: string }) => {
    if (resource.plural === "pods") throw new Error("the API server is away");
    return {
      items: [
        event("own", { involvedObject: { kind: "Node", name: "n1" } }),
        event("told-by", { involvedObject: { kind: "Pod", name: "web" }, source: { host: "n1" } }),
        event("other", { involvedObject: { kind: "Node", name: "n2" } }),
      ],
      resourceVersion: "1",
    };
  }) as unknown as AskedKube["list"],
};

function collect(overrides: Partial<EvidenceOptions> = {}) {
  return collectEvidence({
    node: { name: "n1", instanceId: "i-1", rootDir, netnsPath: "/run/netns/n1" },
    dataPlane: "simulated",
    kube,
    ask: async (path) => ({ status: path === "/healthz" ? 503 : 200, body: `${path} of the agent` }),
    ...overrides,
  });
}

describe("a node's evidence", () => {
  test("journal, configuration, logs: byte for byte; no token, no link, nothing else", async () => {
    put("var/run/aws-node/ipam.journal", Buffer.from([0x61, 0xff, 0x00, 0x0a]));
    put("var/run/aws-node/slash28.sock", "");
    put("etc/cni/net.d/10-aws.conflist", "{}");
    put("var/log/aws-routed-eni/ipamd.log", "a line\n");
    put("var/log/pods/kube-system_aws-node-x1_u1/aws-node/0.log", `AWS_SECRET_ACCESS_KEY=hush sent ${TOKEN}\n`);
    put("var/log/pods/default_web_u2/web/0.log", "somebody's own\n");
    put("var/lib/kubelet/pods/u1/volumes/token/token", TOKEN);
    put("elsewhere", "not the node's to show");
    symlinkSync(join(rootDir, "elsewhere"), join(rootDir, "var/log/aws-routed-eni/link.log"));
    const { files } = await collect();
    const found = new Map(files.map(({ path, latin1 }) => [path, latin1]));
    expect([...found.keys()].filter((path) => path.startsWith("files/"))).toEqual([
      "files/var/run/aws-node/ipam.journal",
      "files/etc/cni/net.d/10-aws.conflist",
      "files/var/log/aws-routed-eni/ipamd.log",
      "files/var/log/pods/kube-system_aws-node-x1_u1/aws-node/0.log",
    ]);
    expect(found.get("files/var/run/aws-node/ipam.journal")).toBe("a\u00ff\u0000\n");
    expect(found.get("files/var/log/pods/kube-system_aws-node-x1_u1/aws-node/0.log")).toBe(
      "AWS_SECRET_ACCESS_KEY=(removed) sent (removed)\n",
    );
  });

  test("of a long log the end, with a note", async () => {
    put("var/log/aws-routed-eni/ipamd.log", `${"x".repeat(5 * 1024 * 1024)}the end`);
    const { files, notes } = await collect();
    const log = files.find(({ path }) => path.endsWith("ipamd.log"));
    expect(log?.latin1).toHaveLength(4 * 1024 * 1024);
    expect(log?.latin1.endsWith("xthe end")).toBe(true);
    expect(notes).toContain("var/log/aws-routed-eni/ipamd.log: its last 4194304 of 5242887 bytes");
  });

  test("what the agent and the API tell; a part that cannot be had is a note", async () => {
    const { files, notes } = await collect();
    const found = new Map(files.map(({ path, latin1 }) => [path, latin1]));
    expect(found.get("agent/v1/enis.txt")).toBe("/v1/enis of the agent");
    expect(found.has("agent/metrics.txt")).toBe(true);
    expect(found.get("kubernetes/aws-node.json")).not.toContain("hunter2");
    expect((JSON.parse(found.get("kubernetes/events.json") ?? "") as KubeObject[]).map(({ metadata }) => metadata.name)).toEqual([
      "own",
      "told-by",
    ]);
    expect(notes).toEqual([
      "the agent answers /healthz with status 503",
      "kernel: the data plane is simulated, there is no kernel state",
      "kubernetes pods: the API server is away",
    ]);
  });

  test("an agent that is away is asked once", async () => {
    const asked: string[] = [];
    const { notes } = await collect({ ask: async (path) => void asked.push(path) });
    expect(asked).toEqual(["/healthz"]);
    expect(notes).toContain("the agent does not answer at /healthz");
  });

  test("the kernel's state, by the node's namespace", async () => {
    const { files, notes } = await collect({
      dataPlane: "kernel",
      run: async (netns, command) => (command[0] === "nft" ? { why: "no such program" } : { stdout: `${netns}: ${command.join(" ")}` }),
    });
    const kernel = files.filter(({ path }) => path.startsWith("kernel/"));
    expect(kernel.map(({ path }) => path)).toEqual(
      ["links", "addresses", "rules", "routes", "neighbours"].map((name) => `kernel/${name}.txt`),
    );
    expect(kernel[2]?.latin1).toBe("/run/netns/n1: ip rule show");
    expect(notes).toContain("nft list ruleset: no such program");
  });
});

describe("without secrets", () => {
  test.each([
    ["DB_PASSWORD=hunter2 next", "DB_PASSWORD=(removed) next"],
    ['API_KEY="two words" next', "API_KEY=(removed) next"],
    ['{"AWS_SESSION_TOKEN":"a\\"b","x":"y"}', '{"AWS_SESSION_TOKEN":"(removed)","x":"y"}'],
    ['{"accessToken": "abc"}', '{"accessToken": "(removed)"}'],
    ["postgres://ledger:hunter2@db.internal:5432/x", "postgres://(removed)@db.internal:5432/x"],
    ["run --db-password hunter2 --verbose", "run --db-password (removed) --verbose"],
    ["run --token=hunter2 --verbose", "run --token=(removed) --verbose"],
    ["Authorization: Bearer abcdefgh123", "Authorization: Bearer (removed)"],
    [`said ${TOKEN}.`, "said (removed)."],
    ["AKIAIOSFODNN7EXAMPLE", "(removed)"],
    ["-----BEGIN EC PRIVATE KEY-----\nabc\n-----END EC PRIVATE KEY-----\n", "(removed)\n"],
  ])("%j", (text, rest) => {
    expect(withoutSecrets(text)).toBe(rest);
  });

  test.each([
    '{"key":"aws-cni/0a1b/eth0","address":"10.0.0.4"}',
    "WARM_IP_TARGET=5",
    "http://127.0.0.1:28080/ a@b",
    '"IPAMKey":{"networkName":"aws-cni"}',
  ])("%j stays as it is", (text) => {
    expect(withoutSecrets(text)).toBe(text);
  });

  test("the agent's pod is shown with its settings, any other without what it runs", async () => {
    const container = { name: "c", image: "app", env: [{ name: "dsn", value: "hunter2" }], command: ["run"], args: ["hunter2"] };
    const podOf = (name: string, labels: object) => ({ metadata: { name, labels }, spec: { containers: [container] } });
    const pods = [podOf("aws-node-x", { "k8s-app": "aws-node" }), podOf("ledger", {})];
    const list = (async () => ({ items: pods, resourceVersion: "1" })) as unknown as AskedKube["list"];
    const { files } = await collect({ kube: { ...kube, list } });
    const shown = JSON.parse(files.find(({ path }) => path === "kubernetes/pods.json")?.latin1 ?? "") as typeof pods;
    expect(shown.map(({ spec }) => spec.containers)).toEqual([[container], [{ name: "c", image: "app" }]]);
  });

  test("Kubernetes objects: values by name, and the annotation that repeats them", () => {
    const annotations = { "kubectl.kubernetes.io/last-applied-configuration": '{"env":"hunter2"}', other: "kept" };
    const env = [
      { name: "DB_PASSWORD", value: "hunter2" },
      { name: "db_passwd", value: "hunter2" },
      { name: "WARM_IP_TARGET", value: "5" },
    ];
    expect(objectWithoutSecrets({ metadata: { annotations }, env })).toEqual({
      metadata: { annotations: { "kubectl.kubernetes.io/last-applied-configuration": "(removed)", other: "kept" } },
      env: [
        { name: "DB_PASSWORD", value: "(removed)" },
        { name: "db_passwd", value: "(removed)" },
        { name: "WARM_IP_TARGET", value: "5" },
      ],
    });
  });
});
