/** The EKS node images the lab tells apart: each reads its user data in a way of its own. */
export type NodeOs = "al2" | "al2023" | "bottlerocket";

export type Architecture = "x86_64" | "arm64";

/** An image of the account that EKS publishes its images from. */
export interface NodeImage {
  readonly id: string;
  readonly os: NodeOs;
  readonly architecture: Architecture;
  /** EKS's name of the kind (`amiType` of a node group). */
  readonly amiType: string;
  /** `releaseVersion` of a node group on it. */
  readonly releaseVersion: string;
}

const RELEASES: Readonly<Record<NodeOs, string>> = { al2: "1.32.9-20251120", al2023: "1.35.0-20260801", bottlerocket: "1.51.0-5d1f0e4c" };

/**
 * The images of the lab's Region. The ids are the lab's own: real ones differ by Region and release, and are looked up, not known. Those of
 * kinds with extra drivers stand for the same system.
 */
export const NODE_IMAGES: readonly NodeImage[] = [
  image("ami-0a1b2c3d4e5f60718", "al2023", "x86_64", "AL2023_x86_64_STANDARD"),
  image("ami-0a1b2c3d4e5f60719", "al2023", "arm64", "AL2023_ARM_64_STANDARD"),
  image("ami-0a1b2c3d4e5f6071a", "al2023", "x86_64", "AL2023_x86_64_NEURON"),
  image("ami-0a1b2c3d4e5f6071b", "al2023", "x86_64", "AL2023_x86_64_NVIDIA"),
  image("ami-0a2b2c3d4e5f60718", "al2", "x86_64", "AL2_x86_64"),
  image("ami-0a2b2c3d4e5f60719", "al2", "arm64", "AL2_ARM_64"),
  image("ami-0a2b2c3d4e5f6071a", "al2", "x86_64", "AL2_x86_64_GPU"),
  image("ami-0ab2c3d4e5f607180", "bottlerocket", "x86_64", "BOTTLEROCKET_x86_64"),
  image("ami-0ab2c3d4e5f607181", "bottlerocket", "arm64", "BOTTLEROCKET_ARM_64"),
  image("ami-0ab2c3d4e5f607182", "bottlerocket", "x86_64", "BOTTLEROCKET_x86_64_NVIDIA"),
  image("ami-0ab2c3d4e5f607183", "bottlerocket", "arm64", "BOTTLEROCKET_ARM_64_NVIDIA"),
];

function image(id: string, os: NodeOs, architecture: Architecture, amiType: string): NodeImage {
  return { id, os, architecture, amiType, releaseVersion: RELEASES[os] };
}

export function nodeImage(id: string): NodeImage | undefined {
  return NODE_IMAGES.find((candidate) => candidate.id === id);
}
