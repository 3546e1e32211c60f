/** A VPC CNI release. */
export interface CniVersion {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
}

const FORM = /^v?(\d+)\.(\d+)(?:\.(\d+))?(?:[.+-].*)?$/;

/** Reads `1.18.0`, `v1.18.0`, `1.9`, `1.9.0-eksbuild.1`; compared as numbers. `undefined` for anything else, also a lone major. */
export function parseCniVersion(text: string): CniVersion | undefined {
  const match = FORM.exec(text.trim());
  if (match === null) return undefined;
  return { major: Number(match[1]), minor: Number(match[2]), patch: Number(match[3] ?? 0) };
}

/** Whether `version` is `least` or later. */
export function isAtLeast(version: CniVersion, least: CniVersion): boolean {
  if (version.major !== least.major) return version.major > least.major;
  if (version.minor !== least.minor) return version.minor > least.minor;
  return version.patch >= least.patch;
}

const SCRIPT_FORM = /^(\d+)\.(\d+)(?:\..*)?$/;

/**
 * Reads a version as the retired shell calculator did: no leading `v`, patch ignored, and a part with a leading zero taken as octal; a part that is
 * no octal number (`1.09`) leaves prefixes off. `undefined` where the script stopped with an error.
 */
export function scriptAllowsPrefixes(text: string): boolean | undefined {
  const match = SCRIPT_FORM.exec(text);
  if (match === null) return undefined;
  const major = scriptNumber(match[1] ?? "");
  const minor = scriptNumber(match[2] ?? "");
  if (Number.isNaN(major) || Number.isNaN(minor)) return false;
  return major > 1 || (major === 1 && minor > 8);
}

function scriptNumber(digits: string): number {
  if (!/^0\d/.test(digits)) return Number(digits);
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number.NaN;
}
