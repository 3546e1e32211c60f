import type { State } from "../cloud/state.ts";
import type { Table } from "../cloud/table.ts";
import { unknown } from "../errors.ts";
import { ok, refuse, type Ec2Error, type Ec2Result } from "../result.ts";
import type { ResourceType, Tags } from "./tag.ts";

/** An object as far as its tags go. */
export interface Taggable {
  readonly id: string;
  readonly type: ResourceType;
  readonly tags: Tags;
  readonly put: (tags: Tags) => void;
}

type Tagged<Id extends string> = { readonly id: Id; readonly tags: Tags };

interface Kind {
  readonly prefix: string;
  readonly type: ResourceType;
  readonly unknown: (id: string) => Ec2Error;
  readonly all: (state: State) => Iterable<Taggable>;
  readonly get: (state: State, id: string) => Taggable | undefined;
}

/** A kind of resource that has a table of its own. */
function kind<Id extends string, T extends Tagged<Id>>(
  prefix: string,
  type: ResourceType,
  unknownId: (id: string) => Ec2Error,
  tableOf: (state: State) => Table<Id, T>,
): Kind {
  const wrap = (table: Table<Id, T>, row: T): Taggable => ({
    id: row.id,
    type,
    tags: row.tags,
    put: (tags) => void table.put({ ...(table.get(row.id) ?? row), tags }),
  });
  return {
    prefix,
    type,
    unknown: unknownId,
    all: (state) => [...tableOf(state).values()].map((row) => wrap(tableOf(state), row)),
    get: (state, id) => {
      const row = tableOf(state).get(id as Id);
      return row === undefined ? undefined : wrap(tableOf(state), row);
    },
  };
}

/** Rules live inside their groups. */
function rulesOf(state: State): Taggable[] {
  return [...state.groups.values()].flatMap((group) =>
    group.rules.map((rule): Taggable => ({
      id: rule.id,
      type: "security-group-rule",
      tags: rule.tags,
      put: (tags) => {
        const now = state.groups.get(group.id) ?? group;
        state.groups.put({ ...now, rules: now.rules.map((other) => (other.id === rule.id ? { ...other, tags } : other)) });
        state.touched.push(rule.id);
      },
    })),
  );
}

const KINDS: readonly Kind[] = [
  kind("vpc", "vpc", unknown.vpc, (state) => state.vpcs),
  kind("subnet", "subnet", unknown.subnet, (state) => state.subnets),
  kind("scr", "subnet-cidr-reservation", unknown.reservation, (state) => state.reservations),
  kind("eni", "network-interface", unknown.eni, (state) => state.enis),
  kind("i", "instance", unknown.instance, (state) => state.instances),
  kind("sg", "security-group", unknown.group, (state) => state.groups),
  kind("rtb", "route-table", unknown.routeTable, (state) => state.routeTables),
  kind("lt", "launch-template", unknown.launchTemplate, (state) => state.launchTemplates),
  kind("igw", "internet-gateway", unknown.gateway, (state) => state.gateways),
  kind("eigw", "egress-only-internet-gateway", unknown.egressOnlyGateway, (state) => state.egressOnlyGateways),
  kind("eipalloc", "elastic-ip", unknown.elasticAddress, (state) => state.elasticAddresses),
  kind("nat", "natgateway", unknown.natGateway, (state) => state.natGateways),
  {
    prefix: "sgr",
    type: "security-group-rule",
    unknown: unknown.rule,
    all: rulesOf,
    get: (state, id) => rulesOf(state).find((rule) => rule.id === id),
  },
];

export function findTaggable(state: State, id: string): Ec2Result<Taggable> {
  const prefix = id.slice(0, id.indexOf("-"));
  const found = KINDS.find((candidate) => candidate.prefix === prefix);
  if (found === undefined) return refuse(unknown.resource(id));
  const taggable = found.get(state, id);
  return taggable === undefined ? refuse(found.unknown(id)) : ok(taggable);
}

export function allTaggables(state: State): Taggable[] {
  return KINDS.flatMap((each) => [...each.all(state)]);
}
