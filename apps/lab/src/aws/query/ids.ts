import { asId, type Id } from "@slash28/address";

/** The ids a request names, for the model: none named means all. */
export function namedIds<T extends Id<string>>(ids: readonly string[] | undefined): { readonly ids?: readonly T[] } {
  return ids === undefined || ids.length === 0 ? {} : { ids: ids.map((id) => asId<T>(id)) };
}
