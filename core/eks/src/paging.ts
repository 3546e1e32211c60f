import { invalidParameter } from "./errors.ts";
import { ok, refuse, type EksResult } from "./result.ts";

export interface PageRequest {
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextToken?: string;
}

const RESULTS_MAX = 100;
const TOKEN = /^after:(.*)$/s;

/**
 * One page of a list that is in the order of its keys: at most `maxResults` (1 to 100, 100 when absent). The token names the last key shown, so
 * items that come or go between two pages neither repeat nor hide others.
 */
export function page<T>(items: readonly T[], keyOf: (item: T) => string, request: PageRequest): EksResult<Page<T>> {
  const { maxResults = RESULTS_MAX, nextToken } = request;
  if (!Number.isInteger(maxResults) || maxResults < 1 || maxResults > RESULTS_MAX) {
    return refuse(invalidParameter(`maxResults must be between 1 and ${RESULTS_MAX}, and is ${maxResults}.`));
  }
  const after = nextToken === undefined ? undefined : TOKEN.exec(nextToken)?.[1];
  if (nextToken !== undefined && after === undefined) return refuse(invalidParameter("The specified nextToken is invalid."));
  const sorted = items.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const rest = after === undefined ? sorted : sorted.filter((item) => keyOf(item) > after);
  const shown = rest.slice(0, maxResults);
  const last = shown.at(-1);
  return ok({ items: shown, ...(last === undefined || shown.length === rest.length ? {} : { nextToken: `after:${keyOf(last)}` }) });
}
