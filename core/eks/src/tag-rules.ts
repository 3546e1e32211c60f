import { invalidParameter } from "./errors.ts";
import type { EksError } from "./result.ts";
import type { Tags } from "./state.ts";

const TAGS_MAX = 50;
const KEY_MAX = 128;
const VALUE_MAX = 256;

/** Why a set of tags is refused, if it is: EKS User Guide, "Tag restrictions". */
export function tagFault(tags: Tags): EksError | undefined {
  const entries = Object.entries(tags);
  if (entries.length > TAGS_MAX) return invalidParameter(`A resource can have ${TAGS_MAX} tags at most, not ${entries.length}.`);
  for (const [key, value] of entries) {
    if (key.length === 0 || key.length > KEY_MAX) return invalidParameter(`A tag's key has 1 to ${KEY_MAX} characters: '${key}'.`);
    if (/^aws:/i.test(key)) return invalidParameter(`Tag keys that begin with aws: are AWS's own: '${key}'.`);
    if (value.length > VALUE_MAX) return invalidParameter(`The value of tag '${key}' is longer than ${VALUE_MAX} characters.`);
  }
  return undefined;
}
