/** An image that instances can be started from: the EKS node images, as EC2 would list them. The lab boots none of them. */
export interface CataloguedImage {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly architecture: "x86_64" | "arm64";
  readonly createdAt: string;
}

/** Amazon's account that owns the EKS node images in most Regions (EKS user guide, "Amazon EKS optimized Amazon Linux AMIs"). */
export const EKS_IMAGE_OWNER = "602401143452";

const RELEASE = "20260601";
export const CREATED_AT = "2026-06-01T00:00:00.000Z";
const VERSIONS = ["1.31", "1.32", "1.33", "1.34"] as const;
const ARCHITECTURES = ["x86_64", "arm64"] as const;
const FLAVOURS = [
  { family: "al2023", name: "standard", what: "Amazon Linux 2023" },
  { family: "bottlerocket", name: "bottlerocket", what: "Bottlerocket" },
] as const;

/** One image for each of the last Kubernetes versions, architectures and families. Their ids are the lab's own and never change. */
export const IMAGES: readonly CataloguedImage[] = FLAVOURS.flatMap((flavour, flavourIndex) =>
  VERSIONS.flatMap((version, versionIndex) =>
    ARCHITECTURES.map((architecture, architectureIndex): CataloguedImage => {
      const place = flavourIndex * 0x100 + versionIndex * 0x10 + architectureIndex;
      return {
        id: `ami-0e4500000000${place.toString(16).padStart(5, "0")}`,
        name:
          flavour.family === "al2023"
            ? `amazon-eks-node-al2023-${architecture}-${flavour.name}-${version}-v${RELEASE}`
            : `bottlerocket-aws-k8s-${version}-${architecture === "arm64" ? "aarch64" : architecture}-v1.40.0`,
        description: `EKS-optimized Kubernetes node based on ${flavour.what}, (k8s: ${version})`,
        architecture,
        createdAt: CREATED_AT,
      };
    }),
  ),
);
