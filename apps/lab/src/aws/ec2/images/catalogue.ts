import { NODE_IMAGES, type NodeImage } from "@slash28/node-bootstrap";

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

/** One image for each of the Kubernetes versions before, architectures and families. Their ids are the lab's own and never change. */
const EARLIER: readonly CataloguedImage[] = FLAVOURS.flatMap((flavour, flavourIndex) =>
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

/** The version node groups bring their nodes to, and the last one that AL2 was made for. */
const LATEST = "1.35";
const LATEST_AL2 = "1.32";

/** An image that node groups launch: EKS's name tells kind, version and release. */
function nodeImage({ id, os, architecture, amiType }: NodeImage): CataloguedImage {
  const version = os === "al2" ? LATEST_AL2 : LATEST;
  const flavour = /_(NVIDIA|NEURON|GPU)$/.exec(amiType)?.[1]?.toLowerCase();
  const name = {
    al2: `amazon-eks-${flavour === undefined ? "" : `${flavour}-`}${architecture === "arm64" ? "arm64-" : ""}node-${version}-v${RELEASE}`,
    al2023: `amazon-eks-node-al2023-${architecture}-${flavour ?? "standard"}-${version}-v${RELEASE}`,
    bottlerocket: `bottlerocket-aws-k8s-${version}${flavour === undefined ? "" : `-${flavour}`}-${architecture === "arm64" ? "aarch64" : architecture}-v1.51.0`,
  }[os];
  const what = { al2: "Amazon Linux 2", al2023: "Amazon Linux 2023", bottlerocket: "Bottlerocket" }[os];
  return {
    id,
    name,
    description: `EKS-optimized Kubernetes node based on ${what}, (k8s: ${version})`,
    architecture,
    createdAt: CREATED_AT,
  };
}

/** Every node image there is to be found: those that node groups launch, and earlier ones. */
export const IMAGES: readonly CataloguedImage[] = [...NODE_IMAGES.map(nodeImage), ...EARLIER];
