import { createAwsEndpoint, serve, type AwsEndpoint } from "@slash28/lab/aws";
import { systemClock } from "@slash28/linux";
import { elapsedMsOf, type Bench } from "../bench.ts";
import type { Figure } from "../figures/figure.ts";
import { aCloudWithNode, type CloudWithNode } from "../cni/cloud-with-node.ts";
import { SILENT } from "../silent-log.ts";
import { loadFrom } from "./http-load.ts";

const CONNECTIONS = 16;
/** One address each; an ENI of an m5.large has room for nine. */
const WRITING_CONNECTIONS = 8;
/** Requests per second: what a few hundred agents ask at their busiest. */
const AIM = { least: 2_000 };
const SECONDS = 2;
const IN_PROCESS = 3_000;
const VERSION = "Version=2016-11-15";

/** What an agent asks most, a description of one node's ENIs, and a change and its undoing. */
export const ec2Endpoint: Bench = {
  name: "ec2",
  about: "the lab's EC2 endpoint: requests per second over loopback and in the process",
  needs: "nothing",
  async run({ say, undo, program }) {
    const node = aCloudWithNode("m5.large");
    const endpoint = createAwsEndpoint({ cloud: node.cloud, clock: systemClock, profile: "instant", log: SILENT });
    const serving = await serve(endpoint.fetch, { kind: "port", host: "127.0.0.1", port: 0 });
    undo.add("the EC2 endpoint", async () => {
      endpoint.close();
      await serving.close();
    });
    const url = `http://127.0.0.1:${serving.port}/`;
    const figures: Figure[] = [];
    for (const [name, forms] of Object.entries(mixes(node))) {
      say(`asking the EC2 endpoint: ${name}`);
      const load = { url, connections: name.startsWith("Assign") ? WRITING_CONNECTIONS : CONNECTIONS, forms, seconds: SECONDS };
      const { requests, failures, seconds } = await loadFrom(program, load);
      if (failures > 0) throw new Error(`${failures} of ${requests} requests failed (${name})`);
      figures.push({
        name: `${name}, loopback`,
        value: requests / seconds,
        unit: "/s",
        aim: AIM,
        note: `${load.connections} kept-alive connections`,
      });
      const tookMs = await inProcess(endpoint, forms);
      figures.push({
        name: `${name}, in the process`,
        value: IN_PROCESS / (tookMs / 1_000),
        unit: "/s",
        note: "the endpoint's fetch, no sockets",
      });
    }
    return figures;
  },
};

function mixes({ eniId }: CloudWithNode): Readonly<Record<string, readonly string[]>> {
  // Reassigning is allowed so that a run may begin where another stopped, with the address on the ENI.
  const address = "PrivateIpAddress.1=10.0.0.20{connection}";
  return {
    DescribeSubnets: [`Action=DescribeSubnets&${VERSION}`],
    "DescribeNetworkInterfaces of one ENI": [`Action=DescribeNetworkInterfaces&${VERSION}&NetworkInterfaceId.1=${eniId}`],
    "Assign and unassign an address": [
      `Action=AssignPrivateIpAddresses&${VERSION}&NetworkInterfaceId=${eniId}&${address}&AllowReassignment=true`,
      `Action=UnassignPrivateIpAddresses&${VERSION}&NetworkInterfaceId=${eniId}&${address}`,
    ],
  };
}

async function inProcess({ fetch }: AwsEndpoint, forms: readonly string[]): Promise<number> {
  return await elapsedMsOf(async () => {
    for (let at = 0; at < IN_PROCESS; at++) {
      const headers = { "content-type": "application/x-www-form-urlencoded" };
      const reply = await fetch(
        new Request("http://lab/", { method: "POST", headers, body: (forms[at % forms.length] ?? "").replaceAll("{connection}", "0") }),
      );
      await reply.text();
      if (reply.status !== 200) throw new Error(`a request was answered ${reply.status}`);
    }
  });
}
