import { explainSettings, type ExplainedSetting } from "@slash28/ipam";
import type { ClusterView } from "../snapshot/cluster-view.ts";
import { fact, named, objectOf, type Check } from "./check.ts";
import { ROLLOUT, setEnv } from "./commands.ts";
import { setEnvChange } from "./fleet-fixes.ts";

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
    const { idle, wrong, minimumAlone } = conflictsIn(view);
    if (idle.length + wrong.length === 0 && minimumAlone === undefined) return [];
    return [
      {
        objects: [objectOf("DaemonSet", { namespace: "kube-system", name: "aws-node" })],
        evidence: [
          ...idle.map(({ variable, value, overriddenBy }) =>
            fact(`${variable}=${value} has no effect: ${named(overriddenBy.map(({ why }) => why))}`, `${variable}=${value}`),
          ),
          ...wrong.flatMap(({ variable, given = "", problems }) =>
            problems.map(({ why, used }) => fact(`${variable}${given === "" ? "" : `=${given}`}: ${why}; ${used} is used`, given)),
          ),
          ...(minimumAlone === undefined
            ? []
            : [fact(`MINIMUM_IP_TARGET=${minimumAlone} is set, and WARM_IP_TARGET is not`, minimumAlone)]),
        ],
        cause:
          "The warm targets, which say how many free addresses a node keeps, contradict one another or cannot be read, and aws-node goes by some of them only. The others look as if they did something.",
        fix: {
          commands: [setEnv(mendedTargets(view)), ROLLOUT],
          risk: "What is taken away had no effect. If it was meant to have one, take the targets away that override it instead.",
          needsNodeReplacement: false,
        },
      },
    ];
  },
  effect: (view) => ({ kind: "simulate", changes: [setEnvChange(view, mendedTargets(view))] }),
};

interface Conflicts {
  /** Set, valid, and without effect. */
  readonly idle: readonly ExplainedSetting[];
  /** Set to what they cannot be, or needed and missing. */
  readonly wrong: readonly ExplainedSetting[];
  /** MINIMUM_IP_TARGET, where WARM_IP_TARGET is not set beside it. */
  readonly minimumAlone?: number;
}

function conflictsIn(view: ClusterView): Conflicts {
  if (!view.hasSettings || view.isIpv6) return { idle: [], wrong: [] };
  const targets = explainSettings(view.env).settings.filter(({ variable }) => TARGETS.includes(variable));
  const { warmIpTarget, minimumIpTarget } = view.settings.pool;
  return {
    idle: targets.filter(({ hasEffect, source, value }) => !hasEffect && source === "given" && Number(value) > 0),
    wrong: targets.filter(({ problems }) => problems.length > 0),
    ...(minimumIpTarget !== undefined && warmIpTarget === undefined ? { minimumAlone: minimumIpTarget } : {}),
  };
}

/** The targets that should be set otherwise; `undefined` takes one away. Prefixes cannot do without a target of theirs. */
function mendedTargets(view: ClusterView): Readonly<Record<string, string | undefined>> {
  const { idle, wrong, minimumAlone } = conflictsIn(view);
  const needed = (variable: string): string | undefined => (variable === "WARM_PREFIX_TARGET" ? "1" : undefined);
  return {
    ...Object.fromEntries(wrong.map(({ variable }): [string, string | undefined] => [variable, needed(variable)])),
    ...Object.fromEntries(idle.map(({ variable }): [string, undefined] => [variable, undefined])),
    ...(minimumAlone === undefined ? {} : { WARM_IP_TARGET: "2" }),
  };
}
