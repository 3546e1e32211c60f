import { formatCidr4, parseCidr4Loose, type Cidr4 } from "@slash28/address";

/** Variables by name, as a process gets them. An empty value counts as none. */
export type Env = Readonly<Record<string, string | undefined>>;

/** Something an operator should hear about a variable. */
export interface SettingNotice {
  /** `invalid`: not a value it can have. `ignored`: valid, but another setting takes precedence. `unsupported`: upstream serves it, this agent does not. */
  readonly kind: "invalid" | "ignored" | "unsupported";
  readonly variable: string;
  /** The value given; `undefined` when it was needed and missing. */
  readonly given: string | undefined;
  /** What is used instead. */
  readonly used: string;
  readonly why: string;
}

/** What became of one variable. */
export interface SettingReading {
  readonly variable: string;
  /** As in the environment; `undefined` when not set or empty. */
  readonly given: string | undefined;
  /** What holds without it. */
  readonly fallback: string;
  /** What holds. */
  readonly used: string;
}

const NOTHING = "none";
const TRUE = new Set(["1", "t", "T", "TRUE", "true", "True"]);
const FALSE = new Set(["0", "f", "F", "FALSE", "false", "False"]);
const HTTP_URL = /^https?:\/\/[^\s/]+/;
const INTEGER = /^[+-]?\d+$/;

/** Reads typed values out of an environment and notes what it could not take. */
export class EnvReader {
  readonly notices: SettingNotice[] = [];
  /** By variable, in the order they were read first. */
  readonly readings = new Map<string, SettingReading>();
  readonly #env: Env;

  constructor(env: Env) {
    this.#env = env;
  }

  /** The text of a variable; `undefined` when it is not set or empty. */
  text(variable: string): string | undefined {
    const value = this.#env[variable];
    return value === "" ? undefined : value;
  }

  /** The text of a variable, or what stands for it. */
  word<T extends string | undefined>(variable: string, fallback: T): string | T {
    return this.took(variable, fallback, this.text(variable) ?? fallback);
  }

  /** Keeps what is used for a variable, and hands it back. */
  took<T extends string | number | boolean | undefined>(variable: string, fallback: string | number | boolean | undefined, used: T): T {
    const said = (value: typeof fallback): string => String(value ?? NOTHING);
    this.readings.set(variable, { variable, given: this.text(variable), fallback: said(fallback), used: said(used) });
    return used;
  }

  /** A boolean in exactly the spellings Go's `ParseBool` takes. */
  flag(variable: string, fallback: boolean): boolean {
    const given = this.text(variable);
    if (given === undefined) return this.took(variable, fallback, fallback);
    if (TRUE.has(given)) return this.took(variable, fallback, true);
    if (FALSE.has(given)) return this.took(variable, fallback, false);
    this.note("invalid", variable, String(fallback), "is not one of true, t, 1, false, f, 0");
    return this.took(variable, fallback, fallback);
  }

  /** A decimal whole number within bounds. */
  integer<T extends number | undefined>(variable: string, fallback: T, least: number, most = Number.MAX_SAFE_INTEGER): number | T {
    const given = this.text(variable);
    if (given === undefined) return this.took(variable, fallback, fallback);
    const value = INTEGER.test(given) ? Number(given) : Number.NaN;
    if (value >= least && value <= most) return this.took(variable, fallback, value === 0 ? 0 : value);
    const bounds = most === Number.MAX_SAFE_INTEGER ? `${least} or more` : `from ${least} to ${most}`;
    this.note("invalid", variable, String(fallback ?? NOTHING), `is not a whole number, ${bounds}`);
    return this.took(variable, fallback, fallback);
  }

  /** One of some words, in any case when `anyCase`. */
  choice<T extends string, F extends T | undefined>(variable: string, words: readonly T[], fallback: F, anyCase = false): T | F {
    const given = this.text(variable);
    if (given === undefined) return this.took(variable, fallback, fallback);
    const found = words.find((word) => word === (anyCase ? given.toLowerCase() : given));
    if (found === undefined) this.note("invalid", variable, fallback ?? NOTHING, `is not one of ${words.join(", ")}`);
    return this.took(variable, fallback, found ?? fallback);
  }

  /** An HTTP address. */
  url(variable: string): string | undefined {
    const given = this.text(variable);
    if (given === undefined || HTTP_URL.test(given)) return this.took(variable, undefined, given);
    this.note("invalid", variable, NOTHING, "is not an http:// or https:// address");
    return this.took(variable, undefined, undefined);
  }

  /** A comma-separated list of IPv4 ranges; host bits are cleared, what is no such range is left out. */
  cidrs(variable: string): readonly Cidr4[] {
    const parts = (this.text(variable) ?? "").split(",").map((part) => part.trim());
    const ranges = parts.flatMap((part) => parseCidr4Loose(part) ?? []);
    const wrong = parts.filter((part) => part !== "" && parseCidr4Loose(part) === undefined);
    const used = this.took(variable, undefined, ranges.map(formatCidr4).join(",") || NOTHING);
    if (wrong.length > 0) this.note("invalid", variable, used, `${wrong.join(", ")}: not an IPv4 range, left out`);
    return ranges;
  }

  note(kind: SettingNotice["kind"], variable: string, used: string, why: string): void {
    this.notices.push({ kind, variable, given: this.text(variable), used, why });
  }
}
