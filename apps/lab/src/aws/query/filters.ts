import { AwsError, invalidValue } from "../aws-error.ts";
import type { Tags } from "@slash28/vpc";

/** A filter as the SDK's types have it. */
export interface Filter {
  readonly Name?: string | undefined;
  readonly Values?: readonly string[] | undefined;
}

type FilterText = string | number | boolean | undefined;

/** Filter name → the values of an object it looks at; any of them may match. */
export type FilterTable<T> = Readonly<Record<string, (item: T) => FilterText | readonly FilterText[]>>;

/** EC2 takes this many values in one request (EC2 user guide, "List and filter your resources"). */
const VALUES_MAX = 200;

/**
 * Keeps the items every filter matches; the values of one filter are alternatives. `tag:KEY` and `tag-key` come by themselves for
 * whatever has tags.
 * A table that must be made first is made only when there is a filter.
 * @throws {AwsError} for a filter name the table does not have
 */
export function filtered<T>(
  items: readonly T[],
  filters: readonly Filter[] | undefined,
  table: FilterTable<T> | (() => FilterTable<T>),
): readonly T[] {
  if (filters === undefined || filters.length === 0) return items;
  const values = filters.reduce((sum, filter) => sum + (filter.Values?.length ?? 0), 0);
  if (values > VALUES_MAX)
    throw new AwsError("FilterLimitExceeded", `The request has ${values} filter values; at most ${VALUES_MAX} are taken.`);
  const names = typeof table === "function" ? table() : table;
  const tests = filters.map((filter) => filterTest(filter, names));
  return items.filter((item) => tests.every((test) => test(item)));
}

function filterTest<T>({ Name: name = "", Values: values }: Filter, table: FilterTable<T>): (item: T) => boolean {
  const extract = extractor(name, table);
  if (extract === undefined) throw invalidValue(`The filter '${name}' is invalid`);
  if (values === undefined || values.length === 0) throw invalidValue(`The filter '${name}' has no value`);
  const patterns = values.map(wildcardPattern);
  return (item) => {
    const found = extract(item);
    const texts: readonly FilterText[] = Array.isArray(found) ? found : [found as FilterText];
    return texts.some((text) => text !== undefined && patterns.some((pattern) => pattern.test(String(text))));
  };
}

function extractor<T>(name: string, table: FilterTable<T>): FilterTable<T>[string] | undefined {
  if (Object.hasOwn(table, name)) return table[name];
  const tags = (item: T): Tags => (item as { readonly tags?: Tags }).tags ?? {};
  if (name === "tag-key") return (item) => Object.keys(tags(item));
  const key = /^tag:(.+)$/s.exec(name)?.[1];
  return key === undefined ? undefined : (item) => (Object.hasOwn(tags(item), key) ? tags(item)[key] : undefined);
}

/** `*` is any text, `?` any one character, a backslash takes the next character as it is; letters match in their own case. */
export function wildcardPattern(text: string): RegExp {
  const source = text.replace(/\\(.)|([*?])|([\s\S])/gs, (_, escaped?: string, wild?: string, plain?: string) => {
    if (wild !== undefined) return wild === "*" ? ".*" : ".";
    return (escaped ?? plain ?? "").replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
  });
  return new RegExp(`^${source}$`, "s");
}
