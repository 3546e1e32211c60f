/** Suffixes of dual-stack endpoints, by the beginning of the Region's name; the last is that of the partition `aws`. */
const SUFFIXES: readonly (readonly [regions: string, suffix: string])[] = [
  ["cn-", "api.amazonwebservices.com.cn"],
  ["us-iso-", "api.aws.ic.gov"],
  ["us-isob-", "api.aws.scloud"],
  ["eusc-", "api.amazonwebservices.eu"],
  ["", "api.aws"],
];

/** Where EKS Auth answers in a Region, a URL; it has only dual-stack endpoints (AWS General Reference, "Amazon EKS endpoints and quotas"). */
export function eksAuthEndpoint(region: string, { isFips }: { readonly isFips: boolean }): string {
  const suffix = SUFFIXES.find(([regions]) => region.startsWith(regions))?.[1] ?? "api.aws";
  return `https://eks-auth${isFips ? "-fips" : ""}.${region}.${suffix}`;
}
