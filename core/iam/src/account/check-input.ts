import type { IamError } from "../result.ts";
import type { Tags } from "./account.ts";
import { IAM_QUOTAS } from "./quotas.ts";

/** Constraints on names and paths are those of the IAM API reference, in the words its validation uses. */
export function checkName(parameter: string, name: string, lengthMax = 64): IamError | undefined {
  if (name.length < 1 || name.length > lengthMax) {
    const which = name.length < 1 ? "greater than or equal to 1" : `less than or equal to ${lengthMax}`;
    return unsatisfied(name, parameter, `Member must have length ${which}`);
  }
  if (/^[\w+=,.@-]+$/.test(name)) return undefined;
  return {
    code: "ValidationError",
    message: `The specified value for ${parameter} is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-`,
  };
}

export function checkPath(path: string): IamError | undefined {
  if (path.length <= 512 && /^(?:\/|\/[\u0021-\u007e]+\/)$/.test(path)) return undefined;
  return {
    code: "ValidationError",
    message:
      "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.",
  };
}

/** Tags given with a request: keys differ in more than their case, and there are not too many with those already there. */
export function checkTags(added: readonly (readonly [string, string])[], present: Tags = {}): IamError | undefined {
  const seen = new Set<string>();
  for (const [key, value] of added) {
    if (key.length < 1 || key.length > 128 || !TAG_TEXT.test(key)) return unsatisfied(key, "tags.member.key", TAG_RULE);
    if (value.length > 256 || !TAG_TEXT.test(value)) return unsatisfied(value, "tags.member.value", TAG_RULE);
    if (/^aws:/i.test(key)) return { code: "InvalidInput", message: "Tag keys starting with 'aws:' are reserved for system use." };
    if (seen.has(key.toLowerCase())) {
      return { code: "InvalidInput", message: "Duplicate tag keys found. Please note that Tag keys are case insensitive." };
    }
    seen.add(key.toLowerCase());
  }
  const kept = Object.keys(present).filter((key) => !seen.has(key.toLowerCase())).length;
  if (kept + seen.size <= IAM_QUOTAS.tags) return undefined;
  return { code: "LimitExceeded", message: `The number of tags has reached the maximum limit of ${IAM_QUOTAS.tags}.` };
}

const TAG_TEXT = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
const TAG_RULE = "Member must satisfy regular expression pattern: [\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+";

/** Tags after a change; a key that is there in another case is replaced. */
export function withTags(present: Tags, added: readonly (readonly [string, string])[]): Tags {
  const lowered = new Set(added.map(([key]) => key.toLowerCase()));
  return Object.fromEntries([...Object.entries(present).filter(([key]) => !lowered.has(key.toLowerCase())), ...added]);
}

export function withoutTags(present: Tags, keys: readonly string[]): Tags {
  const lowered = new Set(keys.map((key) => key.toLowerCase()));
  return Object.fromEntries(Object.entries(present).filter(([key]) => !lowered.has(key.toLowerCase())));
}

/** The text AWS services give for a parameter outside of its model. */
export function unsatisfied(value: string, parameter: string, constraint: string): IamError {
  return {
    code: "ValidationError",
    message: `1 validation error detected: Value '${value}' at '${parameter}' failed to satisfy constraint: ${constraint}`,
  };
}
