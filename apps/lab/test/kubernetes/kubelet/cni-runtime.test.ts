import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createCniRuntime, createResultCache, firstNetwork, readNetwork } from "../../../src/kubernetes/kubelet/cni-runtime/index.ts";
import type { Attachment, CniRuntime, NetworkList } from "../../../src/kubernetes/kubelet/cni-runtime/index.ts";
import { createNodeHost } from "../../../src/kubernetes/kubelet/index.ts";
import { clock } from "./kubelet-bench.ts";

const attachment: Attachment = {
  containerId: "c1",
  netns: "/proc/1/ns/net",
  ifName: "eth0",
  args: { IgnoreUnknown: "1", K8S_POD_NAME: "web" },
  capabilities: { portMappings: [{ hostPort: 80 }], bandwidth: { ingressRate: 1 } },
};

function listOf(fields: Readonly<Record<string, unknown>>): NetworkList {
  const read = readNetwork(JSON.stringify({ cniVersion: "1.1.0", name: "net", ...fields }));
  if (!read.ok) throw new Error(read.why);
  return read.list;
}

describe("the runtime's side of CNI", () => {
  let dir = "";
  let cni: CniRuntime;
  const processes = createNodeHost();
  /** A plugin that records each call with its stdin, then runs the script. */
  const plugin = (name: string, script: string): void => {
    const path = join(dir, "bin", name);
    writeFileSync(
      path,
      `#!/bin/sh\nconfig=$(cat)\nprintf '%s\\n' "{\\"who\\":\\"${name}\\",\\"verb\\":\\"$CNI_COMMAND\\",\\"args\\":\\"$CNI_ARGS\\",\\"config\\":$config}" >> ${dir}/calls\n${script}\n`,
    );
    chmodSync(path, 0o755);
  };
  const calls = (): { who: string; verb: string; args: string; config: Record<string, unknown> }[] =>
    readFileSync(join(dir, "calls"), "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
  const order = (): readonly string[] => calls().map(({ who, verb }) => `${verb} ${who}`);
  const cached = (): readonly string[] => readdirSync(join(dir, "cache/results"));

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "slash28-cni-"));
    mkdirSync(join(dir, "bin"));
    mkdirSync(join(dir, "cache/results"), { recursive: true });
    cni = createCniRuntime(
      {
        pluginDir: join(dir, "bin"),
        processes,
        clock,
        timeoutMs: 5_000,
        signal: new AbortController().signal,
        place: (request) => request,
      },
      createResultCache(join(dir, "cache")),
    );
    plugin(
      "one",
      `[ $CNI_COMMAND = ADD ] && echo '{"interfaces":[{"name":"eth0","sandbox":"x"}],"ips":[{"address":"10.0.0.5/32","interface":0}]}'; exit 0`,
    );
    plugin("two", `[ $CNI_COMMAND = ADD ] && echo '{"cniVersion":"1.1.0","ips":[{"address":"10.0.0.5/32"}],"second":true}'; exit 0`);
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  test("ADD chains results forward, DEL goes backward with the final one, and the cache lives in between", async () => {
    const list = listOf({ plugins: [{ type: "one" }, { type: "two" }] });
    const added = await cni.add(list, attachment);
    expect(added).toMatchObject({ ok: true, value: { second: true } });
    expect(cached()).toEqual(["net-c1-eth0"]);
    expect((await cni.del(list, attachment)).ok).toBe(true);
    expect(cached()).toEqual([]);
    expect(order()).toEqual(["ADD one", "ADD two", "DEL two", "DEL one"]);
    expect(calls()[0]?.config).not.toHaveProperty("prevResult");
    expect(calls()[1]?.config["prevResult"]).toMatchObject({ cniVersion: "1.1.0", ips: [{ address: "10.0.0.5/32" }] });
    expect(calls()[3]?.config["prevResult"]).toMatchObject({ second: true });
    expect(calls()[0]?.args).toBe("IgnoreUnknown=1;K8S_POD_NAME=web");
  });

  test("a plugin gets the capabilities it declares, its own keys, the list's name and version, and no more", async () => {
    await cni.add(
      listOf({
        plugins: [{ type: "one", name: "other", cniVersion: "0.3.1", mtu: 9001, capabilities: { portMappings: true, bandwidth: false } }],
      }),
      attachment,
    );
    expect(calls()[0]?.config).toEqual({
      type: "one",
      name: "net",
      cniVersion: "1.1.0",
      mtu: 9001,
      runtimeConfig: { portMappings: [{ hostPort: 80 }] },
    });
  });

  test("a failing second plugin stops ADD and leaves no cache; DEL twice succeeds", async () => {
    plugin("two", `[ $CNI_COMMAND = ADD ] && echo '{"code":100,"msg":"no more","details":"really"}' && exit 1; exit 0`);
    const list = listOf({ plugins: [{ type: "one" }, { type: "two" }] });
    expect(await cni.add(list, attachment)).toMatchObject({
      ok: false,
      message: 'plugin type="two" name="net" failed (add): no more; really',
      error: { code: 100 },
    });
    expect(cached()).toEqual([]);
    expect((await cni.del(list, attachment)).ok).toBe(true);
    expect((await cni.del(list, attachment)).ok).toBe(true);
  });

  test("a cache file cut short does not stop a DEL, but a CHECK", async () => {
    const list = listOf({ plugins: [{ type: "one" }] });
    await cni.add(list, attachment);
    writeFileSync(join(dir, "cache/results/net-c1-eth0"), "");
    expect(await cni.check(list, attachment)).toMatchObject({ ok: false });
    expect((await cni.del(list, attachment)).ok).toBe(true);
    expect(cached()).toEqual([]);
  });

  test("CHECK needs 0.4.0 and gets the result; disableCheck makes it a success without a call", async () => {
    const list = listOf({ plugins: [{ type: "one" }] });
    await cni.add(list, attachment);
    expect((await cni.check(list, attachment)).ok).toBe(true);
    expect(calls().at(-1)).toMatchObject({ verb: "CHECK", config: { prevResult: { ips: [{ address: "10.0.0.5/32" }] } } });
    expect(await cni.check(listOf({ cniVersion: "0.3.1", plugins: [{ type: "one" }] }), attachment)).toMatchObject({
      ok: false,
      error: { code: 1 },
    });
    const before = calls().length;
    expect((await cni.check(listOf({ disableCheck: "TRUE", plugins: [{ type: "one" }] }), attachment)).ok).toBe(true);
    expect(calls()).toHaveLength(before);
  });

  test("STATUS is asked from 1.1.0 on and keeps its code", async () => {
    plugin("two", `echo '{"code":50,"msg":"no address"}'; exit 1`);
    expect(await cni.status(listOf({ cniVersion: "1.0.0", plugins: [{ type: "two" }] }))).toMatchObject({ ok: true });
    expect(await cni.status(listOf({ plugins: [{ type: "one" }, { type: "two" }] }))).toMatchObject({ ok: false, error: { code: 50 } });
  });

  test("GC deletes what is cached and not valid, then tells each plugin the list", async () => {
    const list = listOf({ plugins: [{ type: "one" }] });
    await cni.add(list, attachment);
    await cni.add(list, { ...attachment, containerId: "c2" });
    const valid = [{ containerID: "c2", ifname: "eth0" }];
    expect(await cni.gc(list, valid)).toEqual([]);
    expect(cached()).toEqual(["net-c2-eth0"]);
    expect(calls().at(-1)).toMatchObject({ verb: "GC", config: { "cni.dev/valid-attachments": valid } });
  });

  test("a plugin that is not there, that says nonsense, and that says nothing", async () => {
    plugin("two", "echo oops >&2; exit 3");
    const why = async (type: string): Promise<string> => {
      const outcome = await cni.add(listOf({ plugins: [{ type }] }), attachment);
      return outcome.ok ? "" : outcome.message;
    };
    expect(await why("none")).toContain('failed to find plugin "none" in path');
    expect(await why("two")).toBe('plugin type="two" name="net" failed (add): netplugin failed: "oops"');
    plugin("two", "exit 4");
    expect(await why("two")).toContain("no error message: exit status 4");
    plugin("two", "echo nonsense");
    expect(await why("two")).toContain("is not JSON");
  });

  test("a network is the first valid file by name; the highest version both sides speak is taken", () => {
    const confDir = join(dir, "net.d");
    expect(firstNetwork(confDir)).toBeUndefined();
    mkdirSync(join(confDir, "05-directory.conflist"), { recursive: true });
    writeFileSync(join(confDir, "10-broken.conflist"), "{");
    writeFileSync(
      join(confDir, "20-good.conflist"),
      JSON.stringify({ cniVersion: "0.4.0", cniVersions: ["1.0.0", "2.0.0"], name: "good", plugins: [{ type: "x" }] }),
    );
    writeFileSync(join(confDir, "30-late.conf"), JSON.stringify({ cniVersion: "0.3.1", name: "late", type: "x" }));
    expect(firstNetwork(confDir)).toMatchObject({ name: "good", cniVersion: "1.0.0" });
  });

  test.each([
    ["[]", "is not a JSON object"],
    [`{"cniVersion":"1.0.0","name":"a/b","plugins":[{"type":"x"}]}`, "has no valid name"],
    [`{"cniVersion":"9.0.0","name":"a","plugins":[{"type":"x"}]}`, "asks for CNI 9.0.0"],
    [`{"cniVersion":"1.0.0","name":"a","plugins":[]}`, "has no plugins"],
    [`{"cniVersion":"1.0.0","name":"a","plugins":[{"type":"../x"}]}`, "without a type"],
    [`{"cniVersion":"1.0.0","name":"a","disableGC":"maybe","plugins":[{"type":"x"}]}`, "neither true nor false"],
  ])("refuses %s", (text, why) => {
    expect(readNetwork(text)).toMatchObject({ ok: false, why: expect.stringContaining(why) });
  });
});
