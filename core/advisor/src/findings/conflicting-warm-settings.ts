import { explainSettings } from "@slash28/ipam";
import { fact, named, objectOf, type Check } from "./check.ts";
import { ROLLOUT, setEnv } from "./commands.ts";

const TARGETS = ["WARM_ENI_TARGET", "WARM_PREFIX_TARGET", "WARM_IP_TARGET", "MINIMUM_IP_TARGET", "MAX_ENI"];

export const conflictingWarmSettings: Check = {
  id: "conflicting-warm-settings",
  title: "Warm targets are set that have no effect",
  severity: "warning",
  explain:
    "Only one model of warm targets is in force: WARM_IP_TARGET or MINIMUM_IP_TARGET if either is set; else WARM_PREFIX_TARGET with prefixes, WARM_ENI_TARGET without. A target of another model is ignored, so whoever set it expects what does not happen. Values that the stock manifest writes, and 0, mislead nobody and are not told. MINIMUM_IP_TARGET alone is told, for the VPC CNI then keeps no address ahead of the next pod.",
  needs: ["daemonSets"],
  uses: [],
  find: (view) => {
    if (!view.hasSettings || view.isIpv6) return [];
    const { settings } = explainSettings(view.env);
    const idle = settings.filter(
      ({ variable, hasEffect, source, value }) => TARGETS.includes(variable) && !hasEffect && source === "given" && Number(value) > 0,
    );
    const wrong = settings.filter(({ variable, problems }) => TARGETS.includes(variable) && problems.length > 0);
    const { warmIpTarget, minimumIpTarget } = view.settings.pool;
    const isMinimumAlone = minimumIpTarget !== undefined && warmIpTarget === undefined;
    if (idle.length + wrong.length === 0 && !isMinimumAlone) return [];
    const taken = Object.fromEntries([...idle, ...wrong].map(({ variable }): [string, undefined] => [variable, undefined]));
    return [
      {
        objects: [objectOf("DaemonSet", { namespace: "kube-system", name: "aws-node" })],
        evidence: [
          ...idle.map(({ variable, value, overriddenBy }) =>
            fact(`${variable}=${value} has no effect: ${named(overriddenBy.map(({ why }) => why))}`, `${variable}=${value}`),
          ),
          ...wrong.flatMap(({ variable, given, problems }) =>
            problems.map(({ why, used }) => fact(`${variable}=${given ?? ""} ${why}; ${used} is used`, given ?? "")),
          ),
          ...(isMinimumAlone ? [fact(`MINIMUM_IP_TARGET=${minimumIpTarget} is set, and WARM_IP_TARGET is not`, minimumIpTarget)] : []),
        ],
        cause: "Targets of different models are set, and the agent goes by one of them. The others look as if they did something.",
        fix: {
          commands: [setEnv({ ...taken, ...(isMinimumAlone ? { WARM_IP_TARGET: "2" } : {}) }), ROLLOUT],
          risk: "None: what is taken away had no effect. If it was meant to have one, take the targets away that override it instead.",
          needsNodeReplacement: false,
        },
      },
    ];
  },
};
