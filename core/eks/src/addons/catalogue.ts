import { minorOf } from "../versions.ts";

/** One version of an add-on, and the Kubernetes minor versions it goes with. */
export interface AddonVersion {
  /** `v1.21.1-eksbuild.7` */
  readonly name: string;
  /** First and last minor, both included: `[29, 35]`. */
  readonly minors: readonly [first: number, last: number];
  /** Minors of which it is the default. */
  readonly defaultFor: readonly number[];
}

export interface Addon {
  readonly name: string;
  readonly type: string;
  readonly namespace: string;
  readonly publisher: "eks";
  readonly owner: "aws";
  /** Whether it needs AWS permissions, and the service account and policies EKS recommends for them. */
  readonly identity: readonly { readonly serviceAccount: string; readonly recommendedPolicies: readonly string[] }[];
  /** Newest first. */
  readonly versions: readonly AddonVersion[];
}

const version = (name: string, minors: readonly [number, number], ...defaultFor: number[]): AddonVersion => ({ name, minors, defaultFor });

const OWN = { publisher: "eks", owner: "aws", namespace: "kube-system" } as const;

/** The add-ons of a lab: versions of EKS's own catalogue, a selection of the many there are. */
export const ADDONS: readonly Addon[] = [
  {
    ...OWN,
    name: "coredns",
    type: "networking",
    identity: [],
    versions: [
      version("v1.14.3-eksbuild.2", [33, 35], 35),
      version("v1.13.2-eksbuild.4", [30, 35], 34),
      version("v1.13.2-eksbuild.1", [30, 35]),
      version("v1.12.4-eksbuild.1", [29, 34], 33),
      version("v1.11.4-eksbuild.32", [29, 33], 32, 31),
      version("v1.11.4-eksbuild.22", [29, 33], 30, 29),
      version("v1.11.4-eksbuild.10", [29, 32]),
      version("v1.11.4-eksbuild.2", [29, 32]),
      version("v1.11.1-eksbuild.11", [29, 31]),
    ],
  },
  {
    ...OWN,
    name: "eks-pod-identity-agent",
    type: "security",
    identity: [],
    versions: [
      version("v1.3.10-eksbuild.3", [29, 35], 35, 34),
      version("v1.3.10-eksbuild.2", [29, 35], 33, 32, 31, 30, 29),
      version("v1.3.8-eksbuild.2", [29, 34]),
      version("v1.3.5-eksbuild.2", [29, 33]),
      version("v1.3.2-eksbuild.2", [29, 32]),
    ],
  },
  {
    ...OWN,
    name: "kube-proxy",
    type: "networking",
    identity: [],
    versions: [
      version("v1.35.3-eksbuild.11", [35, 35], 35),
      version("v1.35.0-eksbuild.2", [35, 35]),
      version("v1.34.6-eksbuild.2", [34, 35], 34),
      version("v1.34.3-eksbuild.5", [34, 35]),
      version("v1.33.10-eksbuild.2", [33, 35], 33),
      version("v1.33.7-eksbuild.2", [33, 35]),
      version("v1.32.13-eksbuild.16", [32, 35], 32),
      version("v1.32.6-eksbuild.8", [32, 35]),
      version("v1.31.14-eksbuild.20", [31, 34], 31),
      version("v1.30.14-eksbuild.28", [30, 33], 30),
      version("v1.29.15-eksbuild.27", [29, 32], 29),
    ],
  },
  {
    ...OWN,
    name: "vpc-cni",
    type: "networking",
    identity: [{ serviceAccount: "aws-node", recommendedPolicies: ["arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy"] }],
    versions: [
      version("v1.23.1-eksbuild.1", [30, 35]),
      version("v1.22.3-eksbuild.1", [29, 35], 35, 34, 33),
      version("v1.22.2-eksbuild.1", [29, 35]),
      version("v1.22.1-eksbuild.2", [29, 35]),
      version("v1.21.2-eksbuild.2", [29, 35], 32, 31),
      version("v1.21.1-eksbuild.8", [29, 35], 30, 29),
      version("v1.21.1-eksbuild.7", [29, 35]),
      version("v1.21.1-eksbuild.3", [29, 35]),
      version("v1.21.1-eksbuild.1", [29, 35]),
      version("v1.20.5-eksbuild.1", [29, 35]),
      version("v1.20.1-eksbuild.3", [29, 34]),
      version("v1.19.6-eksbuild.7", [29, 33]),
      version("v1.19.2-eksbuild.5", [29, 33]),
      version("v1.19.0-eksbuild.1", [29, 32]),
      version("v1.18.6-eksbuild.1", [29, 32]),
      version("v1.18.3-eksbuild.3", [29, 31]),
      version("v1.17.1-eksbuild.1", [29, 30]),
      version("v1.16.4-eksbuild.2", [29, 29]),
    ],
  },
];

export function addonNamed(name: string): Addon | undefined {
  return ADDONS.find((addon) => addon.name === name);
}

/** Whether a version of an add-on goes with a Kubernetes version such as `1.35`. */
export function isCompatible({ minors: [first, last] }: AddonVersion, kubernetesVersion: string): boolean {
  const minor = minorOf(kubernetesVersion);
  return first <= minor && minor <= last;
}

export function isDefault(version: AddonVersion, kubernetesVersion: string): boolean {
  return version.defaultFor.includes(minorOf(kubernetesVersion));
}

export function defaultVersionOf(addon: Addon, kubernetesVersion: string): AddonVersion | undefined {
  return addon.versions.find((version) => isDefault(version, kubernetesVersion));
}

/**
 * How many minor versions lie between two versions of an add-on. EKS carries any change out; for the VPC CNI its user guide recommends one minor
 * version at a time.
 */
export function skippedMinors(from: string, to: string): number {
  const [before, after] = [from, to].map((name) => minorOf(name.replace(/^v/, "")));
  return Math.max(0, Math.abs((after ?? 0) - (before ?? 0)) - 1);
}
