import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";
import { cidr4, ipv4, offsetIpv4, type Ipv4, type VpcId } from "@slash28/address";
import { bareReply, type DnsName } from "@slash28/cluster-dns";
import { serveTcp, serveUdp, type AnswerQuery, type DnsListener } from "@slash28/dns";
import { applyNftables, bindInNamespace, listenInNamespace, openNetlink } from "@slash28/linux";
import type { Log } from "@slash28/ports";
import type { Cloud } from "@slash28/vpc";
import { INTERNET } from "../fabric/index.ts";
import { answerVpcName, type VpcNames } from "./answer-vpc-name.ts";
import { resolverLimit } from "./resolver-limit.ts";

/** Amazon's resolver as every instance reaches it; the address two above the VPC's base is the same one. */
export const VPC_RESOLVER = ipv4("169.254.169.253");
const BASE_OFFSET = 2;
const DNS_PORT = 53;

export interface VpcResolverOptions {
  readonly cloud: Cloud;
  readonly vpcId: VpcId;
  /** The namespace of the VPC's router. */
  readonly router: string;
  /** Names that other parts of the lab give out, such as those of load balancers; asked in turn, each gives addresses or nothing. */
  readonly moreNames?: readonly NameSource[];
  readonly log: Log;
}

/** Addresses behind a name as they are now; nothing when the name is not of this source. */
export type NameSource = (name: DnsName) => readonly Ipv4[] | undefined;

/** Serves DNS where instances look for it, within EC2's limit per ENI. Security groups do not see it, as on EC2: the router takes its packets for itself. */
export async function serveVpcResolver({ cloud, vpcId, router, moreNames = [], log }: VpcResolverOptions): Promise<DnsListener> {
  const base = cloud.view.vpc(vpcId)?.cidrs[0]?.cidr ?? cidr4("10.0.0.0/16");
  const addresses = [VPC_RESOLVER, offsetIpv4(base.base, BASE_OFFSET)];
  putOnRouter(router, addresses);
  applyNftables(resolverLimit(addresses), router);
  const internet = internetNames(cloud.region);
  const answer: AnswerQuery = ({ question }) =>
    Promise.resolve(answerVpcName(namesOf(cloud, vpcId, internet, moreNames), question) ?? bareReply("REFUSED"));
  const onBug = (cause: unknown): void => log.error("the VPC's resolver could not answer", { detail: String(cause) });
  const listeners = await Promise.all(
    addresses.flatMap((address) => [overUdp(router, address, answer, onBug), overTcp(router, address, answer, onBug)]),
  );
  return { close: async () => void (await Promise.all(listeners.map((listener) => listener.close()))) };
}

function putOnRouter(router: string, addresses: readonly Ipv4[]): void {
  const netlink = openNetlink(router);
  try {
    for (const address of addresses) netlink.put({ kind: "address", link: "lo", address, length: 32, subnetRoute: false });
  } finally {
    netlink.close();
  }
}

async function overUdp(router: string, address: Ipv4, answer: AnswerQuery, onBug: (cause: unknown) => void): Promise<DnsListener> {
  const socket = createSocket("udp4");
  const listening = once(socket, "listening");
  socket.bind({ fd: bindInNamespace(router, address, DNS_PORT) });
  await listening;
  return serveUdp(socket, answer, onBug);
}

async function overTcp(router: string, address: Ipv4, answer: AnswerQuery, onBug: (cause: unknown) => void): Promise<DnsListener> {
  const server = createServer();
  const listening = once(server, "listening");
  server.listen({ fd: listenInNamespace(router, address, DNS_PORT) });
  await listening;
  return serveTcp(server, answer, onBug);
}

/** As they are at this question: what costs a look at every instance is looked for only when it is asked for. */
function namesOf(cloud: Cloud, vpcId: VpcId, internet: ReadonlyMap<DnsName, readonly Ipv4[]>, moreNames: readonly NameSource[]): VpcNames {
  const vpc = cloud.view.vpc(vpcId);
  return {
    region: cloud.region,
    vpcCidrs: vpc?.cidrs.map(({ cidr }) => cidr) ?? [],
    hasDnsSupport: vpc?.hasDnsSupport ?? false,
    hasDnsHostnames: vpc?.hasDnsHostnames ?? false,
    publicAddresses: { get: (open) => primaryAddressBehind(cloud, vpcId, open) },
    outside: (name) => internet.get(name) ?? moreNames.map((source) => source(name)).find((found) => found !== undefined),
    outsideNames: [...internet.keys()],
  };
}

function primaryAddressBehind({ view }: Cloud, vpcId: VpcId, open: Ipv4): Ipv4 | undefined {
  const own = view.instances().filter((instance) => instance.vpcId === vpcId);
  return own.flatMap(({ id }) => view.attachedEnis(id)).findLast((eni) => eni.publicAddress === open)?.primaryAddress;
}

/** A small internet: a web site under the names of documentation, and AWS's endpoints where instances look for them. */
function internetNames(region: string): ReadonlyMap<DnsName, readonly Ipv4[]> {
  const site = ["example.com", "www.example.com", "example.org", "example.net"].map((name) => [name, [INTERNET.site]] as const);
  const regional = ["ec2", "sts", "eks", "elasticloadbalancing", "monitoring", "servicequotas"].map(
    (service) => `${service}.${region}.amazonaws.com`,
  );
  const aws = [...regional, "sts.amazonaws.com", "iam.amazonaws.com", `eks-auth.${region}.api.aws`].map(
    (name) => [name, [INTERNET.aws]] as const,
  );
  return new Map<DnsName, readonly Ipv4[]>([...site, ...aws]);
}
