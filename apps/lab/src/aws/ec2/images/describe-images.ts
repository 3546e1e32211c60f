import type { DescribeImagesRequest, DescribeImagesResult, Image } from "@aws-sdk/client-ec2";
import type { Cloud } from "@slash28/vpc";
import { read } from "../../action.ts";
import { AwsError } from "../../aws-error.ts";
import { filtered, type FilterTable } from "../../query/filters.ts";
import { page } from "../../query/pagination.ts";
import { architectureOf } from "../instances/wire-instance.ts";
import { CREATED_AT, EKS_IMAGE_OWNER, IMAGES, type CataloguedImage } from "./catalogue.ts";

/** The EKS node images, and whatever image an instance was started from. */
export const describeImages = read<DescribeImagesRequest, DescribeImagesResult>("DescribeImages", (input, { cloud }) => {
  const named = imagesNamed([...IMAGES, ...startedFrom(cloud)], input.ImageIds ?? []);
  const owned = ownedBy(named, input.Owners ?? [], cloud);
  const rules = { action: "DescribeImages", key: ({ id }: CataloguedImage) => id };
  const { items, ...more } = page(filtered(owned, input.Filters, FILTERS), input, rules);
  return { Images: items.map(wireImage), ...more };
});

function imagesNamed(all: readonly CataloguedImage[], ids: readonly string[]): readonly CataloguedImage[] {
  if (ids.length === 0) return all;
  const missing = ids.find((id) => all.every((image) => image.id !== id));
  if (missing !== undefined) throw new AwsError("InvalidAMIID.NotFound", `The image id '[${missing}]' does not exist`);
  return all.filter(({ id }) => ids.includes(id));
}

/** Nobody asks where an image of an instance came from; it exists, or the instance would not. */
function startedFrom(cloud: Cloud): readonly CataloguedImage[] {
  const known = new Set(IMAGES.map(({ id }) => id));
  const others = cloud.view.instances().filter(({ imageId }) => !known.has(imageId));
  return [...new Map(others.map((instance) => [instance.imageId, instance])).values()].map(({ imageId, type }) => ({
    id: imageId,
    name: imageId,
    description: "",
    architecture: architectureOf(type),
    createdAt: CREATED_AT,
  }));
}

function ownedBy(images: readonly CataloguedImage[], owners: readonly string[], { accountId }: Cloud): readonly CataloguedImage[] {
  const isAll = owners.length === 0 || owners.includes("amazon") || owners.includes(EKS_IMAGE_OWNER);
  if (isAll) return images;
  const unknown = owners.find((owner) => owner !== "self" && owner !== accountId && !/^(?:aws-marketplace|\d{12})$/.test(owner));
  if (unknown !== undefined) throw new AwsError("InvalidUserID.Malformed", `Invalid user id: "${unknown}"`);
  return [];
}

function wireImage({ id, name, description, architecture, createdAt }: CataloguedImage): Image {
  return {
    ImageId: id,
    Name: name,
    Description: description,
    Architecture: architecture,
    CreationDate: createdAt,
    OwnerId: EKS_IMAGE_OWNER,
    ImageOwnerAlias: "amazon",
    ImageLocation: `amazon/${name}`,
    ImageType: "machine",
    State: "available",
    Public: true,
    PlatformDetails: "Linux/UNIX",
    VirtualizationType: "hvm",
    Hypervisor: "xen",
    RootDeviceType: "ebs",
    RootDeviceName: "/dev/xvda",
    EnaSupport: true,
    BlockDeviceMappings: [],
    Tags: [],
  };
}

const FILTERS: FilterTable<CataloguedImage> = {
  architecture: (image) => image.architecture,
  "creation-date": ({ createdAt }) => createdAt,
  description: (image) => image.description,
  "ena-support": () => true,
  hypervisor: () => "xen",
  "image-id": ({ id }) => id,
  "image-type": () => "machine",
  "is-public": () => true,
  name: (image) => image.name,
  "owner-alias": () => "amazon",
  "owner-id": () => EKS_IMAGE_OWNER,
  platform: () => [],
  "root-device-name": () => "/dev/xvda",
  "root-device-type": () => "ebs",
  state: () => "available",
  "virtualization-type": () => "hvm",
};
