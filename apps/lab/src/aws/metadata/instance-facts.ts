import type { Cidr4, Cidr6, InstanceId, Ipv4 } from "@slash28/address";
import type { Clock } from "@slash28/ports";
import type { Cloud, Eni, Instance } from "@slash28/vpc";
import { limitsOf } from "@slash28/limits";

/** Everything the metadata service tells of an instance, as of one moment. */
export interface InstanceFacts {
  readonly instance: Instance;
  readonly region: string;
  readonly zoneId: string;
  readonly hasSeveralCards: boolean;
  /** By network card and device index; the first is the primary ENI. */
  readonly enis: readonly EniFacts[];
}

export interface EniFacts {
  readonly eni: Eni;
  readonly deviceIndex: number;
  readonly networkCard: number;
  readonly groupNames: readonly string[];
  readonly subnetCidr: Cidr4;
  readonly vpcCidrs: readonly Cidr4[];
  readonly subnetIpv6Cidr: Cidr6 | undefined;
  readonly vpcIpv6Cidrs: readonly Cidr6[];
  /** Elastic IPs on secondary addresses: public, private. */
  readonly secondaryElastics: ReadonlyArray<readonly [Ipv4, Ipv4]>;
}

/** Gathers the facts; `undefined` when the instance is gone. ENIs still attaching are not there yet, those detaching still are. */
export function instanceFacts(cloud: Cloud, instanceId: InstanceId): InstanceFacts | undefined {
  const instance = cloud.view.instance(instanceId);
  if (instance === undefined || instance.state === "terminated") return undefined;
  return {
    instance,
    region: cloud.region,
    zoneId: cloud.zones.find(({ name }) => name === instance.zone)?.id ?? "",
    hasSeveralCards: (limitsOf(instance.type)?.networkCards.length ?? 1) > 1,
    enis: cloud.view.attachedEnis(instanceId).flatMap((eni) => eniFacts(cloud, eni)),
  };
}

function eniFacts(cloud: Cloud, eni: Eni): readonly EniFacts[] {
  const { attachment } = eni;
  const subnet = cloud.view.subnet(eni.subnetId);
  const vpc = cloud.view.vpc(eni.vpcId);
  if (attachment === undefined || attachment.status === "attaching" || subnet === undefined || vpc === undefined) return [];
  return [
    {
      eni,
      deviceIndex: attachment.deviceIndex,
      networkCard: attachment.networkCard,
      groupNames: eni.groups.map((id) => cloud.view.securityGroup(id)?.name ?? id),
      subnetCidr: subnet.cidr,
      vpcCidrs: vpc.cidrs.map(({ cidr }) => cidr),
      subnetIpv6Cidr: subnet.ipv6Cidr?.cidr,
      vpcIpv6Cidrs: vpc.ipv6Cidrs.map(({ cidr }) => cidr),
      secondaryElastics: secondaryElastics(cloud, eni),
    },
  ];
}

function secondaryElastics(cloud: Cloud, eni: Eni): EniFacts["secondaryElastics"] {
  if (eni.secondaryAddresses.length === 0) return [];
  return cloud.view.elasticAddressesOf(eni.id).flatMap(({ publicAddress, association }) => {
    const own = association?.privateAddress;
    return own === undefined || own === eni.primaryAddress ? [] : [[publicAddress, own] as const];
  });
}

export interface LaggingFacts {
  /** The facts as they were `lagMs` ago. */
  read(): InstanceFacts | undefined;
  close(): void;
}

export interface LaggingFactsOptions {
  readonly cloud: Cloud;
  readonly clock: Clock;
  readonly lagMs: number;
  readonly gather: () => InstanceFacts | undefined;
}

/** Remembers the facts after every change of the cloud for as long as they may still be shown. */
export function laggingFacts({ cloud, clock, lagMs, gather }: LaggingFactsOptions): LaggingFacts {
  if (lagMs === 0) return { read: gather, close: () => undefined };
  let history = [{ sinceMs: Number.NEGATIVE_INFINITY, facts: gather() }];

  const forgetOld = (): void => {
    const shownSinceMs = clock.now() - lagMs;
    const current = history.findLastIndex(({ sinceMs }) => sinceMs <= shownSinceMs);
    if (current > 0) history = history.slice(current);
  };
  const unsubscribe = cloud.subscribe(() => {
    forgetOld();
    history.push({ sinceMs: clock.now(), facts: gather() });
  });

  return {
    read() {
      forgetOld();
      return history[0]?.facts;
    },
    close: unsubscribe,
  };
}
