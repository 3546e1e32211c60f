import { ok, refuse, type Result } from "../result.ts";
import type { PolicyDocument, Statement } from "./document.ts";
import { readConditions } from "./read-condition.ts";
import { readPrincipal } from "./read-principal.ts";
import { isRecord, malformed, textList } from "./read-json.ts";

/**
 * What a policy is for. `identity`: attached to users and roles, no principals. `trust`: a role's, principals and no resources.
 */
export type PolicyUse = "identity" | "trust";

const TOP_KEYS = new Set(["Version", "Id", "Statement"]);
const STATEMENT_KEYS = new Set([
  "Sid",
  "Effect",
  "Principal",
  "NotPrincipal",
  "Action",
  "NotAction",
  "Resource",
  "NotResource",
  "Condition",
]);

/** Reads a policy's JSON text and checks its grammar. @returns `MalformedPolicyDocument` in IAM's words otherwise */
export function readPolicy(text: string, use: PolicyUse): Result<PolicyDocument> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return malformed("This policy contains invalid Json");
  }
  if (!isRecord(json)) return malformed("Syntax errors in policy.");
  const stranger = Object.keys(json).find((key) => !TOP_KEYS.has(key));
  if (stranger !== undefined) return malformed(`Syntax errors in policy. Unknown field ${stranger}`);
  const version = json["Version"] ?? "2008-10-17";
  if (version !== "2012-10-17" && version !== "2008-10-17") return malformed("The policy must contain a valid version string");
  const raw = json["Statement"];
  const list = Array.isArray(raw) ? (raw as readonly unknown[]) : [raw];
  if (raw === undefined || list.length === 0) return malformed("Syntax errors in policy. Missing required field Statement");
  const statements: Statement[] = [];
  const sids = new Set<string>();
  for (const item of list) {
    const read = readStatement(item, use);
    if (!read.ok) return read;
    const { sid } = read.value;
    if (sid !== undefined && sid !== "" && sids.has(sid)) return malformed(`Statement IDs (SID) in a single policy must be unique.`);
    if (sid !== undefined) sids.add(sid);
    statements.push(read.value);
  }
  return ok({ version, statements });
}

function readStatement(json: unknown, use: PolicyUse): Result<Statement> {
  if (!isRecord(json)) return malformed("Syntax errors in policy.");
  const stranger = Object.keys(json).find((key) => !STATEMENT_KEYS.has(key));
  if (stranger !== undefined) return malformed(`Syntax errors in policy. Unknown field ${stranger}`);
  const effect = json["Effect"];
  if (effect === undefined) return malformed("Missing required field Effect");
  if (effect !== "Allow" && effect !== "Deny") return malformed(`Invalid effect: ${shown(effect)}`);
  const sid = json["Sid"];
  if (sid !== undefined && typeof sid !== "string") return malformed("Syntax errors in policy. Sid must be a string");
  if (sid !== undefined && use === "identity" && !/^[A-Za-z0-9]*$/.test(sid)) {
    return malformed("Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*");
  }
  const actions = readActions(json, use);
  if (!actions.ok) return actions;
  const resources = readResources(json, use);
  if (!resources.ok) return resources;
  const principals = readPrincipals(json, use);
  if (!principals.ok) return principals;
  const conditions = readConditions(json["Condition"]);
  if (!conditions.ok) return conditions;
  return ok({
    ...(sid === undefined ? {} : { sid }),
    effect,
    ...actions.value,
    ...resources.value,
    ...principals.value,
    conditions: conditions.value,
  });
}

