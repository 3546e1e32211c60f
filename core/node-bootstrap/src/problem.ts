/** Something read, or sentences that say what is wrong, where, and what to do. */
export type Reading<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problems: readonly string[] };

export function read<T>(value: T): Reading<T> {
  return { ok: true, value };
}

export function refused(...problems: readonly string[]): { readonly ok: false; readonly problems: readonly string[] } {
  return { ok: false, problems };
}
