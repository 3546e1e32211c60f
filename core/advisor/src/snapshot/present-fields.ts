type Presence<T> = { readonly [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  readonly [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** The object without the fields that are `undefined`: what is not known is absent. */
export function present<T extends object>(fields: T): Presence<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Presence<T>;
}
