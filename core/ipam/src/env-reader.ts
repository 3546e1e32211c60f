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

const TRUE = new Set(["1", "t", "T", "TRUE", "true", "True"]);
const FALSE = new Set(["0", "f", "F", "FALSE", "false", "False"]);
const INTEGER = /^[+-]?\d+$/;

/** Reads typed values out of an environment and notes what it could not take. */
export class EnvReader {
  readonly notices: SettingNotice[] = [];
  readonly #env: Env;

  constructor(env: Env) {
    this.#env = env;
  }

  /** The text of a variable; `undefined` when it is not set or empty. */
  text(variable: string): string | undefined {
    const value = this.#env[variable];
    return value === "" ? undefined : value;
  }

  /** A boolean in exactly the spellings Go's `ParseBool` takes. */
  flag(variable: string, fallback: boolean): boolean {
    const given = this.text(variable);
    if (given === undefined) return fallback;
    if (TRUE.has(given)) return true;
    if (FALSE.has(given)) return false;
    this.note("invalid", variable, String(fallback), "is not one of true, t, 1, false, f, 0");
    return fallback;
  }

  /** A decimal whole number within bounds. */
  integer<T extends number | undefined>(variable: string, fallback: T, least: number, most = Number.MAX_SAFE_INTEGER): number | T {
    const given = this.text(variable);
    if (given === undefined) return fallback;
    const value = INTEGER.test(given) ? Number(given) : Number.NaN;
    if (value >= least && value <= most) return value === 0 ? 0 : value;
    const bounds = most === Number.MAX_SAFE_INTEGER ? `${least} or more` : `from ${least} to ${most}`;
    this.note("invalid", variable, fallback === undefined ? "none" : String(fallback), `is not a whole number, ${bounds}`);
    return fallback;
  }

  /** One of some words, in any case when `anyCase`. */
  choice<T extends string>(variable: string, words: readonly T[], fallback: T, anyCase = false): T {
    const given = this.text(variable);
    if (given === undefined) return fallback;
    const found = words.find((word) => word === (anyCase ? given.toLowerCase() : given));
    if (found === undefined) this.note("invalid", variable, fallback, `is not one of ${words.join(", ")}`);
    return found ?? fallback;
  }

  /** A comma-separated list of IPv4 ranges; host bits are cleared, what is no such range is left out. */
  cidrs(variable: string): readonly Cidr4[] {
    const given = this.text(variable);
    if (given === undefined) return [];
    const parts = given.split(",").map((part) => part.trim());
    const ranges = parts.flatMap((part) => parseCidr4Loose(part) ?? []);
    const wrong = parts.filter((part) => part !== "" && parseCidr4Loose(part) === undefined);
    if (wrong.length > 0) {
      this.note("invalid", variable, ranges.map(formatCidr4).join(",") || "none", `${wrong.join(", ")}: not an IPv4 range, left out`);
    }
    return ranges;
  }

  note(kind: SettingNotice["kind"], variable: string, used: string, why: string): void {
    this.notices.push({ kind, variable, given: this.text(variable), used, why });
  }
}
