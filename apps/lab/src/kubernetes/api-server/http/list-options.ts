import { badRequest, fail, forbiddenField, invalid, notSupported, succeed, type Result } from "@slash28/kube-store";

import type { Page, WantedVersion } from "../operations/read-objects.ts";
import { countParameter, isSet, parameter } from "./api-call.ts";

const OPTIONS = "ListOptions.meta.k8s.io";
const MATCHES = ["Exact", "NotOlderThan"];

/** `limit`, `continue`, `resourceVersion` and `resourceVersionMatch` of a list (Kubernetes API concepts, "Resource versions"). */
export function pageOf(query: URLSearchParams): Result<Page> {
  const limit = countParameter(query, "limit");
  const continueToken = parameter(query, "continue");
  const given = versionParameter(query);
  if (!given.ok) return given;
  const version = given.value;
  const match = matchParameter(query, version);
  if (!match.ok) return match;
  if (continueToken !== undefined && (version ?? 0) > 0)
    return fail(badRequest("specifying resource version is not allowed when using continue"));
  if (version === undefined || version === 0) return succeed({ limit, continueToken });
  // Before there was a match to ask with, a limited list at a version was one of that very version.
  const isExact = match.value === "Exact" || (match.value === undefined && (limit ?? 0) > 0);
  const wanted: WantedVersion = { version, match: isExact ? "exact" : "not-older-than" };
  return succeed({ limit, continueToken, version: wanted });
}

function matchParameter(query: URLSearchParams, version: number | undefined): Result<string | undefined> {
  const match = parameter(query, "resourceVersionMatch");
  if (match === undefined) return succeed(undefined);
  if (version === undefined) return refused("resourceVersionMatch is forbidden unless resourceVersion is provided");
  if (!MATCHES.includes(match)) return fail(invalid(OPTIONS, "", [notSupported("resourceVersionMatch", match, MATCHES)]));
  if (match === "Exact" && version === 0) return refused('resourceVersionMatch "exact" is forbidden for resourceVersion "0"');
  return succeed(match);
}

function refused(why: string): Result<never> {
  return fail(invalid(OPTIONS, "", [forbiddenField("resourceVersionMatch", why)]));
}

/** A resource version as a number; `undefined` when none is given. */
export function versionParameter(query: URLSearchParams): Result<number | undefined> {
  const text = parameter(query, "resourceVersion");
  if (text === undefined) return succeed(undefined);
  const version = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(version)) return succeed(version);
  return fail(badRequest(`Invalid value: ${JSON.stringify(text)}: resourceVersion must be a number`));
}

/** Whether a watch starts with every object there is, as `ADDED` (KEP-3157 for `sendInitialEvents`). */
export function startOfWatch(
  query: URLSearchParams,
): Result<{ readonly sendsInitial: boolean; readonly marksEnd: boolean; readonly after?: number }> {
  const version = versionParameter(query);
  if (!version.ok) return version;
  const isAsked = parameter(query, "sendInitialEvents") !== undefined;
  const match = parameter(query, "resourceVersionMatch");
  if (isAsked && match !== "NotOlderThan") return refused("sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
  if (!isAsked && match !== undefined) return refused("resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided");
  const sends = isSet(query, "sendInitialEvents");
  const isUnset = version.value === undefined || version.value === 0;
  if (isAsked && !sends) return succeed({ sendsInitial: false, marksEnd: false, ...(isUnset ? {} : { after: version.value }) });
  return succeed({ sendsInitial: sends || isUnset, marksEnd: sends, ...(isUnset ? {} : { after: version.value }) });
}
