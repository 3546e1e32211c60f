import { AwsError, invalidCombination, invalidValue } from "../aws-error.ts";

export interface PageRequest {
  readonly MaxResults?: number | undefined;
  readonly NextToken?: string | undefined;
}

export interface PageRules<T> {
  /** The action: a token of one action is not taken by another. */
  readonly action: string;
  readonly key: (item: T) => string;
  /** Largest `MaxResults`; 1000 when absent. */
  readonly resultsMax?: number;
  /** Page size where none is asked for; everything at once when absent. */
  readonly resultsDefault?: number;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly NextToken?: string;
}

const RESULTS_MIN = 5;

/**
 * One page of a list. A token remembers the last item shown, so items that come or go between two pages neither repeat nor hide others.
 * @throws {AwsError} `InvalidParameterValue` for a size out of range, `InvalidNextToken`
 */
export function page<T>(items: readonly T[], request: PageRequest, rules: PageRules<T>): Page<T> {
  const { action, key, resultsMax = 1000, resultsDefault = Number.POSITIVE_INFINITY } = rules;
  const asked = request.MaxResults;
  if (asked !== undefined && (!Number.isInteger(asked) || asked < RESULTS_MIN || asked > resultsMax)) {
    const bound = asked < RESULTS_MIN ? `greater than or equal to ${RESULTS_MIN}` : `less than or equal to ${resultsMax}`;
    throw invalidValue(`Value ( ${asked} ) for parameter maxResults is invalid. Expecting a whole number ${bound}.`);
  }
  const size = asked ?? resultsDefault;
  const start = request.NextToken === undefined ? 0 : startAfter(items, readToken(request.NextToken, action), key);
  const shown = items.slice(start, start + size);
  const last = shown.at(-1);
  if (last === undefined || start + shown.length >= items.length) return { items: shown };
  return { items: shown, NextToken: writeToken({ action, next: start + shown.length, last: key(last) }) };
}

/** Some actions take either ids or a page size. */
export function eitherIdsOrPages(ids: readonly unknown[] | undefined, request: PageRequest, idsParameter: string): void {
  if (ids !== undefined && ids.length > 0 && request.MaxResults !== undefined) {
    throw invalidCombination(`The parameter ${idsParameter} cannot be used with the parameter maxResults`);
  }
}

interface Position {
  readonly action: string;
  /** Where to go on when the last item is gone. */
  readonly next: number;
  readonly last: string;
}

function startAfter<T>(items: readonly T[], { next, last }: Position, key: (item: T) => string): number {
  const index = items.findIndex((item) => key(item) === last);
  return index >= 0 ? index + 1 : Math.min(next, items.length);
}

function writeToken({ action, next, last }: Position): string {
  return Buffer.from(JSON.stringify([action, next, last])).toString("base64url");
}

function readToken(token: string, action: string): Position {
  const [forAction, next, last] = parseToken(token);
  if (forAction === action && typeof next === "number" && Number.isInteger(next) && next >= 0 && typeof last === "string") {
    return { action, next, last };
  }
  throw new AwsError("InvalidNextToken", "The token in NextToken is not one this action gave.");
}

function parseToken(token: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(token, "base64url").toString("utf8"));
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
