import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import { readCorefile, type BlockSettings } from "@slash28/cluster-dns";
import { kubeFromCluster } from "@slash28/kube";
import { followCluster } from "./cluster/follow-cluster.ts";
import { corefilePath } from "./corefile-path.ts";
import { createDnsMetrics } from "./dns-metrics.ts";
import { createDnsServer } from "./dns-server.ts";
import { createLineLog } from "./log.ts";
import { watchCorefile } from "./watch-corefile.ts";
import { clock } from "./wall-clock.ts";

const { env } = process;
const VERSION = "slash28";
const log = createLineLog((line) => void process.stdout.write(line));
const fail = (message: string): never => {
  log.error(message);
  process.exit(1);
};
process.on("uncaughtException", (cause) => fail(cause.stack ?? cause.message));
process.on("unhandledRejection", (cause) => fail(cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)));

const path = corefilePath(process.argv.slice(2)) ?? fail("usage: dns [-conf FILE] [-quiet]; other flags of CoreDNS are not known here");
const read = (): { readonly text: string; readonly blocks: readonly BlockSettings[] } | string => {
  try {
    const text = readFileSync(path.file, "utf8");
    const corefile = readCorefile(text, env);
    if (!corefile.ok) return `${path.file}:${corefile.problem.line}: ${corefile.problem.message}`;
    return { text, blocks: corefile.value };
  } catch (cause) {
    return `the Corefile ${path.file} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`;
  }
};
const first = read();
if (typeof first === "string") fail(first);
else {
  const metrics = createDnsMetrics();
  metrics.set("coredns_build_info", 1, { version: VERSION });
  const kube = first.blocks.some((block) => block.kubernetes !== undefined)
    ? await kubeFromCluster({ env, readFile: (file) => readFile(file, "utf8"), clock, userAgent: "coredns" })
    : undefined;
  const server = createDnsServer({
    clock,
    random: Math.random,
    metrics,
    log,
    followCluster: () => {
      if (kube === undefined) return fail("the new Corefile has the kubernetes plugin, which needs a restart");
      return followCluster({ kube, clock, random: Math.random, log: log.child({ plugin: "plugin/kubernetes" }) });
    },
    ownAddresses: () =>
      Object.values(networkInterfaces()).flatMap((links) => (links ?? []).flatMap((link) => (link.internal ? [] : [link.address]))),
    readFile: (file) => readFileSync(file, "utf8"),
    onLoop: (detail) => fail(`plugin/loop: ${detail}`),
  });
  const stopped = new AbortController();
  let current = first.blocks;
  const lameduckMs = (): number => Math.max(0, ...current.map((block) => block.health?.lameduckMs ?? 0));
  const stop = async (): Promise<void> => {
    stopped.abort();
    server.retire();
    log.info("shutting down; still answering for a while", { lameduckMs: lameduckMs() });
    await clock.sleep(lameduckMs());
    await server.stop();
    process.exit(0);
  };
  process.once("SIGTERM", () => void stop());
  process.once("SIGINT", () => void stop());
  await server.serve(first.blocks);
  log.info(current.map((block) => `${block.zones.map((zone) => `${zone}.`).join(" ")}:${block.port}`).join(", "));
  await watchCorefile({
    clock,
    random: Math.random,
    signal: stopped.signal,
    log: log.child({ plugin: "plugin/reload" }),
    first,
    read,
    onFailure: () => metrics.add("coredns_reload_failed_total"),
    async use(blocks) {
      await server.serve(blocks);
      current = blocks;
    },
  });
}
