import { parseIpv4, type Ipv4 } from "@slash28/address";
import type { CniAnswer, CniEnvelope } from "@slash28/agent";
import { LINK, NAMESPACE, NETWORK, type Sandbox } from "./sandbox.ts";

const CONFIG = JSON.stringify({ cniVersion: "1.1.0", name: NETWORK, type: "aws-cni" });

/** The request of one verb for one sandbox, as the plugin passes it on. */
export function callFor(verb: "ADD" | "DEL" | "CHECK", sandbox: Sandbox, netns: string | undefined = sandbox.netns): CniEnvelope {
  return {
    command: verb,
    containerId: sandbox.key.containerId,
    netns,
    ifName: LINK,
    args: `IgnoreUnknown=1;K8S_POD_NAMESPACE=${NAMESPACE};K8S_POD_NAME=${sandbox.pod}`,
    config: CONFIG,
  };
}

/** GC with the sandboxes that the runtime still has. */
export function gcCall(valid: Iterable<Sandbox>): CniEnvelope {
  const attachments = Array.from(valid, ({ key }) => ({ containerID: key.containerId, ifname: key.ifName }));
  return nodeCall("GC", JSON.stringify({ cniVersion: "1.1.0", name: NETWORK, type: "aws-cni", "cni.dev/valid-attachments": attachments }));
}

export function statusCall(): CniEnvelope {
  return nodeCall("STATUS", CONFIG);
}

function nodeCall(command: string, config: string): CniEnvelope {
  return { command, containerId: undefined, netns: undefined, ifName: undefined, args: undefined, config };
}

/** The address that an ADD was answered with. */
export function addressOf(answer: CniAnswer): Ipv4 | undefined {
  const { ips } = JSON.parse(answer.body) as { readonly ips?: readonly { readonly address: string }[] };
  return parseIpv4(ips?.[0]?.address.replace(/\/32$/, "") ?? "");
}

/** Whether the agent said only that it can not answer now (CNI spec, "Error", code 11). */
export function isTryAgain(answer: CniAnswer): boolean {
  const { code } = JSON.parse(answer.body) as { readonly code?: number };
  return code === 11;
}

/** Why a request was refused. */
export function refusalOf(answer: CniAnswer | undefined): string {
  if (answer === undefined) return "no answer";
  const { msg } = JSON.parse(answer.body) as { readonly msg?: string };
  return msg ?? answer.body;
}
