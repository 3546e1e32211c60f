import { complaintText, settingComplaints, type Env, type ParsedSettings } from "@slash28/ipam";
import type { Log } from "@slash28/ports";

/** The reason of the event that names every setting which is not used as given. */
export const INVALID_SETTINGS = "InvalidSettings";
/** Kubernetes takes 1024 bytes of an event's message. */
const MESSAGE_MAX = 950;

/**
 * Says once, at the start, which variables do not do what their author expects: each in the log, all of them in one event's text.
 * `undefined` when there is nothing wrong.
 */
export function reportSettings(env: Env, parsed: Pick<ParsedSettings, "notices" | "readings">, log: Log): string | undefined {
  for (const { variable, given, why } of parsed.notices.filter(({ kind }) => kind === "ignored"))
    log.warn("a setting has no effect", { variable, given, why });
  const complaints = settingComplaints(env, parsed);
  for (const { variable, given, used, why } of complaints) log.error("a setting is not used as given", { variable, given, used, why });
  if (complaints.length === 0) return undefined;
  const text = `not used as given: ${complaints.map(complaintText).join(" | ")}`;
  return text.length <= MESSAGE_MAX ? text : `${text.slice(0, MESSAGE_MAX)}… (the rest is in the agent's log)`;
}
