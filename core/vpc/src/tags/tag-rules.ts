import { ok, refuse, type Ec2Error, type Ec2Result } from "../result.ts";
import type { Tag, Tags } from "./tag.ts";

const TAGS_MAX = 50;
const KEY_LENGTH_MAX = 128;
const VALUE_LENGTH_MAX = 256;
const RESERVED = /^aws:/i;

/** Whether a key is one of AWS's own, which no caller gives or takes. */
export function isReserved(key: string): boolean {
  return RESERVED.test(key);
}

function invalid(message: string): Ec2Error {
  return { code: "InvalidParameterValue", message };
}

/** Gathers a list of tags; a key given twice is refused, as EC2 does. */
export function tagsFrom(list: readonly Tag[]): Ec2Result<Tags> {
  const seen = new Map<string, string>();
  for (const { key, value } of list) {
    if (seen.has(key)) return refuse(invalid(`Duplicate tag key '${key}' specified.`));
    seen.set(key, value);
  }
  return ok(Object.fromEntries(seen));
}

/** Why these tags may not be given by a caller, if so (AWS: "Tag your Amazon EC2 resources", restrictions). */
export function tagFault(tags: Tags): Ec2Error | undefined {
  for (const [key, value] of Object.entries(tags)) {
    if (isReserved(key)) return invalid("Tag keys starting with 'aws:' are reserved for internal use");
    if (key === "" || key.length > KEY_LENGTH_MAX) {
      return invalid(`Tag key '${key}' is not valid. Tag keys must be between 1 and ${KEY_LENGTH_MAX} characters in length.`);
    }
    if (value.length > VALUE_LENGTH_MAX) {
      return invalid(`Tag value of key '${key}' exceeds the maximum length of ${VALUE_LENGTH_MAX} characters.`);
    }
  }
  return Object.keys(tags).length > TAGS_MAX ? tagLimit : undefined;
}

/** A resource's tags after more are put on it. */
export function withTags(present: Tags, added: Tags): Ec2Result<Tags> {
  const next = { ...present, ...added };
  return Object.keys(next).length > TAGS_MAX ? refuse(tagLimit) : ok(next);
}

const tagLimit: Ec2Error = { code: "TagLimitExceeded", message: "You have reached the maximum number of tags on the resource." };
