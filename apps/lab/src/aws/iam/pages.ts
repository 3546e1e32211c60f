import { AwsError } from "../aws-error.ts";
import { keyPage } from "../query/key-page.ts";

export interface MarkerRequest {
  readonly Marker?: string | undefined;
  readonly MaxItems?: number | undefined;
}

export interface MarkerPage<T> {
  readonly items: readonly T[];
  /** Goes into the answer as it is. */
  readonly more: { readonly IsTruncated: boolean; readonly Marker?: string };
}

/** Items of a page where none are asked for, and at most (IAM API reference, "Common parameters"). */
const ITEMS_DEFAULT = 100;
const ITEMS_MAX = 1_000;

/** One page of a list that is sorted by `key`. A marker remembers the last key shown. */
export function markerPage<T>(
  items: readonly T[],
  { Marker, MaxItems = ITEMS_DEFAULT }: MarkerRequest,
  key: (item: T) => string,
): MarkerPage<T> {
  if (!Number.isInteger(MaxItems) || MaxItems < 1 || MaxItems > ITEMS_MAX) {
    throw new AwsError(
      "ValidationError",
      `1 validation error detected: Value '${MaxItems}' at 'maxItems' failed to satisfy constraint: Member must have value between 1 and ${ITEMS_MAX}`,
    );
  }
  const { items: shown, last } = keyPage(items, key, { after: Marker === undefined ? undefined : readMarker(Marker), size: MaxItems });
  if (last === undefined) return { items: shown, more: { IsTruncated: false } };
  return { items: shown, more: { IsTruncated: true, Marker: Buffer.from(JSON.stringify([last])).toString("base64url") } };
}

function readMarker(marker: string): string {
  try {
    const [key]: readonly unknown[] = JSON.parse(Buffer.from(marker, "base64url").toString("utf8")) as readonly unknown[];
    if (typeof key === "string") return key;
  } catch {
    // Told below, like every other marker that is not ours.
  }
  throw new AwsError("ValidationError", `Invalid Marker: ${marker.slice(0, 100)}`);
}
