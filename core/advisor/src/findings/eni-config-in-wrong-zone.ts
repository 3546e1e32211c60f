import { eniConfigOf } from "../snapshot/pod-subnets.ts";
import { groupBy } from "../snapshot/cluster-view.ts";
import { counted, fact, named, objectOf, type Check } from "./check.ts";
import { eniConfigEffect } from "./eni-config-effect.ts";
import { choiceText, subnetForEniConfig, subnetWord } from "./subnet-for-eni-config.ts";
import { eniConfigPatch } from "./eni-config-manifest.ts";

export const eniConfigInWrongZone: Check = {
  id: "eni-config-in-wrong-zone",
  title: "An ENIConfig names a subnet of another zone than its nodes'",
  severity: "critical",
  explain:
    "An ENI can be attached only to an instance of its own zone. An ENIConfig whose subnet is in another zone than the nodes that go by it, or whose subnet does not exist, gives them no ENI: pods there wait for an address.",
  needs: ["nodes", "daemonSets", "eniConfigs", "subnets"],
  uses: ["pods"],
  find: (view) => {
    if (!view.settings.pool.customNetworking) return [];
    const wrong = view.nodes.flatMap((node) => {
      const config = eniConfigOf(view, node.node);
      if (config === undefined || node.zone === undefined) return [];
      const subnet = view.subnet(config.subnetId);
      return subnet?.zone === node.zone ? [] : [{ node, config, subnet }];
    });
    return [...groupBy(wrong, ({ config }) => config)].map(([config, members]) => {
      const subnet = members[0]?.subnet;
      const zones = [...new Set(members.flatMap(({ node }) => node.zone ?? []))];
      const name = config.subnetId ?? "(none)";
      const [zone = "zone"] = zones;
      const nodes = members.map(({ node }) => node);
      const place = subnetForEniConfig(view, zone, nodes);
      return {
        objects: [{ kind: "ENIConfig", name: config.name }, ...members.map(({ node }) => objectOf("Node", { name: node.name }))],
        evidence: [
          fact(
            subnet === undefined ? `its subnet ${name} is not among the snapshot's` : `its subnet ${name} is in ${subnet.zone}`,
            subnet?.zone ?? name,
          ),
          fact(`${counted(members.length, "node")} of ${named(zones)} go by it`, members.length),
        ],
        cause: `ENIConfig ${config.name} leads nodes of ${named(zones)} to ${name}, ${subnet === undefined ? "which is not there" : `which is in ${subnet.zone}`}. EC2 attaches no network interface across zones, so pods on these nodes get no address.`,
        fix: {
          commands: [...(place?.kind === "new" ? place.subnet.commands : []), eniConfigPatch(config.name, subnetWord(place, zone))],
          risk: `It holds for network interfaces that are made from then on. ${choiceText(place)}`,
          needsNodeReplacement: false,
        },
      };
    });
  },
  effect: (view, { objects }) => eniConfigEffect(view, objects),
};
