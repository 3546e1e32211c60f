import { distinct, type UnreadDocument } from "./documents.ts";

/** What could not be read, why, and what would help; what failed for one reason is told once. Empty when everything was read. */
export function unreadText(unread: readonly UnreadDocument[]): readonly string[] {
  return distinct(unread.map(({ code, message }) => `${code}: ${message}`)).flatMap((why) => {
    const ofIt = unread.filter(({ code, message }) => `${code}: ${message}` === why);
    const first = ofIt[0];
    if (first === undefined) return [];
    const more = ofIt.length === 1 ? "" : `, and ${ofIt.length - 1} more`;
    return [`not read: ${shortened(first.from)}${more}: ${why}${remedy(ofIt)}`];
  });
}

const REFUSED = /AccessDenied|Unauthorized|Forbidden|AuthFailure/;

function remedy(unread: readonly UnreadDocument[]): string {
  const [first] = unread;
  if (first === undefined) return "";
  if (REFUSED.test(first.code)) return `; allow ${distinct(unread.map(({ needs }) => needs)).join(", ")}`;
  if (first.code === "NO_CREDENTIALS") return '; with AWS CLI: eval "$(aws configure export-credentials --format env)"';
  return "";
}

function shortened(from: string): string {
  return from.length <= 90 ? from : `${from.slice(0, 87)}...`;
}
