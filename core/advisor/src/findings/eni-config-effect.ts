import type { FleetChange } from "@slash28/fleet";
import { unknownEffect, type PlannedEffect } from "../effect/planned-effect.ts";
import type { FindingObject } from "../finding.ts";
import type { ClusterView } from "../snapshot/cluster-view.ts";
import { subnetForEniConfig } from "./subnet-for-eni-config.ts";

/** The nodes of a finding about an ENIConfig get one that names the subnet its fix names. */
export function eniConfigEffect(view: ClusterView, objects: readonly FindingObject[]): PlannedEffect {
  const nodes = view.nodes.filter(({ name }) => objects.some((object) => object.kind === "Node" && object.name === name));
  const zones = [...new Set(nodes.flatMap(({ zone }) => zone ?? []))];
  const [zone] = zones;
  if (zone === undefined || zones.length > 1)
    return unknownEffect("the nodes that go by this ENIConfig are of several zones, and a subnet is in one");
  const place = subnetForEniConfig(view, zone, nodes);
  if (place === undefined) return unknownEffect("no range is free for a new subnet");
  const subnet = place.kind === "there" ? place.subnet.id : place.subnet.change.subnet.name;
  const set: FleetChange = { kind: "set-eni-configs", atMs: 0, eniConfigs: { [zone]: subnet } };
  return { kind: "simulate", changes: place.kind === "there" ? [set] : [place.subnet.change, set] };
}
