/** The fields of a record that have a value. */
export type Given<T> = { readonly [Name in keyof T]?: Exclude<T[Name], undefined> };

/** Leaves out the fields that are `undefined`. */
export function given<T extends object>(fields: T): Given<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Given<T>;
}
