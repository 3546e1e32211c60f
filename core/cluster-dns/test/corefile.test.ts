import { describe, expect, test } from "vitest";
import { readCorefile } from "../src/index.ts";

const EKS = `.:53 {
    errors
    health {
        lameduck 5s
      }
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
      pods insecure
      fallthrough in-addr.arpa ip6.arpa
    }
    prometheus :9153
    forward . /etc/resolv.conf
    cache 30
    loop
    reload
    loadbalance
}
`;

function problemOf(text: string): string {
  const read = readCorefile(text);
  return read.ok ? "none" : `${read.problem.line}: ${read.problem.message}`;
}

test("EKS's own Corefile", () => {
  const read = readCorefile(EKS);
  if (!read.ok) throw new Error(read.problem.message);
  const [block] = read.value;
  expect(read.value).toHaveLength(1);
  expect(block).toMatchObject({
    zones: [""],
    port: 53,
    logsErrors: true,
    balancesLoad: true,
    watchesLoops: true,
    health: { host: "", port: 8080, lameduckMs: 5_000 },
    ready: { host: "", port: 8181 },
    prometheus: { host: "", port: 9153 },
    reload: { intervalMs: 30_000, jitterMs: 15_000 },
    kubernetes: {
      zones: ["cluster.local", "in-addr.arpa", "ip6.arpa"],
      pods: "insecure",
      ttl: 5,
      fallthrough: ["in-addr.arpa", "ip6.arpa"],
    },
    cache: { zones: [""], success: { maxSeconds: 30 }, denial: { maxSeconds: 30 } },
    forwards: [{ from: "", to: [{ kind: "resolver-file", path: "/etc/resolv.conf" }], policy: "random" }],
  });
});

test("several blocks, comments, quotes and variables", () => {
  const read = readCorefile(
    '# mine\nexample.org:1053 10.1.0.0/16:1053 {\n  hosts { # inline\n    10.1.2.3 a.example.org\n    fallthrough\n  }\n  rewrite name exact "old.example.org" new.example.org\n}\n.:{$PORT} {\n  forward . 10.0.0.2 [fd00::53]:5353 {\n    policy sequential\n    force_tcp\n    max_concurrent 1000\n  }\n}',
    { PORT: "54" },
  );
  if (!read.ok) throw new Error(read.problem.message);
  expect(read.value[0]).toMatchObject({
    zones: ["example.org", "1.10.in-addr.arpa"],
    port: 1053,
    hosts: { entries: [{ address: "10.1.2.3", names: ["a.example.org"] }], fallthrough: [] },
    rewrites: [{ kind: "exact", from: "old.example.org", to: "new.example.org" }],
  });
  expect(read.value[1]).toMatchObject({
    port: 54,
    forwards: [
      {
        to: [
          { kind: "server", address: "10.0.0.2", port: 53 },
          { kind: "server", address: "fd00::53", port: 5353 },
        ],
        policy: "sequential",
        transport: "force-tcp",
        maxConcurrent: 1_000,
      },
    ],
  });
});

describe("what is wrong is told with its line", () => {
  test.each([
    ["", "1: the Corefile is empty; it needs a server block such as `.:53 { … }`"],
    [".:53 {\n  autopath @kubernetes\n}", /^2: the plugin autopath is not supported; supported are bind, /],
    [
      ".:53 {\n  kubernetes cluster.local {\n    pods maybe\n  }\n}",
      "3: kubernetes: pods must be disabled, insecure or verified, not maybe",
    ],
    [".:53 {\n  kubernetes {\n    ttl 9000\n  }\n}", "3: kubernetes: ttl must be from 0 to 3600 seconds"],
    [".:53 {\n  kubernetes {\n    kubeconfig /x\n  }\n}", /^3: kubernetes: the option kubeconfig is not supported/],
    [".:53 {\n  forward .\n}", "2: forward: write a zone and at least one server, such as forward . 10.0.0.2"],
    [".:53 {\n  forward . tls://1.1.1.1\n}", "2: forward: tls://1.1.1.1 is neither an address nor a file; only plain DNS is spoken"],
    [".:53 {\n  cache 0\n}", /^2: cache: /],
    [".:53 {\n  cache {\n    prefetch 10 1m 5%\n  }\n}", /^3: cache: prefetch takes an amount, a duration, and a percentage/],
    [".:53 {\n  cache {\n    prefetch 10 1m 20\n  }\n}", /^3: cache: prefetch/],
    [".:53 {\n  cache {\n    serve_stale later\n  }\n}", /^3: cache: serve_stale takes a duration, and immediate or verify/],
    [".:53 {\n  cache {\n    serve_stale 1h sometimes\n  }\n}", /^3: cache: serve_stale/],
    [".:53 {\n  health {\n    lameduck soon\n  }\n}", /^3: health: /],
    [".:53 {\n  errors\n", "1: this `{` is never closed"],
    [".:53\n", "1: the server block .:53 has no `{`"],
    ["}\n", "1: a `}` closes nothing"],
    ["tls://.:853 {\n}", "1: tls://.:853: only plain DNS is served; drop tls://"],
    ["(snip) {\n errors\n}", /^1: snippets/],
    ["a:53 b:54 {\n}", /^1: the zones of one server block must share a port/],
    [".:53 {\n  hosts {\n    nonsense\n  }\n}", /^3: hosts: /],
    [".:53 {\n  rewrite type ANY HINFO\n}", /^2: rewrite: /],
    [".:53 {\n  constructor\n}", /^2: the plugin constructor is not supported/],
  ])("%j", (text, wanted) => {
    if (typeof wanted === "string") expect(problemOf(text)).toBe(wanted);
    else expect(problemOf(text)).toMatch(wanted);
  });
});

test.each([
  ["prefetch 10", { prefetch: { amount: 10, gapMs: 60_000, percentage: 10 } }],
  ["prefetch 3 5m 25%", { prefetch: { amount: 3, gapMs: 300_000, percentage: 25 } }],
  ["serve_stale", { serveStale: { maxSeconds: 3_600, isVerified: false } }],
  ["serve_stale 30m verify", { serveStale: { maxSeconds: 1_800, isVerified: true } }],
])("the cache's line %s", (line, settings) => {
  const read = readCorefile(`.:53 {\n  cache {\n    ${line}\n  }\n}`);
  expect(read).toMatchObject({ ok: true, value: [{ cache: settings }] });
});