function readActions(json: Readonly<Record<string, unknown>>, use: PolicyUse): Result<Pick<Statement, "actions" | "notActions">> {
  const both = oneOf(json, "Action", "NotAction");
  if (!both.ok) return both;
  if (both.value === undefined) {
    return malformed(use === "trust" ? "Missing required field Action" : "Policy statement must contain actions.");
  }
  const { key, list } = both.value;
  for (const action of list) {
    if (action === "*") continue;
    const match = /^([A-Za-z0-9-]+):([A-Za-z0-9*?]+)$/.exec(action);
    if (match === null) {
      return action.includes(":")
        ? malformed(`Invalid Action: ${action}`)
        : malformed("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.");
    }
    if (use === "trust" && match[1]?.toLowerCase() !== "sts")
      return malformed("AssumeRole policy may only specify STS AssumeRole actions.");
  }
  const lowered = list.map((action) => action.toLowerCase());
  return ok(key === "Action" ? { actions: lowered } : { notActions: lowered });
}

function readResources(json: Readonly<Record<string, unknown>>, use: PolicyUse): Result<Pick<Statement, "resources" | "notResources">> {
  if (use === "trust") {
    const prohibited = ["Resource", "NotResource"].find((key) => key in json);
    return prohibited === undefined ? ok({}) : malformed(`Has prohibited field ${prohibited}`);
  }
  const both = oneOf(json, "Resource", "NotResource");
  if (!both.ok) return both;
  if (both.value === undefined) return malformed("Policy statement must contain resources.");
  const { key, list } = both.value;
  const wrong = list.find((resource) => resource !== "*" && !/^arn:[^:]*:[^:]*:[^:]*:[^:]*:.+$/s.test(resource) && !/^\*+$/.test(resource));
  if (wrong !== undefined) return malformed(`Resource ${wrong} must be in ARN format or "*".`);
  return ok(key === "Resource" ? { resources: list } : { notResources: list });
}

function readPrincipals(json: Readonly<Record<string, unknown>>, use: PolicyUse): Result<Pick<Statement, "principal" | "notPrincipal">> {
  const has = (key: string): boolean => json[key] !== undefined;
  if (use === "identity") {
    return has("Principal") || has("NotPrincipal") ? malformed("Policy document should not specify a principal.") : ok({});
  }
  if (has("Principal") && has("NotPrincipal")) return malformed("Syntax errors in policy. Principal and NotPrincipal exclude one another");
  if (!has("Principal") && !has("NotPrincipal")) return malformed("Missing required field Principal");
  const read = readPrincipal(json["Principal"] ?? json["NotPrincipal"]);
  if (!read.ok) return read;
  return ok(has("Principal") ? { principal: read.value } : { notPrincipal: read.value });
}

/** The strings of whichever of two keys is there; `undefined` when neither is. */
function oneOf<K extends string>(
  json: Readonly<Record<string, unknown>>,
  plain: K,
  not: K,
): Result<{ readonly key: K; readonly list: readonly string[] } | undefined> {
  if (json[plain] !== undefined && json[not] !== undefined) {
    return malformed(`Syntax errors in policy. ${plain} and ${not} exclude one another`);
  }
  const key = json[plain] === undefined ? not : plain;
  if (json[key] === undefined) return ok(undefined);
  const list = textList(json[key]);
  if (list === undefined) return malformed(`Syntax errors in policy. ${key} must be a string or a list of strings`);
  return list.length === 0 ? ok(undefined) : ok({ key, list });
}

function shown(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** A policy's length as IAM's quotas count it: white space outside of strings is free. */
export function countedLength(text: string): number {
  let count = 0;
  let inString = false;
  for (let index = 0; index < text.length; index++) {
    const c = text[index] ?? "";
    if (inString && c === "\\") {
      count += 2;
      index++;
      continue;
    }
    if (c === '"') inString = !inString;
    if (inString || !/\s/.test(c)) count++;
  }
  return count;
}

/** Reads a policy that an action stores, and holds it to a quota in characters. */
export function readPolicyWithin(text: string, use: PolicyUse, charactersMax: number, quotaName: string): Result<PolicyDocument> {
  const read = readPolicy(text, use);
  if (!read.ok) return read;
  return countedLength(text) > charactersMax ? refuse("LimitExceeded", `Cannot exceed quota for ${quotaName}: ${charactersMax}`) : read;
}
