import { eniConfigNameOf, eniConfigOf } from "../snapshot/pod-subnets.ts";
import { groupBy } from "../snapshot/cluster-view.ts";
import { counted, fact, named, objectOf, type Check } from "./check.ts";
import { eniConfigEffect } from "./eni-config-effect.ts";
import { eniConfigManifest } from "./eni-config-manifest.ts";
import { choiceText, subnetForEniConfig, subnetWord } from "./subnet-for-eni-config.ts";

export const eniConfigMissingForZone: Check = {
  id: "eni-config-missing-for-zone",
  title: "Nodes have no ENIConfig to make ENIs by",
  severity: "critical",
  explain:
    "With custom networking a node's ENIs for pods are made as its ENIConfig says. Which one that is, an annotation or a label of the node tells (ENI_CONFIG_LABEL_DEF=topology.kubernetes.io/zone makes it the zone's name); a node with neither uses the one called default. Where there is no ENIConfig of that name the node gets no ENI, and pods on it no address.",
  needs: ["nodes", "daemonSets", "eniConfigs"],
  uses: ["pods", "events"],
  find: (view) => {
    if (!view.settings.pool.customNetworking) return [];
    const without = view.nodes.filter(({ node }) => !node.isFargate && eniConfigOf(view, node) === undefined);
    return [...groupBy(without, ({ node }) => eniConfigNameOf(view, node))].map(([name, nodes]) => {
      const zones = [...new Set(nodes.flatMap(({ zone }) => zone ?? []))];
      const waiting = view.waitingPods.filter(({ nodeName }) => nodes.some((node) => node.name === nodeName)).length;
      const there = (view.snapshot.eniConfigs ?? []).map((config) => config.name);
      const [zone = "zone"] = zones;
      const place = subnetForEniConfig(view, zone, nodes);
      return {
        objects: [{ kind: "ENIConfig", name }, ...nodes.map((node) => objectOf("Node", { name: node.name }))],
        evidence: [
          fact(`${counted(nodes.length, "node")} (${named(zones)}) go by the ENIConfig ${name}`, nodes.length),
          fact(there.length === 0 ? "there is no ENIConfig at all" : `there are ENIConfigs ${named(there)}`, there.length),
          fact(`nodes are told theirs by ${view.settings.enis.eniConfigLabel}`, view.settings.enis.eniConfigLabel),
          ...(waiting > 0 ? [fact(`${counted(waiting, "pod")} on them wait for an address`, waiting)] : []),
        ],
        cause: `Custom networking is on, and no ENIConfig is called ${name}. Nodes that go by that name make no network interfaces for pods, so their pods get no address.`,
        fix: {
          commands: [...(place?.kind === "new" ? place.subnet.commands : []), eniConfigManifest(name, subnetWord(place, zone), nodes)],
          risk: `Nodes that have no network interface for pods yet make one within a minute; those that are there do not move. ${choiceText(place)}`,
          needsNodeReplacement: false,
        },
      };
    });
  },
  effect: (view, { objects }) => eniConfigEffect(view, objects),
};
