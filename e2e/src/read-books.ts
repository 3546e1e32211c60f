import type { LabUnderTest } from "./lab-under-test.ts";
import { disagreements, type NodeBooks, type PodEntry } from "./address-books.ts";
import { eventually, run } from "./run.ts";

interface PodItem {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly nodeName?: string; readonly hostNetwork?: boolean };
  readonly status: { readonly podIP?: string };
}

interface EniItem {
  readonly Attachment?: { readonly InstanceId?: string };
  readonly PrivateIpAddresses: readonly { readonly Primary: boolean; readonly PrivateIpAddress: string }[];
  readonly Ipv4Prefixes?: readonly { readonly Ipv4Prefix: string }[];
}

interface Introspected {
  readonly [card: string]: {
    readonly ENIs: Readonly<
      Record<
        string,
        {
          readonly AvailableIPv4Cidrs: Readonly<
            Record<
              string,
              {
                readonly IPAddresses: Readonly<
                  Record<string, { readonly Address: string; readonly IPAMMetadata: { readonly k8sPodName?: string } }>
                >;
              }
            >
          >;
        }
      >
    >;
  };
}

interface RuleItem {
  readonly priority: number;
  readonly src: string;
  readonly dst?: string;
}

/** Rules of pods: to one, from one. */
const TO_POD = 512;
const FROM_POD = 1536;

interface RouteItem {
  readonly dst: string;
  readonly dev?: string;
}

/** The namespace that stands for an instance of a lab. */
export function instanceNamespace(lab: Pick<LabUnderTest, "name">, instanceId: string): string {
  return `s28-${lab.name}-${instanceId}`;
}

/** Reads who says to own which address, of every node of a lab: API server, agents, EC2, kernel. */
export async function readBooks(lab: LabUnderTest): Promise<readonly NodeBooks[]> {
  const { nodes } = await lab.status();
  const pods = (JSON.parse(await lab.kubectl(["get", "pods", "-A", "-o", "json"])) as { items: PodItem[] }).items;
  const enis = (JSON.parse(await lab.aws(["ec2", "describe-network-interfaces", "--output", "json"])) as { NetworkInterfaces: EniItem[] })
    .NetworkInterfaces;
  return Promise.all(
    nodes.map(async ({ name, instanceId }): Promise<NodeBooks> => {
      const namespace = instanceNamespace(lab, instanceId);
      const onPodNetwork = pods.filter((pod) => pod.spec.nodeName === name && pod.spec.hostNetwork !== true);
      return {
        node: name,
        pods: onPodNetwork.map((pod) => ({ name: pod.metadata.name, address: pod.status.podIP ?? "no address" })),
        agent: await agentBook(namespace),
        ec2: enis.filter((eni) => eni.Attachment?.InstanceId === instanceId).flatMap(cidrsOf),
        kernel: await kernelBook(namespace),
      };
    }),
  );
}

function cidrsOf(eni: EniItem): readonly string[] {
  const secondary = eni.PrivateIpAddresses.filter((address) => !address.Primary).map((address) => `${address.PrivateIpAddress}/32`);
  return [...secondary, ...(eni.Ipv4Prefixes ?? []).map((prefix) => prefix.Ipv4Prefix)];
}

/** What a node's agent holds, and for whom, by its introspection. */
export async function agentBook(namespace: string): Promise<NodeBooks["agent"]> {
  const said = await run("ip", ["netns", "exec", namespace, "curl", "-sf", "--max-time", "5", "http://127.0.0.1:61679/v1/enis"]);
  if (said.code !== 0) throw new Error(`the agent in ${namespace} does not answer: ${said.stderr}`);
  const blocks = Object.values(JSON.parse(said.stdout) as Introspected)
    .flatMap((card) => Object.values(card.ENIs))
    .flatMap((eni) => Object.entries(eni.AvailableIPv4Cidrs));
  const holders = blocks
    .flatMap(([, block]) => Object.values(block.IPAddresses))
    .flatMap(({ Address, IPAMMetadata }): PodEntry[] =>
      IPAMMetadata.k8sPodName === undefined ? [] : [{ name: IPAMMetadata.k8sPodName, address: Address }],
    );
  return { held: blocks.map(([cidr]) => cidr), holders };
}

async function kernelBook(namespace: string): Promise<NodeBooks["kernel"]> {
  const routes = JSON.parse((await run("ip", ["-n", namespace, "-j", "route", "show", "table", "main"])).stdout) as readonly RouteItem[];
  const rules = JSON.parse((await run("ip", ["-n", namespace, "-j", "rule", "show"])).stdout) as readonly RuleItem[];
  return {
    ruled: rules.flatMap(({ priority, src, dst }) => (priority === TO_POD ? (dst ?? []) : priority === FROM_POD ? src : [])),
    routed: routes.filter(({ dev }) => dev?.startsWith("eni") === true).map(({ dst }) => dst),
    links: await podLinks(namespace),
  };
}

/** A sentence for each ENI of a lab that no instance has: made and never attached, or detached and never deleted. Those of AWS services are theirs. */
export async function strayEnis(lab: LabUnderTest): Promise<readonly string[]> {
  const described = await lab.aws(["ec2", "describe-network-interfaces", "--output", "json"]);
  const { NetworkInterfaces } = JSON.parse(described) as {
    NetworkInterfaces: (EniItem & { NetworkInterfaceId: string; Status: string; RequesterManaged?: boolean })[];
  };
  return NetworkInterfaces.filter((eni) => eni.RequesterManaged !== true && eni.Attachment?.InstanceId === undefined).map(
    (eni) => `EC2 lists ${eni.NetworkInterfaceId} (${eni.Status}), and no instance has it`,
  );
}

/** How many pods' links a node's kernel has: follows ADD and DEL without asking the agent. */
export async function podLinks(namespace: string): Promise<number> {
  const { stdout } = await run("ip", ["-n", namespace, "-o", "link", "show"]);
  return stdout.split("\n").filter((line) => /^\d+: eni[0-9a-f]{11}@/.test(line)).length;
}

/** Waits until everyone agrees on who owns which address: none is owned twice, none is lost. */
export async function booksAgree(lab: LabUnderTest, timeoutMs = 20_000): Promise<void> {
  await eventually(
    "everyone to agree on who owns which address",
    async () => {
      const found = disagreements(await readBooks(lab));
      if (found.length > 0) throw new Error(found.slice(0, 10).join("\n"));
      return true;
    },
    timeoutMs,
  );
}
