import type { Env } from "./env-reader.ts";
import type { ParsedSettings } from "./parse-settings.ts";
import { unreadVariables } from "./unread-variables.ts";

/** A variable that does not do what whoever set it expects: a wrong value, or a name that nobody reads. */
export interface SettingComplaint {
  readonly variable: string;
  /** Absent when it was needed and missing. */
  readonly given?: string;
  /** What holds instead; absent for a variable that is not read. */
  readonly used?: string;
  readonly why: string;
}

/** Everything of an environment that its author must hear of. Valid values that another setting overrides are not among it. */
export function settingComplaints(
  env: Env,
  { notices, readings }: Pick<ParsedSettings, "notices" | "readings">,
): readonly SettingComplaint[] {
  const known = new Set(readings.map(({ variable }) => variable));
  return [
    ...notices
      .filter(({ kind }) => kind !== "ignored")
      .map(({ variable, given, used, why }) => ({ variable, ...(given === undefined ? {} : { given }), used, why })),
    ...unreadVariables(env, known).map(({ variable, given, why }) => ({ variable, given, why })),
  ];
}

/** One sentence for one complaint: `WARM_IP_TARGET=many is not a whole number, 0 or more: 0 is used`. */
export function complaintText({ variable, given, used, why }: SettingComplaint): string {
  const name = given === undefined ? variable : `${variable}=${given}`;
  return used === undefined ? `${name} has no effect: ${why}` : `${name}: ${why}; used: ${used}`;
}
