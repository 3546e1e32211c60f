/**
 * Whether text matches a pattern in which `*` is any run of characters and `?` any one. Linear in the text for each `*`, so that no policy
 * can make a request slow.
 */
export function matchesWildcard(pattern: string, text: string): boolean {
  if (pattern === "*") return true;
  let p = 0;
  let t = 0;
  let star = -1;
  let resume = 0;
  while (t < text.length) {
    const c = pattern[p];
    if (c === "*") {
      star = p++;
      resume = t;
    } else if (c !== undefined && isOne(c, text[t])) {
      p++;
      t++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (pattern[p] === "*") p++;
  return p === pattern.length;
}

/** Stand in a pattern for a `*` or `?` that is meant as it is: one a policy variable brought in, or `${*}` and `${?}`. */
export const LITERAL_STAR = "\uE000";
export const LITERAL_QUESTION = "\uE001";

function isOne(c: string, of: string | undefined): boolean {
  return c === "?" || c === of || (c === LITERAL_STAR && of === "*") || (c === LITERAL_QUESTION && of === "?");
}

/** Whether an ARN matches a pattern part by part: a wildcard of one of the first five parts does not reach over a colon. */
export function matchesArn(pattern: string, arn: string): boolean {
  if (pattern === "*") return true;
  const wanted = arnParts(pattern);
  const parts = arnParts(arn);
  if (wanted === undefined || parts === undefined) return false;
  return wanted.every((part, index) => matchesWildcard(part, parts[index] ?? ""));
}

/** `arn`, partition, service, Region, account, and all the rest as one. */
function arnParts(arn: string): readonly string[] | undefined {
  const parts = arn.split(":");
  return parts.length < 6 ? undefined : [...parts.slice(0, 5), parts.slice(5).join(":")];
}
