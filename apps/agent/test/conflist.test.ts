import { parseSettings, type Env } from "@slash28/ipam";
import { expect, test } from "vitest";
import { conflist } from "../src/start/conflist.ts";

interface Plugin {
  readonly type: string;
  readonly [field: string]: unknown;
}

function pluginsOf(env: Env, installed: readonly string[] = ["portmap", "bandwidth", "tuning"]): readonly Plugin[] {
  const { settings } = parseSettings(env);
  const text = conflist({ settings, agentSocket: "/run/agent.sock", hasPlugin: (name) => installed.includes(name) });
  return (JSON.parse(text) as { plugins: readonly Plugin[] }).plugins;
}

test("the agent's plugin comes first, with the pods' MTU and link prefix", () => {
  const env = { AWS_VPC_ENI_MTU: "9001", POD_MTU: "1400", AWS_VPC_K8S_CNI_VETHPREFIX: "veth" };
  expect(pluginsOf(env)[0]).toMatchObject({ type: "aws-cni", mtu: "1400", vethPrefix: "veth", agentSocket: "/run/agent.sock" });
  expect(pluginsOf({}).map(({ type }) => type)).toEqual(["aws-cni", "portmap"]);
});

test("the plugin is told where its log is, and what of it is kept", () => {
  const env = { AWS_VPC_K8S_PLUGIN_LOG_FILE: "stderr", AWS_VPC_K8S_PLUGIN_LOG_LEVEL: "ERROR" };
  expect(pluginsOf(env)[0]).toMatchObject({ pluginLogFile: "stderr", pluginLogLevel: "error" });
  expect(pluginsOf({})[0]).toMatchObject({ pluginLogFile: "/var/log/aws-routed-eni/plugin.log", pluginLogLevel: "debug" });
});

test("a plugin that is not installed is not chained: the runtime would refuse every pod", () => {
  expect(pluginsOf({ ENABLE_BANDWIDTH_PLUGIN: "true", DISABLE_POD_V6: "true" }, []).map(({ type }) => type)).toEqual(["aws-cni"]);
});

test("ENABLE_BANDWIDTH_PLUGIN chains the bandwidth plugin", () => {
  expect(pluginsOf({ ENABLE_BANDWIDTH_PLUGIN: "true" }).at(-1)).toEqual({ type: "bandwidth", capabilities: { bandwidth: true } });
});

test("DISABLE_POD_V6 chains the tuning plugin, which turns IPv6 off in the pod", () => {
  expect(pluginsOf({ DISABLE_POD_V6: "true" }).at(-1)).toMatchObject({
    type: "tuning",
    sysctl: {
      "net.ipv6.conf.all.disable_ipv6": "1",
      "net.ipv6.conf.default.disable_ipv6": "1",
      "net.ipv6.conf.lo.disable_ipv6": "1",
    },
  });
});
