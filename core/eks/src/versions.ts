import type { Millis } from "./result.ts";

/** A Kubernetes minor version on EKS, with the dates of its life (EKS User Guide, "Amazon EKS Kubernetes release calendar"). */
export interface KubernetesVersion {
  /** `1.35` */
  readonly name: string;
  readonly patch: string;
  readonly platformVersion: string;
  readonly releasedOn: string;
  readonly standardSupportUntil: string;
  readonly extendedSupportUntil: string;
}

const calendar = (name: string, patch: string, platform: number, dates: readonly [string, string, string]): KubernetesVersion => ({
  name,
  patch: `${name}.${patch}`,
  platformVersion: `eks.${platform}`,
  releasedOn: dates[0],
  standardSupportUntil: dates[1],
  extendedSupportUntil: dates[2],
});

/** Oldest first. */
export const KUBERNETES_VERSIONS: readonly KubernetesVersion[] = [
  calendar("1.29", "15", 51, ["2024-01-23", "2025-03-23", "2026-03-23"]),
  calendar("1.30", "14", 50, ["2024-05-23", "2025-07-23", "2026-07-23"]),
  calendar("1.31", "14", 46, ["2024-09-26", "2025-11-26", "2026-11-26"]),
  calendar("1.32", "11", 39, ["2025-01-23", "2026-03-23", "2027-03-23"]),
  calendar("1.33", "8", 32, ["2025-05-29", "2026-07-29", "2027-07-29"]),
  calendar("1.34", "4", 20, ["2025-10-02", "2026-12-02", "2027-12-02"]),
  calendar("1.35", "2", 11, ["2026-01-27", "2027-03-27", "2028-03-27"]),
];

/** What a cluster gets that names no version. */
export const DEFAULT_VERSION = "1.35";

export function kubernetesVersion(name: string): KubernetesVersion | undefined {
  return KUBERNETES_VERSIONS.find((version) => version.name === name);
}

export function minorOf(version: string): number {
  return Number(version.split(".")[1]);
}

/** How a version is supported on a day. */
export function supportOf(version: KubernetesVersion, now: Millis): "STANDARD_SUPPORT" | "EXTENDED_SUPPORT" | "UNSUPPORTED" {
  if (now <= millisOf(version.standardSupportUntil)) return "STANDARD_SUPPORT";
  return now <= millisOf(version.extendedSupportUntil) ? "EXTENDED_SUPPORT" : "UNSUPPORTED";
}

const DAY_MS = 86_400_000;
const DAYS_BEFORE_MONTH = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];

/** Midnight UTC of `2026-01-27`, by the Gregorian calendar's rule for the years from 1970 to 2099. */
export function millisOf(date: string): Millis {
  const [year = 1970, month = 1, day = 1] = date.split("-").map(Number);
  const leapDays = Math.floor((year - 1969) / 4) + (year % 4 === 0 && month > 2 ? 1 : 0);
  return ((year - 1970) * 365 + leapDays + (DAYS_BEFORE_MONTH[month - 1] ?? 0) + day - 1) * DAY_MS;
}
