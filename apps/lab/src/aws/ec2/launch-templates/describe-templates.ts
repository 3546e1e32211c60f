import { asId, type InstanceId, type SecurityGroupId } from "@slash28/address";
import type {
  DescribeLaunchTemplatesRequest,
  DescribeLaunchTemplatesResult,
  DescribeLaunchTemplateVersionsRequest,
  DescribeLaunchTemplateVersionsResult,
  GetLaunchTemplateDataRequest,
  GetLaunchTemplateDataResult,
} from "@aws-sdk/client-ec2";
import type { LaunchTemplate, LaunchTemplateId, LaunchTemplateVersion } from "@slash28/vpc";
import { answer, need, read } from "../../action.ts";
import { filtered, type FilterTable } from "../../query/filters.ts";
import { page } from "../../query/pagination.ts";
import { tagSet } from "../../query/tag-specifications.ts";
import { wireInstance } from "../instances/wire-instance.ts";
import { templateRef, wireTemplate, wireVersion } from "./wire-template.ts";

const RESULTS_MAX = 200;

const TEMPLATE_FILTERS: FilterTable<LaunchTemplate> = {
  "create-time": ({ createdAt }) => new Date(createdAt).toISOString(),
  "launch-template-name": ({ name }) => name,
};

export const describeLaunchTemplates = read<DescribeLaunchTemplatesRequest, DescribeLaunchTemplatesResult>(
  "DescribeLaunchTemplates",
  (input, { cloud, call }) => {
    const { LaunchTemplateIds: ids, LaunchTemplateNames: names } = input;
    const all = answer(
      cloud.describeLaunchTemplates(
        {
          ...(ids === undefined || ids.length === 0 ? {} : { ids: ids.map((id) => asId<LaunchTemplateId>(id)) }),
          ...(names === undefined || names.length === 0 ? {} : { names }),
        },
        call,
      ),
    );
    const matching = filtered(all, input.Filters, TEMPLATE_FILTERS);
    const { items, ...more } = page(matching, input, { action: "DescribeLaunchTemplates", key: ({ id }) => id, resultsMax: RESULTS_MAX });
    return { LaunchTemplates: items.map(wireTemplate), ...more };
  },
);

const text = (value: unknown): string | undefined => (typeof value === "string" || typeof value === "boolean" ? String(value) : undefined);

const VERSION_FILTERS: FilterTable<LaunchTemplateVersion> = {
  "create-time": ({ createdAt }) => new Date(createdAt).toISOString(),
  "ebs-optimized": ({ data }) => text(data["EbsOptimized"]),
  "image-id": ({ data }) => text(data["ImageId"]),
  "instance-type": ({ data }) => text(data["InstanceType"]),
  "is-default-version": ({ isDefault }) => isDefault,
  "kernel-id": ({ data }) => text(data["KernelId"]),
  "ram-disk-id": ({ data }) => text(data["RamDiskId"]),
};

export const describeLaunchTemplateVersions = read<DescribeLaunchTemplateVersionsRequest, DescribeLaunchTemplateVersionsResult>(
  "DescribeLaunchTemplateVersions",
  (input, { cloud, call }) => {
    const all = answer(
      cloud.describeLaunchTemplateVersions(
        {
          ...templateRef(input),
          ...(input.Versions === undefined || input.Versions.length === 0 ? {} : { versions: input.Versions }),
          ...(input.MinVersion === undefined ? {} : { minVersion: input.MinVersion }),
          ...(input.MaxVersion === undefined ? {} : { maxVersion: input.MaxVersion }),
        },
        call,
      ),
    );
    const matching = filtered(all, input.Filters, VERSION_FILTERS);
    const { items, ...more } = page(matching, input, {
      action: "DescribeLaunchTemplateVersions",
      key: ({ templateId, version }) => `${templateId} ${version}`,
      resultsMax: RESULTS_MAX,
    });
    return { LaunchTemplateVersions: items.map(wireVersion), ...more };
  },
);

/** The parameters that would launch an instance like this one. */
export const getLaunchTemplateData = read<GetLaunchTemplateDataRequest, GetLaunchTemplateDataResult>(
  "GetLaunchTemplateData",
  (input, { cloud, call }) => {
    const [instance] = answer(cloud.describeInstances({ ids: [asId<InstanceId>(need(input.InstanceId, "InstanceId"))] }, call));
    if (instance === undefined) return {};
    const wire = wireInstance(cloud, instance);
    const tags = Object.fromEntries(Object.entries(instance.tags).filter(([key]) => !key.startsWith("aws:")));
    return {
      LaunchTemplateData: {
        ImageId: instance.imageId,
        InstanceType: wire.InstanceType,
        KeyName: instance.keyName,
        UserData: instance.userData,
        IamInstanceProfile: instance.instanceProfile === undefined ? undefined : { Arn: wire.IamInstanceProfile?.Arn },
        Placement: { AvailabilityZone: instance.zone, Tenancy: "default" },
        MetadataOptions: {
          HttpEndpoint: instance.metadata.isEnabled ? "enabled" : "disabled",
          HttpTokens: instance.metadata.needsToken ? "required" : "optional",
          HttpPutResponseHopLimit: instance.metadata.hopLimit,
          InstanceMetadataTags: instance.metadata.showsTags ? "enabled" : "disabled",
        },
        NetworkInterfaces: cloud.view.attachedEnis(instance.id).map((eni) => ({
          DeviceIndex: eni.attachment?.deviceIndex,
          SubnetId: eni.subnetId,
          Groups: eni.groups.map((group: SecurityGroupId) => group),
          Description: eni.description,
          DeleteOnTermination: eni.attachment?.deleteOnTermination,
          PrivateIpAddresses: [],
        })),
        TagSpecifications: Object.keys(tags).length === 0 ? [] : [{ ResourceType: "instance", Tags: tagSet(tags) }],
      },
    };
  },
);
