/** What an agent of an IPv6 cluster does next on its node. */
export type Ipv6Plan = { readonly kind: "assign-prefix" } | { readonly kind: "ready" };

/**
 * The pool of an IPv6 node (VPC CNI): one /80 on its primary ENI, and that is all of it. Its 2^48 addresses outlast any max pods, so no second prefix, no
 * further ENI and no warm target comes into it, and nothing is ever handed back. A prefix that is there, from an earlier run, is used.
 */
export function planIpv6Pool(primaryEni: { readonly ipv6Prefixes: readonly unknown[] }): Ipv6Plan {
  return { kind: primaryEni.ipv6Prefixes.length > 0 ? "ready" : "assign-prefix" };
}
