import type { DataPlane } from "../control/index.ts";

/** What of this machine decides whether packets can move. */
export interface HostFacts {
  readonly platform: string;
  readonly isRoot: boolean;
  readonly hasProgram: (name: string) => boolean;
}

export type HostCheck =
  | { readonly kind: "ready" }
  /** Debian packages would help, and may be installed by this user. */
  | { readonly kind: "installable"; readonly packages: readonly string[] }
  /** One line for a person: what is missing and what to do. */
  | { readonly kind: "unfit"; readonly reason: string };

const TOOLS = [
  { program: "ip", debianPackage: "iproute2" },
  { program: "nft", debianPackage: "nftables" },
] as const;

const SIMULATED = "or run the same control plane without packets: slash28 lab up --data-plane simulated";

/** Whether this machine can run a lab with this data plane. */
export function checkHost(facts: HostFacts, dataPlane: DataPlane): HostCheck {
  if (dataPlane === "simulated") return { kind: "ready" };
  if (facts.platform !== "linux")
    return { kind: "unfit", reason: `the lab's data plane needs Linux, this is ${facts.platform}; use a Linux machine, ${SIMULATED}` };
  if (!facts.isRoot)
    return { kind: "unfit", reason: `the lab's data plane makes network namespaces, which needs root; use sudo, ${SIMULATED}` };
  const missing = TOOLS.filter(({ program }) => !facts.hasProgram(program));
  if (missing.length === 0) return { kind: "ready" };
  if (facts.hasProgram("apt-get")) return { kind: "installable", packages: missing.map((tool) => tool.debianPackage) };
  const names = missing.map(({ program, debianPackage }) => `${program} (package ${debianPackage})`).join(" and ");
  return { kind: "unfit", reason: `${names} is not installed; install it, ${SIMULATED}` };
}
