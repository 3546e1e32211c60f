import type { Env, SettingNotice } from "./env-reader.ts";
import { parseSettings } from "./parse-settings.ts";
import type { Override } from "./precedence.ts";
import { STOCK_MANIFEST } from "./stock-manifest.ts";
import { unreadVariables, type UnreadVariable } from "./unread-variables.ts";

/** `manifest`: given, with the value that the VPC CNI's own manifest gives. `given`: given, with another. `default`: not given, or not usable. */
export type SettingSource = "default" | "manifest" | "given";

/** One variable: what holds, where that comes from, what it decides and what decides it. */
export interface ExplainedSetting {
  readonly variable: string;
  /** What the agent works with; `none` where there is nothing. */
  readonly value: string;
  readonly source: SettingSource;
  readonly default: string;
  /** As in the environment; absent when not set or empty. */
  readonly given?: string;
  /** `false`: another setting takes its effect away. */
  readonly hasEffect: boolean;
  readonly overriddenBy: readonly Pick<Override, "by" | "why">[];
  /** Settings that this one decides, with those it decides together with another. */
  readonly overrides: readonly string[];
  /** What is wrong with the value given, and what is used instead. */
  readonly problems: readonly Pick<SettingNotice, "kind" | "used" | "why">[];
}

export interface ExplainedSettings {
  readonly settings: readonly ExplainedSetting[];
  /** Variables that look like settings and that the agent does not read. */
  readonly unread: readonly UnreadVariable[];
}

/** Every setting under an environment, by the same rules the agent goes by. */
export function explainSettings(env: Env): ExplainedSettings {
  const { readings, notices, overrides } = parseSettings(env);
  const settings = readings.map(({ variable, given, fallback, used }): ExplainedSetting => {
    const problems = notices.filter((notice) => notice.variable === variable && notice.kind !== "ignored");
    const deciding = overrides.filter((override) => override.variable === variable);
    return {
      variable,
      value: used,
      source: sourceOf(variable, given, problems.length > 0 && used === fallback),
      default: fallback,
      ...(given === undefined ? {} : { given }),
      hasEffect: deciding.every(({ effect }) => effect !== "none"),
      overriddenBy: deciding.map(({ by, why }) => ({ by, why })),
      overrides: overrides.filter(({ by }) => by.includes(variable)).map((override) => override.variable),
      problems: problems.map(({ kind, used, why }) => ({ kind, used, why })),
    };
  });
  return { settings, unread: unreadVariables(env, new Set(readings.map(({ variable }) => variable))) };
}

function sourceOf(variable: string, given: string | undefined, isRefused: boolean): SettingSource {
  if (given === undefined || isRefused) return "default";
  return STOCK_MANIFEST[variable] === given ? "manifest" : "given";
}
