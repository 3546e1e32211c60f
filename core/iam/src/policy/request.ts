/** Condition keys in lower case → their values; a key that is not there is absent, an empty list is a key without a value. */
export type ContextKeys = ReadonlyMap<string, readonly string[]>;

/** One thing asked of an account: an action on one resource. */
export interface AccessRequest {
  /** `ec2:CreateTags`; its case does not matter. */
  readonly action: string;
  /** The ARN, or `*` for an action that takes no resource. */
  readonly resource: string;
  readonly context: ContextKeys;
}

/** Context from pairs of a key in any case and one value or several; what is `undefined` is left out. */
export function contextOf(pairs: Iterable<readonly [string, string | readonly string[] | undefined]>): ContextKeys {
  const context = new Map<string, readonly string[]>();
  for (const [key, value] of pairs) {
    if (value !== undefined) context.set(key.toLowerCase(), typeof value === "string" ? [value] : value);
  }
  return context;
}
