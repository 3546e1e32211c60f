import { createHash, randomBytes } from "node:crypto";
import { spawnSync } from "node:child_process";
import { rpcClient, type Reply, type RpcClient } from "../../apps/agent/test/grpc-client.ts";
import type { AgentNode } from "./agent-node.ts";

/**
 * Plays the VPC CNI's plugin: asks for an address over gRPC, then makes the links, routes and rules itself, in the order and shape that
 * it does (VPC CNI 1.23, ADD and DEL of a regular pod).
 */
export interface UpstreamPlugin {
  /** Resolves to the pod's address. */
  add(pod: string): Promise<string>;
  /** `unknown` when the agent knows no such pod; the plugin then tells the runtime that all is well. */
  del(pod: string, address: string): Promise<"released" | "unknown" | "agent away">;
  close(): void;
}

const GATEWAY = "169.254.1.1";
const MAIN_TABLE = 254;

export function upstreamPlugin(node: AgentNode, socketPath: string): UpstreamPlugin {
  const client: RpcClient = rpcClient(socketPath);
  const request = (pod: string): Reply => ({
    K8S_POD_NAME: pod,
    K8S_POD_NAMESPACE: "default",
    K8S_POD_INFRA_CONTAINER_ID: `sandbox-${pod}`,
    ContainerID: `sandbox-${pod}`,
    Netns: `/run/netns/${node.namespace}-${pod}`,
    IfName: "eth0",
    NetworkName: "aws-cni",
    ClientVersion: "v1.23.1",
    Reason: "PodDeleted",
  });
  const inNode = (...command: string[]): string => node.run("", ...command);
  return {
    async add(pod) {
      const { Success, IPAllocationMetadata: given } = await client.call("rpc.CNIBackend/AddNetwork", request(pod));
      const [first] = given as { readonly IPv4Addr: string; readonly RouteTableId: number }[];
      if (Success !== true || first === undefined) throw new Error("add cmd: failed to assign an IP address to container");
      wire(node, pod, first.IPv4Addr, first.RouteTableId);
      return first.IPv4Addr;
    },
    async del(pod, address) {
      try {
        await client.call("rpc.CNIBackend/DelNetwork", request(pod));
      } catch (cause) {
        if (!String(cause).includes("UNAVAILABLE")) return "unknown";
        unwire(inNode, address);
        return "agent away";
      }
      unwire(inNode, address);
      return "released";
    },
    close: () => client.close(),
  };
}

function wire(node: AgentNode, pod: string, address: string, table: number): void {
  const hostLink = `eni${createHash("sha1").update(`default.${pod}`).digest("hex").slice(0, 11)}`;
  const mac = `0a:${randomBytes(5)
    .toString("hex")
    .replaceAll(/(..)(?=.)/g, "$1:")}`;
  const inNode = (...command: string[]): string => node.run("", ...command);
  const inPod = (...command: string[]): string => node.run(pod, ...command);
  quietly(inNode, "ip", "link", "del", hostLink);
  const peer = ["peer", "name", "eth0", "mtu", "9001", "netns", `${node.namespace}-${pod}`];
  inNode("ip", "link", "add", hostLink, "address", mac, "mtu", "9001", "type", "veth", ...peer);
  inPod("ip", "link", "set", "eth0", "up");
  inNode("ip", "link", "set", hostLink, "up");
  inPod("ip", "route", "add", `${GATEWAY}/32`, "dev", "eth0", "scope", "link");
  inPod("ip", "route", "add", "default", "via", GATEWAY, "dev", "eth0");
  inPod("ip", "addr", "add", `${address}/32`, "dev", "eth0");
  inPod("ip", "neigh", "add", GATEWAY, "lladdr", mac, "dev", "eth0", "nud", "permanent");
  inNode("ip", "route", "replace", `${address}/32`, "dev", hostLink, "scope", "link", "table", "main");
  // A rule that is there already is fine.
  quietly(inNode, "ip", "rule", "add", "to", `${address}/32`, "priority", "512", "table", "main");
  if (table !== MAIN_TABLE) quietly(inNode, "ip", "rule", "add", "from", `${address}/32`, "priority", "1536", "table", String(table));
}

/** The link goes with the pod's namespace. What is gone already is fine. */
function unwire(inNode: (...command: string[]) => string, address: string): void {
  quietly(inNode, "ip", "rule", "del", "to", `${address}/32`, "priority", "512");
  quietly(inNode, "ip", "rule", "del", "from", `${address}/32`, "priority", "1536");
  quietly(inNode, "ip", "route", "del", `${address}/32`, "table", "main");
}

function quietly(run: (...command: string[]) => string, ...command: string[]): void {
  try {
    run(...command);
  } catch {
    // Nothing there.
  }
}

/** Whether packets to the address come back, asked from the node. */
export function answersPing(node: AgentNode, address: string): boolean {
  return spawnSync("ip", ["netns", "exec", node.namespace, "ping", "-c1", "-W2", address]).status === 0;
}
