import { anAgentNode, addressOf } from "./agent-node.ts";
import { request } from "node:http";
import { namespacePath } from "@slash28/linux";
import { setTimeout as sleep } from "node:timers/promises";
import { spawnSync } from "node:child_process";
const node = await anAgentNode({
  type: "m5.4xlarge",
  subnet: "10.0.0.0/20",
  env: { WARM_IP_TARGET: "115", AWS_VPC_K8S_CNI_LOGLEVEL: "INFO" },
});
const post = (verb: string, pod: string) =>
  new Promise<number>((resolve, reject) => {
    const t = performance.now();
    const body = JSON.stringify({ cniVersion: "1.1.0", name: "aws-cni", type: "aws-cni" });
    const r = request(
      {
        socketPath: `${node.folder}/agent.sock`,
        path: "/cni",
        method: "POST",
        headers: {
          "cni-command": verb,
          "cni-container-id": `c-${pod}`,
          "cni-ifname": "eth0",
          "cni-netns": namespacePath(`${node.namespace}-${pod}`),
          "cni-args": `K8S_POD_NAMESPACE=d;K8S_POD_NAME=${pod}`,
          "content-length": body.length,
          connection: "close",
        },
      },
      (res) => {
        res.resume();
        res.on("end", () => {
          if (res.headers["cni-exit"] !== "0") console.log("exit", res.headers["cni-exit"]);
          resolve(performance.now() - t);
        });
      },
    );
    r.on("error", reject);
    r.end(body);
  });
const stats = (xs: number[]) => {
  const s = xs.toSorted((a, b) => a - b);
  return `p50 ${s[s.length >> 1].toFixed(2)} p99 ${s[Math.floor(s.length * 0.99)].toFixed(2)} max ${s.at(-1)!.toFixed(2)}`;
};
try {
  await node.start();
  for (let i = 0; i < 100; i++) {
    const p = JSON.parse(await node.ask("/pool"));
    if (p.free >= 112) break;
    await sleep(100);
  }
  const names = Array.from({ length: 40 }, (_, i) => `p${i}`);
  for (const n of names) node.makePod(n);
  const pings: number[] = [];
  for (let i = 0; i < 30; i++) {
    const t = performance.now();
    await node.ask("/pool");
    pings.push(performance.now() - t);
  }
  console.log("ping", stats(pings));
  const xs: number[] = [];
  for (const n of names) xs.push(await post("ADD", n));
  console.log("ADD http", stats(xs));
  console.log(xs.map((x) => x.toFixed(1)).join(" "));
  const ag: number[] = [];
  for (const n of names) ag.push(await post("ADD", n));
  console.log("ADD again http", stats(ag));
  const ds: number[] = [];
  for (const n of names) ds.push(await post("DEL", n));
  console.log("DEL http", stats(ds));
  await sleep(500);
  const sp: number[] = [];
  for (let i = 0; i < 30; i++) {
    const t = performance.now();
    const c = (await import("node:child_process")).spawn(`${node.folder}/aws-cni`, { env: { CNI_COMMAND: "VERSION" } });
    await new Promise((r) => c.on("close", r));
    sp.push(performance.now() - t);
  }
  console.log("spawn VERSION", stats(sp));
  console.log(
    node
      .run("", "curl", "-s", "http://127.0.0.1:61678/metrics")
      .split("\n")
      .filter((l) => /step_seconds_(sum|count)/.test(l))
      .join("\n"),
  );
} finally {
  await node.close();
}
