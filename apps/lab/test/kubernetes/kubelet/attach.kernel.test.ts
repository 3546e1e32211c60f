import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { eventually } from "@slash28/testkit";
import { beforeEach, expect, test } from "vitest";
import type { Container } from "../../../src/kubernetes/kubelet/pod.ts";
import type { Pod } from "../../../src/kubernetes/kubelet/index.ts";
import { benchesOfTests, describeWithKernel } from "./kernel-benches.ts";
import type { Bench } from "./kubelet-bench.ts";

describeWithKernel("attaching to a container", () => {
  const openBench = benchesOfTests();
  let bench: Bench;
  beforeEach(async () => {
    bench = await openBench();
  });

  const start = async (script: string, streams: Partial<Container>): Promise<void> => {
    const main = { name: "main", image: "busybox", command: ["/bin/sh", "-c", script], ...streams };
    await bench.startPod("one", { restartPolicy: "Never", terminationGracePeriodSeconds: 0, containers: [main] });
    await bench.kube.until<Pod>("pods", "it runs", ([pod]) => pod?.status?.phase === "Running");
  };
  const attach = (hasInput: boolean) => {
    const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
    const leave = new AbortController();
    const request = { ...(hasInput ? { stdin } : {}), stdout, stderr, signal: leave.signal };
    const done = bench.kubelet.runtime.attach({ namespace: "default", pod: "one" }, request).finally(() => (stdout.end(), stderr.end()));
    let heard = "";
    stdout.on("data", (chunk: Buffer) => (heard += chunk.toString()));
    return { stdin, done, leave: () => leave.abort(), heard: () => heard, errors: text(stderr) };
  };
  const exitCode = async (): Promise<number | undefined> => {
    const [pod] = await bench.kube.until<Pod>(
      "pods",
      "it has ended",
      ([one]) => one?.status?.containerStatuses?.[0]?.state.terminated !== undefined,
    );
    return pod?.status?.containerStatuses?.[0]?.state.terminated?.exitCode;
  };

  test("a program reads what is typed to its end, and what it says comes back and is logged", async () => {
    await start("while read line; do echo got $line; echo heard >&2; done; exit 5", { stdin: true, stdinOnce: true });
    const client = attach(true);
    client.stdin.end("one\ntwo\n");
    await client.done;
    expect(client.heard()).toBe("got one\ngot two\n");
    expect(await client.errors).toBe("heard\nheard\n");
    expect(await exitCode()).toBe(5);
    expect(await bench.logs("one")).toContain("got two\n");
  });

  test("a shell has a terminal of its own, with prompt and echo", async () => {
    await start("exec /bin/sh -i", { stdin: true, stdinOnce: true, tty: true });
    const client = attach(true);
    client.stdin.write("tty; echo $TERM; [ -t 2 ] && echo three; exit 7\n");
    await client.done;
    expect(client.heard()).toContain("\r\n/dev/pts/0\r\nxterm\r\nthree\r\n");
    expect(client.heard()).toContain("exit 7");
    expect(await exitCode()).toBe(7);
  });

  test("without stdinOnce the input outlives who types; others may watch, and only what comes after they came", async () => {
    await start("read line; echo got $line; read line; echo got $line", { stdin: true });
    const watcher = attach(false);
    const first = attach(true);
    first.stdin.end("one\n");
    await eventually("both are told", () => first.heard() === "got one\n" && watcher.heard() === "got one\n");
    first.leave();
    await first.done;
    const second = attach(true);
    second.stdin.write("two\n");
    await Promise.all([second.done, watcher.done]);
    expect(second.heard()).toBe("got two\n");
    expect(watcher.heard()).toBe("got one\ngot two\n");
    expect(await exitCode()).toBe(0);
  });

  test("much output comes whole, and much input too", async () => {
    await start("wc -c; seq 1 100000", { stdin: true, stdinOnce: true });
    const client = attach(true);
    client.stdin.end("x".repeat(1_000_000));
    await client.done;
    const numbers = Array.from({ length: 100_000 }, (_, i) => `${i + 1}\n`).join("");
    expect(client.heard() === `1000000\n${numbers}`).toBe(true);
  });

  test("a container that has no input, and one that does not run", async () => {
    await start("sleep 0.2; echo said; sleep 60", {});
    const client = attach(true);
    client.stdin.end("typed for nobody\n");
    await eventually("it is heard", () => client.heard() === "said\n");
    client.leave();
    await client.done;
    await expect(
      bench.kubelet.runtime.attach({ namespace: "default", pod: "other" }, { signal: new AbortController().signal }),
    ).rejects.toMatchObject({ code: "KUBE_REFUSED" });
  });
});
